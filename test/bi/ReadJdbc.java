import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads kra_bi by JDBC. Called by drivers.sh; the argument is the directory of what is to be read. */
public final class ReadJdbc {
    private record Column(String type, String comment) { }

    private static int compared;
    private static final List<String> faults = new ArrayList<>();

    private static void same(String what, Object found, Object wanted) {
        compared++;
        if (!Objects.equals(found, wanted)) {
            faults.add(what + ": found " + found + ", wanted " + wanted);
        }
    }

    private static void near(String what, Double found, Double wanted) {
        if (found == null || wanted == null || Math.abs(found - wanted) > 1e-12 * Math.abs(wanted)) {
            same(what, found, wanted);
        } else {
            compared++;
        }
    }

    /** The rows of a file that COPY wrote; null is NULL. */
    private static List<String[]> copied(Path file) throws IOException {
        List<String[]> rows = new ArrayList<>();
        for (String line : Files.readString(file).split("\n")) {
            String[] fields = line.split("\t", -1);
            for (int i = 0; i < fields.length; i++) {
                fields[i] = fields[i].equals("\\N") ? null : unescaped(fields[i]);
            }
            if (!line.isEmpty()) {
                rows.add(fields);
            }
        }
        return rows;
    }

    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                c = text.charAt(++i);
                int at = "bfnrtv".indexOf(c);
                c = at < 0 ? c : "\b\f\n\r\t\013".charAt(at);
            }
            plain.append(c);
        }
        return plain.toString();
    }

    /** The value of a cell, as JDBC is to give it. */
    private static Object typed(String text, String type) {
        if (text == null) {
            return null;
        }
        return switch (type) {
            case "double precision" -> Double.valueOf(text);
            case "integer" -> Integer.valueOf(text);
            case "boolean" -> Boolean.valueOf(text);
            case "date" -> Date.valueOf(text);
            case "timestamp with time zone" -> Timestamp.from(OffsetDateTime.parse(text).toInstant());
            default -> text;
        };
    }

    private static int jdbcType(String type) {
        return switch (type) {
            case "double precision" -> Types.DOUBLE;
            case "integer" -> Types.INTEGER;
            case "boolean" -> Types.BIT;
            case "date" -> Types.DATE;
            case "timestamp with time zone" -> Types.TIMESTAMP;
            default -> Types.VARCHAR;
        };
    }

    private static int count(Connection db, String sql, Object parameter) throws SQLException {
        try (PreparedStatement statement = db.prepareStatement(sql)) {
            if (parameter instanceof String s) {
                statement.setString(1, s);
            } else if (parameter instanceof Date d) {
                statement.setDate(1, d);
            } else if (parameter != null) {
                statement.setObject(1, parameter);
            }
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path dir = Path.of(arguments[0]);
        Map<String, String> views = new TreeMap<>();
        Map<String, Map<String, Column>> columns = new TreeMap<>();
        for (String[] f : copied(dir.resolve("columns"))) {
            if (f[1].equals("0")) {
                views.put(f[0], f[4]);
                columns.put(f[0], new LinkedHashMap<>());
            } else {
                columns.get(f[0]).put(f[2], new Column(f[3], f[4]));
            }
        }
        Map<String, Map<String, Map<String, Object>>> rows = new HashMap<>();
        views.keySet().forEach(view -> rows.put(view, new TreeMap<>()));
        for (String[] f : copied(dir.resolve("cells"))) {
            rows.get(f[0]).computeIfAbsent(f[1], key -> new HashMap<>()).put(f[2], typed(f[3], columns.get(f[0]).get(f[2]).type()));
        }
        TreeSet<String> hidden = new TreeSet<>();
        copied(dir.resolve("hidden")).forEach(f -> hidden.add(f[0]));

        Properties login = new Properties();
        login.setProperty("user", Files.readString(dir.resolve("login")).trim());
        login.setProperty("password", System.getenv("KRA_BI_PASSWORD"));
        String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
        try (Connection db = DriverManager.getConnection(url, login)) {
            // the list of views with their comments, and their columns with types and comments
            Map<String, String> found = new TreeMap<>();
            try (ResultSet r = db.getMetaData().getTables(null, "kra_bi", "%", new String[] {"VIEW"})) {
                while (r.next()) {
                    found.put(r.getString("TABLE_NAME"), r.getString("REMARKS"));
                }
            }
            same("views", found, views);
            for (String view : views.keySet()) {
                List<List<Object>> names = new ArrayList<>();
                List<List<Object>> wanted = new ArrayList<>();
                try (ResultSet r = db.getMetaData().getColumns(null, "kra_bi", view, "%")) {
                    while (r.next()) {
                        names.add(List.of(r.getInt("ORDINAL_POSITION"), r.getString("COLUMN_NAME"), r.getInt("DATA_TYPE"), r.getString("REMARKS")));
                    }
                }
                columns.get(view).forEach((name, c) -> wanted.add(List.of(wanted.size() + 1, name, jdbcType(c.type()), c.comment())));
                same("columns of " + view, names, wanted);
            }

            // every row, with the classes that Java has for them, and what is NULL is never 0
            for (String view : views.keySet()) {
                try (PreparedStatement s = db.prepareStatement("SELECT * FROM kra_bi." + view); ResultSet r = s.executeQuery()) {
                    ResultSetMetaData meta = r.getMetaData();
                    TreeSet<String> keys = new TreeSet<>();
                    int n = 0;
                    while (r.next()) {
                        String key = r.getString("row_key");
                        Map<String, Object> row = rows.get(view).getOrDefault(key, Map.of());
                        keys.add(key);
                        n++;
                        for (int i = 1; i <= meta.getColumnCount(); i++) {
                            String name = meta.getColumnName(i);
                            Object value = r.getObject(i);
                            same(view + ", " + key + ", " + name, value, row.get(name));
                            if (value == null && jdbcType(columns.get(view).get(name).type()) == Types.DOUBLE) {
                                r.getDouble(i);
                                same(view + ", " + key + ", " + name + " is NULL", r.wasNull(), true);
                            } else if (value instanceof Date) {
                                same(view + ", " + key + ", " + name + " as a day", r.getObject(i, LocalDate.class), ((Date) value).toLocalDate());
                            }
                            if (value instanceof String && hidden.contains(value)) {
                                faults.add(view + ", " + key + ", " + name + ": shows " + value);
                            }
                        }
                    }
                    same("rows of " + view, n, rows.get(view).size());
                    same("keys of " + view, keys, new TreeSet<>(rows.get(view).keySet()));
                }
            }

            // bound parameters, of each text and date
            for (String view : Files.exists(dir.resolve("filters")) ? views.keySet() : new TreeSet<String>()) {
                for (Map.Entry<String, Column> c : columns.get(view).entrySet()) {
                    String type = c.getValue().type();
                    if (type.equals("text") || type.equals("date")) {
                        List<Object> values = new ArrayList<>();
                        rows.get(view).values().forEach(row -> values.add(row.get(c.getKey())));
                        Object value = values.stream().filter(Objects::nonNull).min((a, b) -> a.toString().compareTo(b.toString()))
                            .orElse(type.equals("date") ? Date.valueOf("2026-01-31") : "none's");
                        same(view + ", " + c.getKey() + " = " + value, count(db, "SELECT count(*) FROM kra_bi." + view + " WHERE " + c.getKey() + " = ?", value),
                             (int) values.stream().filter(value::equals).count());
                    }
                }
            }

            // sums and averages
            try (PreparedStatement s = db.prepareStatement("SELECT status, count(*), sum(on_target_count), avg(attainment_pct) FROM kra_bi.kpi_results GROUP BY status ORDER BY status");
                 ResultSet r = s.executeQuery()) {
                for (String[] f : copied(dir.resolve("totals"))) {
                    same("a status is there", r.next(), true);
                    same("status", r.getString(1), f[0]);
                    same("rows of " + f[0], r.getObject(2), Long.valueOf(f[1]));
                    same("targets met of " + f[0], r.getObject(3), Long.valueOf(f[2]));
                    near("average of " + f[0], (Double) r.getObject(4), (Double) typed(f[3], "double precision"));
                }
                same("a status more", r.next(), false);
            }

            // no more than row-level security shows
            for (String[] f : copied(dir.resolve("base"))) {
                same("rows of " + f[0], count(db, "SELECT count(*) FROM kra." + f[0], null), Integer.parseInt(f[1]));
            }
        }
        faults.stream().limit(20).forEach(fault -> System.out.println("WRONG: " + fault.substring(0, Math.min(600, fault.length()))));
        System.out.println(compared + " compared, " + faults.size() + " wrong");
        System.exit(faults.isEmpty() && compared >= 1000 ? 0 : 1);
    }
}
