#!/bin/sh
# Drivers read kra_bi as the roles that kra.grant_reader has made: JDBC, ODBC, and SQLAlchemy with
# psycopg2 and pandas. What they read is held against what psql reads as the same role, and that
# against what the owner reads of the reader's subjects. Needs a server that listens on TCP:
# PGHOST, PGPORT, PGUSER and PGPASSWORD are those of a superuser.
#
#   test/bi/drivers.sh [jdbc] [odbc] [pandas]     default: all
set -eu
cd "$(dirname "$0")/../.."
. test/bi/clients.sh

bad=0
run() {   # name, command
    name=$1
    shift
    for reader in north south; do
        "$@" "$dir/$reader" >"$dir/out" 2>&1 || bad=$((bad + 1))
        sed "s/^/$name as $reader: /" "$dir/out"
    done
}
for driver in ${*:-jdbc odbc pandas}; do
    case $driver in
        jdbc)
            mkdir "$dir/classes"
            javac -Xlint:all -d "$dir/classes" test/bi/ReadJdbc.java
            run JDBC java -XX:TieredStopAtLevel=1 -cp "$dir/classes:/usr/share/java/postgresql.jar" ReadJdbc
            ;;
        odbc) run ODBC /usr/bin/python3 test/bi/read_odbc.py ;;
        pandas) run pandas /usr/bin/python3 test/bi/read_pandas.py ;;
        *) echo "no driver $driver" >&2; exit 2 ;;
    esac
done
[ "$bad" -eq 0 ]
