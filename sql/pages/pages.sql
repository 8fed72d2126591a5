-- Pages for people: a report about one subject, a dashboard of many, and a report for chat and mail.
--
--   html, markdown        templates: the one place where text is escaped
--   report                report_head, report_kras, report_findings ... : a function a section
--   dashboard             one reading of scorecards, findings and what is due
--
-- Everything is read with the rights of the caller, through the functions behind the views.

-- Markup.

CREATE FUNCTION kra_internal.html(template text) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_html' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.html(text) IS 'HTML out of a template without placeholders; %% is a percent sign; NULL for NULL';

CREATE FUNCTION kra_internal.html(template text, VARIADIC args text[]) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_html' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.html(text, text[]) IS 'HTML out of a template: %s is the next argument, escaped for text and for attributes in double quotes, %h the next argument as it is, which must be markup that html or a picture made, %% a percent sign. Characters that HTML forbids become U+FFFD, controls of direction are left out. A NULL argument is nothing, a NULL template NULL; error for too few or too many arguments, and for any other placeholder';

CREATE FUNCTION kra_internal.markdown(template text) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_markdown' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.markdown(text) IS 'Markdown out of a template without placeholders; %% is a percent sign; NULL for NULL';

CREATE FUNCTION kra_internal.markdown(template text, VARIADIC args text[]) RETURNS text
    AS 'MODULE_PATHNAME', 'kra_markdown' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION kra_internal.markdown(text, text[]) IS 'Markdown out of a template, with the placeholders of html: %s is the next argument on one line, escaped so that it shows as it is and makes no link, mention or emphasis, %h the next argument as it is';

CREATE DOMAIN kra."text/html" AS text;
COMMENT ON DOMAIN kra."text/html" IS 'a whole HTML document; PostgREST serves what a function returns as this with the media type that the name says';

-- Words and addresses.

CREATE FUNCTION kra_internal.day_text(day date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN isfinite(day) THEN kra_internal.grid_label('day'::kra_internal.grid, day) END;
END;
COMMENT ON FUNCTION kra_internal.day_text(date) IS 'a day as YYYY-MM-DD, whatever the settings are; NULL for NULL and for no end';

CREATE FUNCTION kra_internal.number_of(count bigint, singular text, plural text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT count::text || ' ' || CASE count WHEN 1 THEN singular ELSE plural END;
END;
COMMENT ON FUNCTION kra_internal.number_of(bigint, text, text) IS 'a number with its noun: 1 KPI, 2 KPIs';

CREATE FUNCTION kra_internal.status_html(status text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.html('<span class="status %s"><span aria-hidden="true">%h</span> %s</span>', status,
        CASE status WHEN 'exceeded' THEN '&#9733;' WHEN 'on_track' THEN '&#10003;' WHEN 'at_risk' THEN '&#9650;'
                    WHEN 'off_track' THEN '&#10007;' ELSE '&#9675;' END,
        replace(status, '_', ' '));
END;
COMMENT ON FUNCTION kra_internal.status_html(text) IS 'a status as a label: a sign, and the word; NULL for NULL';

CREATE FUNCTION kra_internal.imbalance_words(flag text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE flag WHEN 'busy_not_moving' THEN 'busy, not moving' WHEN 'insufficient_data' THEN 'not known'
                     ELSE replace(flag, '_', ' ') END;
END;
COMMENT ON FUNCTION kra_internal.imbalance_words(text) IS 'flag of kra.imbalance in words';

CREATE FUNCTION kra_internal.trend_words(direction text, meaning text, slope double precision, unit text, period_grain text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE direction WHEN 'no_trend' THEN 'no clear trend'
        WHEN 'rising' THEN 'rising' WHEN 'falling' THEN 'falling' END
        || CASE WHEN direction = 'no_trend' OR slope IS NULL THEN ''
                ELSE format(' by about %s a %s', CASE btrim(unit) WHEN '%' THEN kra.value_text(abs(slope), NULL) || ' points' ELSE kra.value_text(abs(slope), unit) END, period_grain) END
        || CASE meaning WHEN 'improving' THEN ', for the better' WHEN 'worsening' THEN ', for the worse' ELSE '' END;
END;
COMMENT ON FUNCTION kra_internal.trend_words(text, text, double precision, text, text) IS 'a trend in words: rising by about 2 days a month, for the worse; NULL for none';

CREATE FUNCTION kra_internal.percent_encoded(value text) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT string_agg(CASE WHEN b.code BETWEEN 48 AND 57 OR b.code BETWEEN 65 AND 90 OR b.code BETWEEN 97 AND 122 OR b.code IN (45, 46, 95, 126)
                           THEN chr(b.code) ELSE '%' || upper(lpad(to_hex(b.code), 2, '0')) END, '' ORDER BY b.n)
    FROM (SELECT i AS n, get_byte(v.bytes, i) AS code
          FROM (SELECT convert_to(value, 'UTF8') AS bytes) v, generate_series(0, length(v.bytes) - 1) i) b;
END;
COMMENT ON FUNCTION kra_internal.percent_encoded(text) IS 'text as part of an address (RFC 3986): its bytes in UTF-8, all but letters, digits and -._~ as %XX';

CREATE FUNCTION kra.report_file(subject_key text) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN subject_key ~ '^[a-z0-9]([a-z0-9_.-]{0,62}[a-z0-9])?$' AND subject_key !~ E'^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\.|$)' THEN subject_key
                ELSE left(btrim(regexp_replace(lower(subject_key COLLATE "C"), '[^a-z0-9]+', '-', 'g'), '-'), 40)
                     || '~' || left(encode(sha256(convert_to(subject_key, 'UTF8')), 'hex'), 16) END;
END;
COMMENT ON FUNCTION kra.report_file(text) IS 'the key of a subject as part of a file name, on any file system and in an address: a plain key (a-z, 0-9, and _.- inside) as it is, any other as its letters with a tilde and a hash; different keys have different names';

CREATE FUNCTION kra_internal.checked_link(link text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kra_internal.check_length('link', link, 'line');
    IF link !~ '^[!-~]*$' OR link !~ '%[sk]' OR link ~ '%[^sk]|%$' THEN
        RAISE EXCEPTION 'invalid link %', kra_internal.quoted(link) USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'It is a relative or absolute address in ASCII without spaces; %s stands for the name of the subject''s file, %k for its key.',
            HINT = 'For instance ''report-%s.html'', ''#%s'' or ''/rpc/report?subject=%k''.';
    ELSIF link ~* '^[^/?#]*:' AND link !~* '^https?:' THEN
        RAISE EXCEPTION 'invalid link %', kra_internal.quoted(link) USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Its scheme is neither http nor https.';
    END IF;
    RETURN link;
END $$;
COMMENT ON FUNCTION kra_internal.checked_link(text) IS 'a pattern for the addresses of reports, as it is; error for what is none, or would run something; NULL for NULL: no links';

CREATE FUNCTION kra_internal.path_above(path text, name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT left(path, -length(' / ' || name)) WHERE path <> name AND right(path, length(' / ' || name)) = ' / ' || name;
END;
COMMENT ON FUNCTION kra_internal.path_above(text, text) IS 'the path of a subject (see kra_internal.path_of) without its own name; NULL: nothing above';

CREATE FUNCTION kra_internal.name_html(name text, subject_key text, link text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN link IS NULL THEN kra_internal.html('<bdi>%s</bdi>', name)
                ELSE kra_internal.html('<a href="%s"><bdi>%s</bdi></a>',
                              replace(replace(link, '%s', kra.report_file(subject_key)), '%k', kra_internal.percent_encoded(subject_key)), name) END;
END;
COMMENT ON FUNCTION kra_internal.name_html(text, text, text) IS 'the name of a subject, linked to its report; link as checked_link gives it back, NULL: no link';

-- A page has room for so much: what is longer is cut, and the latest of many are shown.

CREATE FUNCTION kra_internal.page_text(_words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN length(_words) > 2000 THEN left(_words, 1997) || '...' ELSE _words END;
END;
COMMENT ON FUNCTION kra_internal.page_text(text) IS 'a text of at most 2,000 characters, with three dots where something is missing; NULL for NULL';

CREATE FUNCTION kra_internal.page_rest(_shown bigint, _all bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.html(E'<p class="small soft">The latest %s of %s.</p>\n', _shown::text, _all::text)
    WHERE _all > _shown;
END;
COMMENT ON FUNCTION kra_internal.page_rest(bigint, bigint) IS 'how many of how many a list shows; NULL where it shows all';

-- The document around a page.

CREATE FUNCTION kra_internal.page_style() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT '
:root{color-scheme:light;--ink:#1d2530;--soft:#505b69;--paper:#fff;--ground:#f3f5f7;--line:#d5dae0;--link:#0a569f;
--bad:#a31515;--bad-b:#fdeceb;--risk:#734a00;--risk-b:#fff3d1;--good:#1b5e20;--good-b:#e5f4e6;--top:#0b4a94;--top-b:#e4effc;--none:#4b5560;--none-b:#eceff2}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:70rem;padding:1.5rem 1.25rem 3rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h1,h2,h3,p,ul,dl,dd,table{margin:0}
h1{font-size:clamp(1.35rem,1rem + 2vw,2rem);line-height:1.2;font-weight:650}
h2{font-size:1.25rem;line-height:1.3;font-weight:650}
h3{font-size:1.05rem;line-height:1.35;font-weight:650}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,section:focus-visible{outline:3px solid var(--link);outline-offset:2px}
ul{padding:0;list-style:none}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;padding:.5rem 1rem;background:var(--paper);z-index:1}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.num{font-variant-numeric:tabular-nums}
header>p{margin-top:.35rem}
nav ul,.counts{display:flex;flex-wrap:wrap;gap:.35rem 1rem;margin-top:1rem}
main>section{margin-top:1.25rem;padding:1.1rem 1.25rem 1.25rem;background:var(--paper);border:1px solid var(--line);border-radius:.6rem}
section>h2+*,section>.title+*{margin-top:.6rem}
.title{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline;justify-content:space-between}
.title>:first-child{min-width:0}
.score{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .9rem}
.score strong{font-size:2.6rem;line-height:1.1;font-weight:650;font-variant-numeric:tabular-nums}
.score .status{font-size:1rem}
.stack>*+*{margin-top:.5rem}
.status{display:inline-block;padding:.02rem .55rem;border:1px solid;border-radius:1rem;font-size:.85rem;font-weight:600;white-space:nowrap;color:var(--none);background:var(--none-b)}
.status.off_track,.status.serious{color:var(--bad);background:var(--bad-b)}
.status.at_risk,.status.warning{color:var(--risk);background:var(--risk-b)}
.status.on_track,.status.done{color:var(--good);background:var(--good-b)}
.status.exceeded{color:var(--top);background:var(--top-b)}
.kpi{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,22.5rem);gap:.5rem 1.5rem;padding-top:1rem;margin-top:1rem;border-top:1px solid var(--line)}
.kpi .stack>*+*{margin-top:.3rem}
.value{display:flex;flex-wrap:wrap;gap:.15rem .7rem;align-items:baseline}
.value b{font-size:1.5rem;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
.pictures{display:grid;gap:.5rem;align-content:start;justify-items:start}
svg{display:block;max-width:100%;height:auto;background:#fff;border-radius:.25rem}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.925rem}
caption{padding-bottom:.4rem;text-align:start;color:var(--soft);font-size:.875rem}
th,td{padding:.4rem .8rem .4rem 0;border-top:1px solid var(--line);text-align:start;vertical-align:top;font-weight:400;overflow-wrap:normal}
tbody th,td.words,td.who{overflow-wrap:anywhere}
thead th{font-weight:600;border-top:0;color:var(--soft);font-size:.85rem;vertical-align:bottom}
tbody th{min-width:10rem;max-width:24rem}
tbody th.group{max-width:none;padding-top:1.1rem;font-weight:650;font-size:1rem}
td.words{min-width:10rem}
td.who{min-width:5.5rem}
td.bar svg{margin-top:.25rem;width:90px;max-width:none}
td.nowrap,.nowrap{white-space:nowrap}
.wide table{min-width:54rem}
.list>li{padding:.6rem 0;border-top:1px solid var(--line)}
.list>li:first-child{border-top:0}
.list p+p{margin-top:.15rem}
.said{white-space:pre-line}
footer{margin-top:1.5rem;color:var(--soft);font-size:.8rem}
@media (max-width:46rem){body{padding:1rem .75rem 2rem}main>section{padding:.9rem}.kpi{grid-template-columns:minmax(0,1fr)}.score strong{font-size:2.1rem}}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--ink:#e7ebf0;--soft:#a9b4c0;--paper:#1b2129;--ground:#12161b;--line:#38424e;--link:#8cc2ff;
--bad:#ffb1a8;--bad-b:#48191a;--risk:#ffd479;--risk-b:#402d05;--good:#9ee0a3;--good-b:#123a17;--top:#a8cfff;--top-b:#0f3055;--none:#c5ced8;--none-b:#2c343e}}
@media print{@page{margin:14mm}html{font-size:9pt}body{max-width:none;padding:0;background:none}nav,.skip{display:none}main>section{padding:.6rem 0;border:0;border-top:1px solid #999;border-radius:0;margin-top:.6rem}
.kra,.kpi,.list>li,tr{break-inside:avoid}h2,h3,.title,thead,th.group{break-after:avoid}.scroll{overflow:visible}.wide table{min-width:0}.kpi{grid-template-columns:minmax(0,1fr) minmax(0,19rem)}tbody th{min-width:7rem}td.words{min-width:7rem}a{color:inherit}}
';
END;
COMMENT ON FUNCTION kra_internal.page_style() IS 'the style sheet of the pages: light, dark, narrow and printed';

CREATE FUNCTION kra_internal.page(title text, head text, sections text, foot text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.html('<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>%s</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>%h</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
%h</header>
<main id="main">
%h</main>
<footer><p>%s</p></footer>
</body>
</html>
', CASE WHEN length(title) > 70 THEN left(title, 67) || '...' ELSE title END, kra_internal.page_style(), head, sections, foot);
END;
COMMENT ON FUNCTION kra_internal.page(text, text, text, text) IS 'a whole document: title (cut to 70 characters) and foot are text, head and sections markup';

CREATE FUNCTION kra_internal.page_day(as_of date) RETURNS date LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF as_of IS NULL THEN
        RAISE EXCEPTION 'as_of must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT isfinite(as_of) OR as_of NOT BETWEEN '0002-01-01' AND '9998-12-31' THEN
        RAISE EXCEPTION 'as_of is out of range' USING ERRCODE = 'datetime_field_overflow';
    END IF;
    RETURN as_of;
END $$;
COMMENT ON FUNCTION kra_internal.page_day(date) IS 'the day that a page is of, as it is; error for NULL, infinite dates and years outside 2 to 9998';

-- The period of a page.

-- How much is known of a period: the share of the lines on cards that have data.
CREATE FUNCTION kra_internal.share_known(_subject_id integer, _grid kra_internal.grid,
    _period_start date, _as_of date) RETURNS double precision
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT avg((l.actual IS NOT NULL)::integer)
        FROM kra_internal.result_lines(
            _as_of, CASE WHEN _subject_id IS NOT NULL THEN ARRAY[_subject_id] END, _period_start,
            least(_as_of, kra_internal.grid_end(_grid, _period_start))) l
        WHERE l.grid = _grid AND l.period_start = _period_start AND l.weight IS NOT NULL);
END $$;
COMMENT ON FUNCTION kra_internal.share_known(integer, kra_internal.grid, date, date) IS 'share of the lines on cards of a subject (NULL: of all that the viewer sees) in a period that have data; NULL: there is no such line';

CREATE FUNCTION kra_internal.page_period(_subject_id integer, _period text, _as_of date,
    OUT grid kra_internal.grid, OUT period_grain text, OUT period_start date, OUT period_end date,
    OUT upto date, OUT period_label text, OUT passed_over text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cadence constant kra_internal.grid := (SELECT kra_internal.grid_in_force(s.review_cadence)
                                           FROM kra_internal.settings_in_force s);
    r record;
    known double precision;
    any_known double precision;   -- of the period that is taken where none is half known
BEGIN
    IF _period IS NOT NULL THEN
        SELECT * INTO r FROM kra_internal.period_named(_period);
        grid := r.grid;
        period_start := r.period_start;
    ELSE
        FOR r IN
            SELECT p.*, row_number() OVER (PARTITION BY p.grid ORDER BY p.is_over DESC,
                                           p.period_start DESC) AS place
            FROM (SELECT x.grid, x.period_start, x.period_label, x.period_end <= _as_of AS is_over
                  FROM kra_internal.periods(_as_of) x
                  WHERE kra_internal.grain_rank(x.grid) >= kra_internal.grain_rank(cadence)) p
            ORDER BY kra_internal.grain_rank(p.grid), place
        LOOP
            CONTINUE WHEN r.place > 24;
            EXIT WHEN any_known IS NOT NULL AND r.grid <> grid;
            known := kra_internal.share_known(_subject_id, r.grid, r.period_start, _as_of);
            IF grid IS NULL OR known >= 0.5 OR known > coalesce(any_known, -1) THEN
                grid := r.grid;
                period_start := r.period_start;
                any_known := known;
            END IF;
            EXIT WHEN known >= 0.5;
            IF r.is_over AND known IS NOT NULL AND passed_over IS NULL THEN
                passed_over := format('In %s, %s.', r.period_label,
                    CASE WHEN known = 0 THEN 'no line has data'
                         ELSE format('only %s of the lines have data',
                                     kra.percent_text(known, 0)) END);
            END IF;
        END LOOP;
        IF grid IS NULL THEN   -- nothing was ever measured
            grid := cadence;
            period_start := kra_internal.grid_start(grid, _as_of);
        END IF;
    END IF;
    period_grain := kra_internal.grid_grain(grid);
    period_end := kra_internal.grid_end(grid, period_start);
    upto := least(period_end, _as_of);
    period_label := kra_internal.grid_label(grid, period_start);
    IF passed_over LIKE format('In %s,%%', period_label) THEN
        passed_over := NULL;
    END IF;
END $$;
COMMENT ON FUNCTION kra_internal.page_period(integer, text, date) IS 'the period of a page: the one with this label, or, for NULL, the latest complete one of settings.review_cadence in which at least half of the lines on the cards have data (else the one of which most is known, else the running one); of a coarser grain where the subject (NULL: anybody) has no card in that of the reviews. passed_over: what is known of the latest period, where another is shown';

-- Sections of a report. Each is markup, NULL where there is nothing to show.

CREATE FUNCTION kra_internal.page_section(id text, heading text, body text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.html(E'<section aria-labelledby="%s">\n<h2 id="%s">%s</h2>\n%h</section>\n', id, id, heading, body) WHERE body IS NOT NULL;
END;
COMMENT ON FUNCTION kra_internal.page_section(text, text, text) IS 'a section with its heading and id; body is markup; NULL without a body';

CREATE FUNCTION kra_internal.page_table(caption text, columns text[], body text, is_wide boolean DEFAULT false) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.html(E'<section class="scroll%s" aria-label="%s" tabindex="0">\n<table>\n<caption>%s</caption>\n<thead><tr>%h</tr></thead>\n%h</table>\n</section>\n',
                    CASE WHEN is_wide THEN ' wide' ELSE '' END, caption, caption,
                    (SELECT string_agg(kra_internal.html('<th scope="col">%s</th>', c.name), '' ORDER BY c.n) FROM unnest(columns) WITH ORDINALITY c (name, n)), body)
    WHERE body IS NOT NULL;
END;
COMMENT ON FUNCTION kra_internal.page_table(text, text[], text, boolean) IS 'a table that scrolls by itself where it is too wide; body is markup of its tbody elements; NULL without one';

CREATE FUNCTION kra_internal.score_html(score_text text, status text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.html('%h <span class="num">%s</span>', kra_internal.status_html(status), score_text);
END;
COMMENT ON FUNCTION kra_internal.score_html(text, text) IS 'a score (see kra_bi.scorecards.score_text) with its status';

CREATE FUNCTION kra_internal.kpi_pictures(kpi_id integer, subject_id integer, grid kra_internal.grid, period_start date, upto date, skips_last boolean,
    actual double precision, target kra.kpi_target, unit text, name text, with_chart boolean) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    x record;
    h record;
    chart text;
    last_start date := CASE WHEN skips_last THEN kra_internal.grid_shift(grid, period_start, -1) ELSE period_start END;
BEGIN
    SELECT * INTO x FROM kra_internal.settings_in_force;
    SELECT * INTO h FROM kra_internal.history(kpi_pictures.kpi_id, kpi_pictures.subject_id, kpi_pictures.grid, last_start,
                                     CASE WHEN skips_last THEN kra_internal.grid_end(kpi_pictures.grid, last_start) ELSE kpi_pictures.upto END, x.history_periods);
    IF cardinality(h.actuals) >= 13 AND with_chart THEN   -- as many as limits need
        SELECT kra.xmr_svg(array_agg(s.actual ORDER BY p.at), max(kra.centre(l.limits)), max(kra.lower_limit(l.limits)), max(kra.upper_limit(l.limits)),
                           array_agg(s.signal::text ORDER BY p.at), array_agg(kra.signal_meaning(s.signal, target) ORDER BY p.at),
                           array_agg(kra_internal.grid_label(kpi_pictures.grid, p.at) ORDER BY p.at), name, target, 360, 150)
        INTO chart
        FROM (SELECT kra_internal.grid_shift(kpi_pictures.grid, last_start, -i) AS at
              FROM generate_series(0, x.history_periods - 1) i) p
        LEFT JOIN (
            SELECT v.at, v.actual, kra.signal(v.actual) OVER (ORDER BY v.at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS signal
            FROM unnest(h.starts, h.actuals) v (at, actual)
        ) s ON s.at = p.at
        CROSS JOIN (SELECT kra.xmr_agg(v.actual ORDER BY v.n) AS limits FROM unnest(h.actuals) WITH ORDINALITY v (actual, n)) l
        WHERE p.at >= h.starts[1];
    ELSIF cardinality(h.actuals) > 1 THEN
        SELECT kra.sparkline_svg(array_agg(v.actual ORDER BY p.at), name, 240, 36, target) INTO chart
        FROM (SELECT kra_internal.grid_shift(kpi_pictures.grid, last_start, -i) AS at FROM generate_series(0, x.history_periods - 1) i) p
        LEFT JOIN unnest(h.starts, h.actuals) v (at, actual) ON v.at = p.at
        WHERE p.at >= h.starts[1];
    END IF;
    RETURN kra_internal.html('<div class="pictures">%h%h</div>', kra.bullet_svg(actual, target, NULL, unit, 360, 40), chart);
END $$;
COMMENT ON FUNCTION kra_internal.kpi_pictures(integer, integer, kra_internal.grid, date, date, boolean, double precision, kra.kpi_target, text, text, boolean) IS 'pictures of a KPI of a subject: the actual against its target, and its history as a process behaviour chart (as a sparkline under 13 values, or where no chart is asked for); skips_last leaves out the running period';

CREATE FUNCTION kra_internal.report_kras(subject_id integer, subject_key text, grid kra_internal.grid, period_start date, upto date, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    areas jsonb;
    r record;
    area jsonb;
    part text[] := '{}';       -- of the KRA
    parts text[] := '{}';      -- of the section
    open_area text;
    is_open boolean := false;
    place integer := 0;
    heading text;
BEGIN
    SELECT jsonb_object_agg(a.kra_name, jsonb_build_object('score_text', a.score_text, 'status', a.status, 'weight', a.weight_value, 'reason', a.score_reason))
    INTO areas
    FROM kra.kra_results(report_kras.as_of) a
    WHERE a.subject_key = report_kras.subject_key AND a.period_grain = kra_internal.grid_grain(report_kras.grid) AND a.period_start = report_kras.period_start;
    FOR r IN
        SELECT v.*, c.kpi_id, c.target,
               NOT v.is_complete AND k.over_time IN ('sum', 'count') AS is_running,
               v.weight_value / nullif(sum(v.weight_value) OVER (), 0) AS weight_share,
               sum(v.weight_value) OVER (PARTITION BY v.kra_name) / nullif(sum(v.weight_value) OVER (), 0) AS area_share,
               count(*) OVER () AS kpi_count
        FROM kra_internal.card(report_kras.subject_id, report_kras.grid, report_kras.period_start, report_kras.upto) c
        JOIN kra.kpis k ON k.id = c.kpi_id
        JOIN kra.kpi_results(report_kras.as_of) v ON v.kpi_key = k.key
        WHERE v.subject_key = report_kras.subject_key AND v.period_grain = kra_internal.grid_grain(report_kras.grid) AND v.period_start = report_kras.period_start
        ORDER BY v.is_on_card DESC, c.area_position, v.kra_name COLLATE "C", c.kpi_position, v.weight_value DESC, v.kpi_name COLLATE "C", v.kpi_key COLLATE "C"
    LOOP
        IF NOT is_open OR r.kra_name IS DISTINCT FROM open_area THEN
            IF is_open THEN
                parts := parts || kra_internal.html(E'%h</section>\n', array_to_string(part, ''));
            END IF;
            place := place + 1;
            part := '{}';
            is_open := true;
            open_area := r.kra_name;
            area := areas -> r.kra_name;
            IF r.is_on_card THEN
                heading := kra_internal.html(E'<div class="title"><h2 id="kra-%s"><bdi>%s</bdi></h2><p>%h</p></div>\n', place::text, r.kra_name, kra_internal.score_html(area->>'score_text', area->>'status'))
                    || kra_internal.html(E'<p class="soft small">%s</p>\n', concat_ws(', ', 'KRA' || coalesce(' (' || r.perspective || ')', ''), kra_internal.share_text(r.area_share) || ' of the weight', area->>'reason'));
            ELSE
                heading := kra_internal.html(E'<h2 id="kra-%s">Measured, not scored</h2>\n<p class="soft small">What was measured and stands on no card.</p>\n', place::text);
            END IF;
            part := part || kra_internal.html(E'<section class="kra" aria-labelledby="kra-%s">\n%h', place::text, heading);
        END IF;
        part := part || kra_internal.html(E'<article class="kpi">\n<div class="stack">\n<h3><bdi>%s</bdi></h3>\n<p class="value"><b>%s</b> %h</p>\n<p>%s</p>\n%h<p class="soft small">%s</p>\n</div>\n%h\n</article>\n',
            r.kpi_name, coalesce(r.actual_text, 'no data'), kra_internal.status_html(r.status), r.context,
            (SELECT string_agg(kra_internal.html(E'<p class="small">%s</p>\n', upper(left(n.note, 1)) || substr(n.note, 2)), '' ORDER BY n.place)
             FROM (VALUES
                 (1, CASE WHEN r.is_running THEN 'the period runs until ' || kra_internal.day_text(r.period_end) || ': so far, and held against no other' END),
                 (2, CASE WHEN r.expected_value IS DISTINCT FROM r.target_value AND r.expected_value IS NOT NULL AND r.target_value IS NOT NULL
                          THEN 'expected by then on the way to the target: ' || kra.value_text(r.expected_value, r.unit_label) END),
                 (3, kra_internal.trend_words(r.trend_direction, r.trend_meaning, r.trend_slope_value, r.unit_label, r.period_grain)),
                 (4, kra_internal.signal_text(r.signal) || CASE r.signal_meaning WHEN 'improvement' THEN ': an improvement' WHEN 'concern' THEN ': a concern' ELSE '' END),
                 (5, CASE WHEN r.misses_count > 1 THEN 'missed ' || r.misses_count || ' times in a row' END),
                 (6, CASE WHEN r.is_target_moved THEN 'the target was changed after the period began' END),
                 (7, CASE WHEN r.is_stale THEN 'stale: the newest data are of ' || kra_internal.day_text(r.last_data_date) || ', ' || kra_internal.number_of(r.freshness_day_count, 'day', 'days') || ' ago' END),
                 (8, CASE WHEN r.benchmark_value IS NOT NULL THEN 'others reach ' || kra.value_text(r.benchmark_value, r.unit_label) || coalesce(' (' || r.benchmark_source || ')', '') END)
             ) n (place, note) WHERE n.note IS NOT NULL),
            concat_ws(', ', r.kpi_kind, r.kpi_timing,
                      CASE WHEN r.is_on_card THEN CASE WHEN r.weight_value = 0 THEN 'shown, not scored' ELSE kra_internal.share_text(r.weight_share) || ' of the weight' END END,
                      CASE WHEN r.is_derived OR r.observed_member_count > 1 THEN 'out of ' || kra_internal.number_of(r.observed_member_count, 'member', 'members') || ' with data' END),
            kra_internal.kpi_pictures(r.kpi_id, report_kras.subject_id, report_kras.grid, report_kras.period_start, report_kras.upto, r.is_running,
                             r.actual_value, r.target, r.unit_label, r.kpi_name, r.kpi_count <= 25));
    END LOOP;
    IF NOT is_open THEN
        RETURN NULL;
    END IF;
    RETURN array_to_string(parts, '') || kra_internal.html(E'%h</section>\n', array_to_string(part, ''));
END $$;
COMMENT ON FUNCTION kra_internal.report_kras(integer, text, kra_internal.grid, date, date, date) IS 'the KRAs of a subject in a period, each with its KPIs: value, status, context, what is notable, pictures';

CREATE FUNCTION kra_internal.findings_around(subject_id integer, job_role_id integer, kpi_ids integer[], as_of date)
RETURNS TABLE (rule_id text, severity text, severity_code integer, about_kind text, about_name text, message text, hint text, since_date date,
    is_waived boolean, waiver_reason text, waiver_author text, waived_until date, result_area_id integer, kpi_id integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    limits jsonb := kra_internal.rule_limits();
BEGIN
    RETURN QUERY
    SELECT f.rule, v.severity, CASE v.severity WHEN 'info' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, f.about_kind, f.about_name,
           f.message, coalesce(f.hint, r.hint), f.since, w.id IS NOT NULL, w.reason, w.author, w.ends_on,
           f.result_area_id, f.kpi_id
    FROM (
        SELECT * FROM kra_internal.findings_of_subject(findings_around.subject_id, findings_around.as_of, limits)
        UNION ALL
        SELECT * FROM kra_internal.findings_of_role(findings_around.job_role_id, findings_around.as_of, limits) WHERE findings_around.job_role_id IS NOT NULL
        UNION ALL
        SELECT x.* FROM unnest(findings_around.kpi_ids) k (id) CROSS JOIN LATERAL kra_internal.findings_of_kpi(k.id, findings_around.as_of, limits) x
    ) f
    JOIN kra_internal.built_in_rules() r ON r.rule = f.rule
    CROSS JOIN LATERAL (SELECT coalesce(f.severity, r.severity) AS severity) v
    LEFT JOIN LATERAL (
        SELECT w.* FROM kra.waivers w
        WHERE w.rule = f.rule AND w.about = f.about_kind || ':' || f.about_key AND w.subject_id IS NOT DISTINCT FROM f.subject_id AND w.ends_on >= findings_around.as_of
        ORDER BY w.ends_on DESC, w.id DESC LIMIT 1
    ) w ON true
    ORDER BY w.id IS NOT NULL, 3 DESC, f.subject_id IS NULL, f.rule, f.about_key COLLATE "C";
END $$;
COMMENT ON FUNCTION kra_internal.findings_around(integer, integer, integer[], date) IS 'findings about a subject, its role and the KPIs of its card, as kra.findings has them, waived ones last, the gravest first';

CREATE FUNCTION kra_internal.finding_line(names text, about_kind text, message text, since_date date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.html('%h (%s): %s%h', names, CASE about_kind WHEN 'kra' THEN 'KRA' WHEN 'kpi' THEN 'KPI' ELSE about_kind END, message,
                    CASE WHEN since_date IS NOT NULL THEN kra_internal.html(' <span class="soft small nowrap">(since %s)</span>', kra_internal.day_text(since_date)) END);
END;
COMMENT ON FUNCTION kra_internal.finding_line(text, text, text, date) IS 'what is found about some things of a kind: their names as markup, the sentence, and since when';

CREATE FUNCTION kra_internal.finding_html(severity text, lines text, hint text, is_waived boolean, waiver_reason text, waiver_author text, waived_until date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.html(E'<li>\n<p>%h %h</p>\n<p class="small"><span class="soft">What to do:</span> %s</p>\n%h</li>\n',
        CASE WHEN is_waived THEN kra_internal.html('<span class="status">waived</span>') ELSE kra_internal.html('<span class="status %s">%s</span>', severity, severity) END, lines, hint,
        CASE WHEN is_waived THEN kra_internal.html(E'<p class="small soft">Waived until %s by <bdi>%s</bdi>: <bdi>%s</bdi></p>\n', kra_internal.day_text(waived_until), waiver_author, kra_internal.page_text(waiver_reason)) END);
END;
COMMENT ON FUNCTION kra_internal.finding_html(text, text, text, boolean, text, text, date) IS 'a finding, or several of one rule, as an item of a list; lines are those of finding_line';

CREATE FUNCTION kra_internal.report_findings(subject_id integer, job_role_id integer, kpi_ids integer[], as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own text := (SELECT s.name || ' / ' FROM kra.subjects s WHERE s.id = report_findings.subject_id);   -- said at the top of the page
BEGIN
    RETURN (   -- what has the same sentence on a line, what has the same advice in an item
        SELECT kra_internal.html(E'<ul class="list">\n%h</ul>\n', string_agg(
                   kra_internal.finding_html(i.severity, i.lines, i.hint, i.is_waived, i.waiver_reason, i.waiver_author, i.waived_until), '' ORDER BY i.n))
        FROM (
            SELECT l.severity, l.hint, l.is_waived, l.waiver_reason, l.waiver_author, l.waived_until, min(l.n) AS n,
                   string_agg(kra_internal.finding_line(l.names, l.about_kind, l.message, l.since_date), E'</p>\n<p>' ORDER BY l.n) AS lines
            FROM (
                SELECT f.rule_id, f.severity, f.hint, f.is_waived, f.waiver_reason, f.waiver_author, f.waived_until, f.about_kind, f.message,
                       CASE WHEN min(f.since_date) = max(f.since_date) THEN min(f.since_date) END AS since_date, min(f.n) AS n,
                       string_agg(kra_internal.html('<b><bdi>%s</bdi></b>', CASE WHEN starts_with(f.about_name, own) THEN substr(f.about_name, length(own) + 1) ELSE f.about_name END), ', ' ORDER BY f.n) AS names
                FROM kra_internal.findings_around(report_findings.subject_id, report_findings.job_role_id, report_findings.kpi_ids, report_findings.as_of)
                     WITH ORDINALITY f (rule_id, severity, severity_code, about_kind, about_name, message, hint, since_date, is_waived, waiver_reason, waiver_author, waived_until, result_area_id, kpi_id, n)
                GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
            ) l
            GROUP BY l.rule_id, 1, 2, 3, 4, 5, 6
        ) i
        HAVING count(*) > 0);
END $$;
COMMENT ON FUNCTION kra_internal.report_findings(integer, integer, integer[], date) IS 'findings about a subject, its role and its KPIs, and what to do; NULL: none';

CREATE FUNCTION kra_internal.overdue_html(due_date date, as_of date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN due_date < as_of THEN kra_internal.html('<span class="status off_track">overdue</span> since <span class="nowrap">%s</span>', kra_internal.day_text(due_date))
                ELSE kra_internal.html('<span class="status">due</span> <span class="nowrap">%s</span>', kra_internal.day_text(due_date)) END
    WHERE due_date IS NOT NULL;
END;
COMMENT ON FUNCTION kra_internal.overdue_html(date, date) IS 'a due date, with a word when it has passed; NULL for NULL';

CREATE FUNCTION kra_internal.report_actions(subject_id integer, period_start date, upto date, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT kra_internal.page_table('Open actions, and those done in the period', '{Action,Owner,Due,Outcome}', kra_internal.html(E'<tbody>\n%h</tbody>\n', string_agg(
                   kra_internal.html(E'<tr><th scope="row"><bdi class="said">%s</bdi>%h</th><td class="who"><bdi>%s</bdi></td><td>%h</td><td class="words"><bdi class="said">%s</bdi></td></tr>\n',
                       kra_internal.page_text(a.description), CASE WHEN k.name IS NOT NULL THEN kra_internal.html('<br><span class="soft small">about <bdi>%s</bdi></span>', k.name) END, coalesce(o.name, 'somebody else'),
                       CASE WHEN a.is_done THEN kra_internal.html('<span class="status done">done</span> <span class="nowrap">%s</span>', kra_internal.day_text(a.done_on))
                            ELSE kra_internal.overdue_html(a.due_on, report_actions.as_of) END, CASE WHEN a.is_done THEN kra_internal.page_text(a.outcome) END), ''
                   ORDER BY a.is_done, a.due_on, a.id)))
            || coalesce(kra_internal.page_rest(count(*), min(a.n)), '')
        FROM (SELECT x.*, count(*) OVER () AS n
        FROM (SELECT x.*, x.done_on IS NOT NULL AND x.done_on <= report_actions.as_of AS is_done FROM kra.actions x
              WHERE x.subject_id = report_actions.subject_id AND kra_internal.day_of(x.created_at) <= report_actions.as_of) x
        WHERE NOT x.is_done OR x.done_on BETWEEN report_actions.period_start AND report_actions.upto
        ORDER BY x.created_at DESC, x.id DESC LIMIT 50) a
        LEFT JOIN kra.subjects o ON o.id = a.owner_id
        LEFT JOIN kra.kpis k ON k.id = a.kpi_id
        HAVING count(*) > 0);
END $$;
COMMENT ON FUNCTION kra_internal.report_actions(integer, date, date, date) IS 'open actions about a subject, and those done in the period; NULL: none';

CREATE FUNCTION kra_internal.report_check_ins(subject_id integer, period_start date, period_end date, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT kra_internal.html(E'<ul class="list">\n%h</ul>\n', string_agg(
                   kra_internal.html(E'<li>\n<p class="small soft"><span class="nowrap">%s</span>, <bdi>%s</bdi>%h</p>\n<p class="said" dir="auto">%s</p>\n</li>\n',
                       kra_internal.day_text(kra_internal.day_of(c.checked_at)), c.checked_by,
                       CASE WHEN coalesce(k.name, o.name) IS NOT NULL THEN kra_internal.html(', about <bdi>%s</bdi>', concat_ws(', ', k.name, o.name)) END, kra_internal.page_text(c.comment)), ''
                   ORDER BY c.checked_at, c.id))
            || coalesce(kra_internal.page_rest(count(*), min(c.n)), '')
        FROM (SELECT x.*, count(*) OVER () AS n FROM kra.check_ins x
              WHERE x.subject_id = report_check_ins.subject_id
                AND kra_internal.day_of(x.checked_at) BETWEEN report_check_ins.period_start AND least(report_check_ins.period_end, report_check_ins.as_of)
              ORDER BY x.checked_at DESC, x.id DESC LIMIT 50) c
        LEFT JOIN kra.kpis k ON k.id = c.kpi_id
        LEFT JOIN kra.objectives o ON o.id = c.objective_id
        HAVING count(*) > 0);
END $$;
COMMENT ON FUNCTION kra_internal.report_check_ins(integer, date, date, date) IS 'check-ins about a subject in the period; NULL: none';

CREATE FUNCTION kra_internal.report_review(subject_id integer, grid kra_internal.grid, period_start date, as_of date, card_now kra.scorecard) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v record;
    least_coverage double precision := (SELECT min_coverage FROM kra_internal.settings_in_force);
BEGIN
    SELECT r.* INTO v FROM kra.reviews r
    WHERE r.subject_id = report_review.subject_id AND r.period_grain = kra_internal.grid_grain(report_review.grid) AND r.period_start = report_review.period_start
      AND (report_review.as_of >= kra_internal.today() OR kra_internal.day_of(r.closed_at) <= report_review.as_of);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN kra_internal.html(E'<div class="stack">\n<p>Closed on %s by <bdi>%s</bdi>. Score then %s, now %s.</p>\n%h</div>\n',
            kra_internal.day_text(kra_internal.day_of(v.closed_at)), v.closed_by,
            coalesce(kra_internal.share_text(kra.score(v.card, NULL, 1.2, least_coverage)), 'none'),
            coalesce(kra_internal.share_text(kra.score(report_review.card_now, NULL, 1.2, least_coverage)), 'none'),
            CASE WHEN btrim(v.summary) <> '' THEN kra_internal.html(E'<p class="said" dir="auto">%s</p>\n', kra_internal.page_text(v.summary)) END)
        || coalesce((
            SELECT kra_internal.page_table('The card as it was closed, and as it is now', '{KPI,Target then,Target now,Then,Now}', kra_internal.html(E'<tbody>\n%h</tbody>\n', string_agg(
                       kra_internal.html(E'<tr><th scope="row"><bdi>%s</bdi></th><td class="who">%s</td><td class="who">%s</td><td class="who">%s%h</td><td class="who">%s%h</td></tr>\n', coalesce(k.name, x.kpi),
                           coalesce(kra.target_text(x.target_then, k.unit), '-'), coalesce(kra.target_text(x.target_now, k.unit), '-'),
                           coalesce(kra.value_text(x.actual_then, k.unit), '-'), CASE WHEN x.status_then IS NOT NULL THEN ' ' || kra_internal.status_html(x.status_then::text) END,
                           coalesce(kra.value_text(x.actual_now, k.unit), '-'), CASE WHEN x.status_now IS NOT NULL THEN ' ' || kra_internal.status_html(x.status_now::text) END), ''
                       ORDER BY x.kra COLLATE "C", x.kpi COLLATE "C")))
            FROM (SELECT coalesce(a.kpi, b.kpi) AS kpi, coalesce(a.kra, b.kra) AS kra, a.target AS target_then, b.target AS target_now,
                         a.actual AS actual_then, b.actual AS actual_now, a.status AS status_then, b.status AS status_now
                  FROM kra.entries(v.card) a FULL JOIN kra.entries(report_review.card_now) b ON b.kpi = a.kpi) x
            LEFT JOIN kra.kpis k ON k.key = x.kpi
            HAVING count(*) > 0), '');
END $$;
COMMENT ON FUNCTION kra_internal.report_review(integer, kra_internal.grid, date, date, kra.scorecard) IS 'the closed review of a subject in a period: its summary, and the card that was frozen beside the card of now; NULL: not closed by then';

CREATE FUNCTION kra_internal.report_objectives(subject_id integer, period_start date, upto date, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    o record;
    items text[] := '{}';
    progress double precision;
BEGIN
    FOR o IN
        SELECT x.* FROM kra.objectives x
        WHERE x.subject_id = report_objectives.subject_id AND coalesce(x.starts_on, report_objectives.upto) <= report_objectives.upto
          AND (coalesce(x.due_on, report_objectives.upto) >= report_objectives.period_start
               OR EXISTS (SELECT FROM kra.milestones m WHERE m.objective_id = x.id AND (m.completed_on IS NULL OR m.completed_on > report_objectives.as_of)))
        ORDER BY x.due_on, x.name COLLATE "C", x.id
    LOOP
        progress := kra_internal.objective_progress(o.id, report_objectives.as_of);
        items := items || kra_internal.html(E'<li>\n<h3><bdi>%s</bdi></h3>\n<p class="small">%s</p>\n%h%h</li>\n', o.name,
            concat_ws(', ', coalesce(kra_internal.share_text(progress) || ' done', 'no progress is known'), 'from ' || kra_internal.day_text(o.starts_on),
                      CASE WHEN o.due_on < report_objectives.as_of AND progress IS DISTINCT FROM 1 THEN 'overdue since ' ELSE 'due ' END || kra_internal.day_text(o.due_on)),
            CASE WHEN btrim(o.description) <> '' THEN kra_internal.html(E'<p class="small soft said" dir="auto">%s</p>\n', kra_internal.page_text(o.description)) END,
            (SELECT kra_internal.page_table('Milestones of ' || o.name, '{Milestone,Owner,Due,Done}', kra_internal.html(E'<tbody>\n%h</tbody>\n', string_agg(
                        kra_internal.html(E'<tr><th scope="row"><bdi>%s</bdi></th><td class="who"><bdi>%s</bdi></td><td>%h</td><td class="num">%s</td></tr>\n', m.name, coalesce(s.name, CASE WHEN m.owner_id IS NULL THEN 'nobody' ELSE 'somebody else' END),
                            CASE WHEN m.is_done THEN kra_internal.html('<span class="status done">done</span> <span class="nowrap">%s</span>', kra_internal.day_text(m.completed_on))
                                 ELSE coalesce(kra_internal.overdue_html(m.due_on, report_objectives.as_of), kra_internal.html('no date')) END,
                            CASE WHEN m.is_done THEN '100%' ELSE kra_internal.share_text(CASE WHEN m.completion < 1 THEN m.completion ELSE 0 END) END), '' ORDER BY m.due_on, m.id)))
             FROM (SELECT y.*, y.completed_on IS NOT NULL AND y.completed_on <= report_objectives.as_of AS is_done FROM kra.milestones y WHERE y.objective_id = o.id) m
             LEFT JOIN kra.subjects s ON s.id = m.owner_id
             HAVING count(*) > 0));
    END LOOP;
    IF items = '{}' THEN
        RETURN NULL;
    END IF;
    RETURN kra_internal.html(E'<ul class="list">\n%h</ul>\n', array_to_string(items, ''));
END $$;
COMMENT ON FUNCTION kra_internal.report_objectives(integer, date, date, date) IS 'objectives of a subject in the period, with progress and milestones; NULL: none';

CREATE FUNCTION kra_internal.card_row_html(name_markup text, path text, score_text text, score_value double precision, status text, coverage_pct double precision,
    on_target_count integer, kpi_count integer, imbalance_flag text, weak_areas text, serious_count bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT kra_internal.html(E'<tr><th scope="row">%h%h</th><td>%h</td><td class="num bar">%s%h</td><td class="num">%s</td><td class="num nowrap">%s</td><td>%s</td><td class="words"><bdi>%s</bdi></td>%h</tr>\n',
        name_markup, CASE WHEN path IS NOT NULL THEN kra_internal.html('<br><span class="soft small"><bdi>%s</bdi></span>', path) END,
        coalesce(kra_internal.status_html(status), kra_internal.html('<span class="soft">no card</span>')),
        CASE WHEN score_value IS NULL AND score_text IS NOT NULL THEN 'no score' ELSE split_part(score_text, ' ', 1) END,
        CASE WHEN score_value IS NOT NULL THEN kra.bullet_svg(score_value * 100, '>= 100', NULL, '%', 90, 14) END,
        kra_internal.share_text(coverage_pct), on_target_count || ' of ' || kpi_count, kra_internal.imbalance_words(imbalance_flag), weak_areas,
        CASE WHEN serious_count IS NOT NULL THEN kra_internal.html('<td class="num">%h</td>', CASE serious_count WHEN 0 THEN 'none' ELSE kra_internal.html('<span class="status serious">%s serious</span>', serious_count::text) END) END);
END;
COMMENT ON FUNCTION kra_internal.card_row_html(text, text, text, double precision, text, double precision, integer, integer, text, text, bigint) IS 'a scorecard as a row of a table; no last column where serious_count is NULL';

CREATE FUNCTION kra_internal.report_members(subject_id integer, grid kra_internal.grid, period_start date, upto date, as_of date, link text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    most constant integer := 500;
    rows text;
    members bigint;
BEGIN
    WITH c AS MATERIALIZED (   -- asked for by the group, and by nothing else
        SELECT * FROM kra.scorecards(report_members.as_of) v
        WHERE v.parent_key = (SELECT g.key FROM kra.subjects g WHERE g.id = report_members.subject_id)
          AND v.period_grain = kra_internal.grid_grain(report_members.grid) AND v.period_start = report_members.period_start
    )
    SELECT string_agg(x.line, '' ORDER BY x.n) FILTER (WHERE x.n <= most), count(*) INTO rows, members
    FROM (
        SELECT row_number() OVER (ORDER BY array_position('{company,team,project,vendor,person}'::text[], s.kind),
                                         array_position('{off_track,at_risk,no_data,no_target,on_track,exceeded}'::text[], c.status), c.score_value, s.name COLLATE "C", s.id) AS n,
               kra_internal.card_row_html(kra_internal.name_html(s.name, s.key, report_members.link), s.kind, c.score_text, c.score_value, c.status, c.coverage_pct,
                                 c.exceeded_count + c.on_track_count, c.kpi_count, c.imbalance_flag, c.weak_areas, NULL) AS line
        FROM kra_internal.subject_timeline tl
        JOIN kra.subjects s ON s.id = tl.subject_id
        LEFT JOIN c ON c.subject_key = s.key
        WHERE tl.parent_id = report_members.subject_id
          AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, report_members.period_start, report_members.upto)
    ) x;
    RETURN kra_internal.page_table('Who is directly below, the worst status first' || CASE WHEN members > most THEN format(': the first %s of %s', most, members) ELSE '' END,
        '{Name,Status,Score,Coverage,On target,Balance,Weak areas}', kra_internal.html(E'<tbody>\n%h</tbody>\n', rows), true) WHERE rows IS NOT NULL;
END $$;
COMMENT ON FUNCTION kra_internal.report_members(integer, kra_internal.grid, date, date, date, text) IS 'the subjects directly below a group in the period, with their scores; NULL: none';

CREATE FUNCTION kra_internal.due_table(subject_key text, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT kra_internal.page_table('What is due, and who has to act', '{What,Kind,Who,When}', kra_internal.html(E'<tbody>\n%h</tbody>\n', string_agg(
                   kra_internal.html(E'<tr><th scope="row">%s</th><td>%s</td><td class="who"><bdi>%s</bdi></td><td>%h</td></tr>\n', d.what_text, replace(d.due_kind, '_', '-'), coalesce(d.owner_name, 'somebody else'),
                       kra_internal.overdue_html(d.due_date, due_table.as_of)), '' ORDER BY d.due_date, d.row_key COLLATE "C")))
        FROM kra.due(due_table.as_of, 14) d
        WHERE d.subject_key = due_table.subject_key
        HAVING count(*) > 0);
END $$;
COMMENT ON FUNCTION kra_internal.due_table(text, date) IS 'what is due about a subject; NULL: nothing';

CREATE FUNCTION kra.report(subject text, period text DEFAULT NULL, as_of date DEFAULT kra_internal.today(), link text DEFAULT 'report-%s.html') RETURNS kra."text/html"
LANGUAGE plpgsql STABLE PARALLEL SAFE SET datestyle = 'ISO, YMD' SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    day date := kra_internal.page_day(as_of);
    address text := kra_internal.checked_link(link);
    s kra.subjects := kra_internal.subject_named(subject);
    p record;
    role record;
    c record;
    card_now kra.scorecard;
    kpi_ids integer[];
    path text;
    head text;
    score text;
    sections text[][];   -- id, heading, markup
    section text[];
    body text := '';
    nav text := '';
BEGIN
    IF NOT kra.sees(s.id) THEN   -- an author knows the subject, but not its results
        RAISE EXCEPTION 'role % may not see results of subject %', quote_ident(current_user), quote_ident(s.key) USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO p FROM kra_internal.page_period(s.id, report.period, day);
    SELECT jr.id, jr.name, jr.purpose, jr.level INTO role
    FROM (SELECT) one
    LEFT JOIN kra_internal.subject_timeline tl ON tl.subject_id = s.id AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, p.period_start, p.upto)
    LEFT JOIN kra.job_roles jr ON jr.id = tl.job_role_id;
    SELECT x.* INTO c FROM kra.scorecards(day) x
    WHERE x.subject_key = s.key AND x.period_grain = p.period_grain AND x.period_start = p.period_start;
    IF c.row_key IS NOT NULL THEN
        card_now := (kra_internal.period_card(s.id, p.grid, p.period_start, p.upto)).card;
        kpi_ids := ARRAY(SELECT k.id FROM kra.entries(card_now) e JOIN kra.kpis k ON k.key = e.kpi ORDER BY k.id);
    END IF;
    path := kra_internal.path_above((SELECT o.path FROM kra_internal.path_of(s.id, p.period_start, p.upto) o), s.name);

    head := kra_internal.html(
        E'<p class="soft">%s%h</p>\n<h1><bdi>%s</bdi></h1>\n%h<p>%s '
        '<span class="soft">(%s to %s), as of %s</span></p>\n%h',
        upper(left(s.kind, 1)) || substr(s.kind, 2), CASE WHEN path IS NOT NULL THEN kra_internal.html(' in <bdi>%s</bdi>', path) END, s.name,
        CASE WHEN role.name IS NOT NULL THEN kra_internal.html(E'<p><b><bdi>%s</bdi></b>%h%h</p>\n', role.name,
            CASE WHEN role.level IS NOT NULL THEN kra_internal.html(', <bdi>%s</bdi>', role.level) END,
            CASE WHEN role.purpose IS NOT NULL THEN kra_internal.html(': <bdi>%s</bdi>', role.purpose) ELSE kra_internal.html(' <span class="soft">(no purpose is written down)</span>') END)
             WHEN kra_internal.has_members(s.id) THEN kra_internal.html(E'<p class="soft">Has no role of its own: the card is that of its members.</p>\n')
             ELSE kra_internal.html(E'<p class="soft">Has no role in this period.</p>\n') END,
        p.period_label, kra_internal.day_text(p.period_start),
        kra_internal.day_text(p.period_end), kra_internal.day_text(day),
        CASE WHEN p.passed_over IS NOT NULL
             THEN kra_internal.html(E'<p class="soft">%s</p>\n', p.passed_over) END);

    IF c.row_key IS NULL THEN
        score := kra_internal.html(E'<p>%s</p>\n', CASE
            WHEN p.period_start > day THEN format('%s has not begun on %s.', p.period_label, kra_internal.day_text(day))
            WHEN NOT EXISTS (SELECT FROM kra_internal.periods(day)) THEN 'Nothing was measured yet.'
            WHEN NOT EXISTS (SELECT FROM kra_internal.periods(day) x WHERE x.grid = p.grid AND x.period_start = p.period_start)
                THEN format('Nothing was measured in %s, of anybody.', p.period_label)
            WHEN role.id IS NULL AND NOT kra_internal.has_members(s.id) THEN 'No scorecard: a scorecard comes from a role, or from members who have one.'
            ELSE format('No scorecard in %s: no KPI was on the card, or it is not yours to see.', p.period_label) END);
    ELSE
        score := kra_internal.html(E'<div class="stack">\n<p class="score"><strong>%s</strong> %h <span>%s of the weight has data and a target</span></p>\n%h<p>%s</p>\n%h%h</div>\n',
            CASE WHEN c.score_value IS NULL THEN 'No score' ELSE split_part(c.score_text, ' ', 1) END, kra_internal.status_html(c.status), kra_internal.share_text(c.coverage_pct),
            CASE WHEN c.score_reason IS NOT NULL THEN kra_internal.html(E'<p>No score, since %s.</p>\n', c.score_reason)
                 WHEN c.status_reason IS NOT NULL THEN kra_internal.html(E'<p>%s.</p>\n', upper(left(c.status_reason, 1)) || substr(c.status_reason, 2)) END,
            format('%s of %s on target: %s.', c.exceeded_count + c.on_track_count, kra_internal.number_of(c.kpi_count, 'KPI', 'KPIs'),
                   concat_ws(', ', nullif(c.exceeded_count, 0) || ' exceeded', nullif(c.on_track_count, 0) || ' on track', nullif(c.at_risk_count, 0) || ' at risk',
                             nullif(c.off_track_count, 0) || ' off track', nullif(c.no_data_count, 0) || ' without data', nullif(c.no_target_count, 0) || ' without a target')),
            CASE WHEN c.imbalance_reason IS NOT NULL THEN kra_internal.html(E'<p><b>Outcome and activity: %s.</b> %s</p>\n', kra_internal.imbalance_words(c.imbalance_flag),
                 upper(left(c.imbalance_reason, 1)) || substr(c.imbalance_reason, 2)) END,
            CASE WHEN coalesce(c.strong_areas, c.weak_areas) IS NOT NULL THEN kra_internal.html(E'<p class="small">%h%h</p>\n',
                 CASE WHEN c.strong_areas IS NOT NULL THEN kra_internal.html('<span class="soft">Strong:</span> <bdi>%s</bdi> ', c.strong_areas) END,
                 CASE WHEN c.weak_areas IS NOT NULL THEN kra_internal.html('<span class="soft">Weak:</span> <bdi>%s</bdi>', c.weak_areas) END) END);
    END IF;

    sections := ARRAY[
        ARRAY['score', 'Score', score],
        ARRAY['kras', 'KRAs', kra_internal.report_kras(s.id, s.key, p.grid, p.period_start, p.upto, day)],
        ARRAY['findings', 'Findings, and what to do', kra_internal.report_findings(s.id, role.id, kpi_ids, day)],
        ARRAY['due', 'Due', kra_internal.due_table(s.key, day)],
        ARRAY['actions', 'Actions', kra_internal.report_actions(s.id, p.period_start, p.upto, day)],
        ARRAY['check-ins', 'Check-ins', kra_internal.report_check_ins(s.id, p.period_start, p.period_end, day)],
        ARRAY['review', 'Review', kra_internal.report_review(s.id, p.grid, p.period_start, day, card_now)],
        ARRAY['objectives', 'Objectives', kra_internal.report_objectives(s.id, p.period_start, p.upto, day)],
        ARRAY['members', 'Members', kra_internal.report_members(s.id, p.grid, p.period_start, p.upto, day, address)]];
    FOREACH section SLICE 1 IN ARRAY sections LOOP
        IF section[3] IS NOT NULL THEN
            body := body || CASE section[1] WHEN 'kras' THEN section[3] ELSE kra_internal.page_section(section[1], section[2], section[3]) END;
            nav := nav || kra_internal.html('<li><a href="#%s">%s</a></li>', CASE section[1] WHEN 'kras' THEN 'kra-1' ELSE section[1] END, section[2]);
        END IF;
    END LOOP;
    RETURN kra_internal.page(format('%s, %s', CASE WHEN length(s.name) > 50 THEN left(s.name, 47) || '...' ELSE s.name END, p.period_label), head || kra_internal.html(E'<nav aria-label="Sections"><ul>%h</ul></nav>\n', nav), body,
                    format('%s of %s, as of %s. A score is attainment weighted over the KPIs; 100%% is all targets met, and no KPI counts above 120%%. What is missing lowers the coverage, never the score.', p.period_label, s.name, kra_internal.day_text(day)));
END $$;
COMMENT ON FUNCTION kra.report(text, text, date, text) IS 'a page about a subject (its key) in a period (its label; NULL: the latest complete one in which at least half of the lines have data): score, KRAs and KPIs with pictures, findings, what is due, actions, check-ins, review, objectives, members. One HTML document that needs nothing else. link is the address of reports of its members, %s their files (see report_file), %k their keys; NULL: no links. Error for a subject that the caller does not see, and for what is no period, day or address';

-- The dashboard.

CREATE FUNCTION kra_internal.dashboard_due(as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    counts text;
    rows text;
    overdue bigint;
BEGIN
    WITH d AS MATERIALIZED (SELECT * FROM kra.due(dashboard_due.as_of, 14))
    SELECT (SELECT string_agg(format('%s: %s, %s overdue', replace(x.due_kind, '_', '-'), x.n, x.overdue), '; ' ORDER BY x.n DESC, x.due_kind)
            FROM (SELECT d.due_kind, count(*) AS n, count(*) FILTER (WHERE d.is_overdue) AS overdue FROM d GROUP BY d.due_kind) x),
           (SELECT count(*) FROM d WHERE d.is_overdue),
           (SELECT string_agg(kra_internal.html(E'<tr><th scope="row">%s</th><td>%s</td><td class="who"><bdi>%s</bdi></td><td>%h</td></tr>\n', x.what_text, replace(x.due_kind, '_', '-'), coalesce(x.owner_name, 'somebody else'),
                       kra_internal.overdue_html(x.due_date, dashboard_due.as_of)), '' ORDER BY x.due_date, x.row_key COLLATE "C")
            FROM (SELECT * FROM d WHERE d.is_overdue ORDER BY d.due_date, d.row_key COLLATE "C" LIMIT 50) x)
    INTO counts, overdue, rows;
    RETURN kra_internal.html(E'<p>%s.</p>\n', upper(left(counts, 1)) || substr(counts, 2))
        || coalesce(kra_internal.page_table(CASE WHEN overdue > 50 THEN format('The first 50 of %s that are overdue', overdue) ELSE 'What is overdue' END,
                                   '{What,Kind,Who,When}', kra_internal.html(E'<tbody>\n%h</tbody>\n', rows)), '')
    WHERE counts IS NOT NULL;
END $$;
COMMENT ON FUNCTION kra_internal.dashboard_due(date) IS 'what is due about anybody whom the caller sees: counts by kind, and the first that are overdue; NULL: nothing';

CREATE FUNCTION kra.dashboard(period text DEFAULT NULL, as_of date DEFAULT kra_internal.today(), link text DEFAULT 'report-%s.html') RETURNS kra."text/html"
LANGUAGE plpgsql STABLE PARALLEL SAFE SET datestyle = 'ISO, YMD' SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    day date := kra_internal.page_day(as_of);
    address text := kra_internal.checked_link(link);
    p record;
    found jsonb;       -- serious findings by subject
    rules text;
    serious text;
    d record;
    head text;
    sections text[][];
    section text[];
    body text := '';
    nav text := '';
BEGIN
    SELECT * INTO p FROM kra_internal.page_period(NULL, dashboard.period, day);

    WITH f AS MATERIALIZED (SELECT * FROM kra.findings(as_of => day))
    SELECT (SELECT jsonb_object_agg(x.subject_key, x.n) FROM (
                SELECT f.subject_key, count(*) AS n FROM f WHERE f.severity = 'serious' AND NOT f.is_waived AND f.subject_key IS NOT NULL GROUP BY f.subject_key) x),
           (SELECT string_agg(kra_internal.html(E'<tr><th scope="row">%s</th><td class="num">%s</td><td class="num">%s</td><td class="num">%s</td><td class="num">%s</td></tr>\n',
                       coalesce(replace(x.meaning, 'the threshold', format('the threshold (%s)', kra.value_text(x.threshold))), x.meaning), x.serious::text, x.warning::text, x.info::text, x.waived::text), '' ORDER BY x.serious DESC, x.warning DESC, x.info DESC, x.rule_id)
            FROM (SELECT f.rule_id, r.meaning, max(f.threshold_value) AS threshold, count(*) FILTER (WHERE f.severity = 'serious' AND NOT f.is_waived) AS serious,
                         count(*) FILTER (WHERE f.severity = 'warning' AND NOT f.is_waived) AS warning, count(*) FILTER (WHERE f.severity = 'info' AND NOT f.is_waived) AS info,
                         count(*) FILTER (WHERE f.is_waived) AS waived
                  FROM f JOIN kra_internal.built_in_rules() r ON r.rule = f.rule_id GROUP BY f.rule_id, r.meaning) x),
           (SELECT string_agg(kra_internal.finding_html(x.severity, kra_internal.finding_line(kra_internal.html('<b><bdi>%s</bdi></b>', x.about_name), x.about_kind, x.message, x.since_date), x.hint, false, NULL, NULL, NULL), '' ORDER BY x.since_date, x.row_key COLLATE "C")
            FROM (SELECT * FROM f WHERE f.severity = 'serious' AND NOT f.is_waived ORDER BY f.since_date, f.row_key COLLATE "C" LIMIT 30) x)
    INTO found, rules, serious;

    WITH c AS MATERIALIZED (
        SELECT x.*, array_position('{company,team,project,vendor,person}'::text[], x.subject_kind) AS kind_place,
               array_position('{off_track,at_risk,no_data,no_target,on_track,exceeded}'::text[], x.status) AS status_place
        FROM kra.scorecards(day) x
        WHERE x.period_grain = p.period_grain AND x.period_start = p.period_start
    ), lowest AS MATERIALIZED (   -- a group is its members' once more
        SELECT c.* FROM c WHERE NOT EXISTS (SELECT FROM c m WHERE m.parent_key = c.subject_key)
    )
    SELECT (SELECT count(*) FROM c) AS cards, (SELECT count(*) FROM lowest) AS lowest,
           (SELECT sum(l.exceeded_count + l.on_track_count) FROM lowest l) AS on_target, (SELECT sum(l.kpi_count) FROM lowest l) AS kpis,
           (SELECT string_agg(kra_internal.html('<li>%h %s</li>', kra_internal.status_html(x.status), x.n::text), '' ORDER BY x.status_place)
            FROM (SELECT l.status, l.status_place, count(*) AS n FROM lowest l GROUP BY 1, 2) x) AS counts,
           (SELECT string_agg(kra_internal.html(E'<tbody>\n<tr><th class="group" id="kind-%s" colspan="8" scope="rowgroup">%s</th></tr>\n%h</tbody>\n', g.subject_kind,
                       CASE g.subject_kind WHEN 'company' THEN kra_internal.number_of(g.n, 'company', 'companies') WHEN 'person' THEN kra_internal.number_of(g.n, 'person', 'people')
                                           ELSE kra_internal.number_of(g.n, g.subject_kind, g.subject_kind || 's') END, g.lines), '' ORDER BY g.kind_place)
            FROM (SELECT c.subject_kind, c.kind_place, count(*) AS n,
                         string_agg(kra_internal.card_row_html(kra_internal.name_html(c.subject_name, c.subject_key, address), kra_internal.path_above(c.subject_path, c.subject_name), c.score_text, c.score_value, c.status, c.coverage_pct,
                                        c.exceeded_count + c.on_track_count, c.kpi_count, c.imbalance_flag, c.weak_areas, coalesce((found->>c.subject_key)::bigint, 0)), ''
                                    ORDER BY c.status_place, c.score_value, c.subject_path COLLATE "C", c.subject_key COLLATE "C") AS lines
                  FROM c GROUP BY 1, 2) g) AS lines,
           (SELECT string_agg(kra_internal.html('<li><a href="#kind-%s">%s</a></li>', g.subject_kind, g.subject_kind), '' ORDER BY g.kind_place) FROM (SELECT DISTINCT c.subject_kind, c.kind_place FROM c) g) AS kinds,
           (SELECT string_agg(kra_internal.html(E'<li><p>%h</p><p class="small">%s</p></li>\n', kra_internal.name_html(c.subject_name, c.subject_key, address),
                       upper(left(c.imbalance_reason, 1)) || substr(c.imbalance_reason, 2)), '' ORDER BY c.activity_score_value - c.outcome_score_value DESC, c.subject_key COLLATE "C")
            FROM c WHERE c.is_busy_not_moving) AS busy
    INTO d;

    head := kra_internal.html(
        E'<h1>Scorecards, %s</h1>\n<p><span class="soft">%s to %s, as of %s</span></p>\n%h',
        p.period_label, kra_internal.day_text(p.period_start),
        kra_internal.day_text(p.period_end), kra_internal.day_text(day),
        CASE WHEN p.passed_over IS NOT NULL
             THEN kra_internal.html(E'<p class="soft">%s</p>\n', p.passed_over) END);
    sections := ARRAY[
        ARRAY['summary', 'Summary', CASE WHEN d.cards = 0 THEN kra_internal.html(E'<p>%s</p>\n', CASE
                  WHEN p.period_start > day THEN format('%s has not begun on %s.', p.period_label, kra_internal.day_text(day))
                  WHEN NOT EXISTS (SELECT FROM kra_internal.periods(day)) THEN 'Nothing was measured yet.'
                  ELSE format('There is no scorecard in %s that you may see.', p.period_label) END)
              ELSE kra_internal.html(E'<div class="stack">\n<p>%s; %s on target.</p>\n<ul class="counts">%h</ul>\n</div>\n',
                       kra_internal.number_of(d.cards, 'scorecard', 'scorecards'), CASE WHEN d.lowest < d.cards THEN format('of the %s with nobody below, ', d.lowest) ELSE '' END || format('%s of %s', d.on_target, kra_internal.number_of(d.kpis, 'KPI', 'KPIs')), d.counts) END],
        ARRAY['scorecards', 'Scorecards', kra_internal.page_table('Scorecards by kind, the worst status first', '{Name,Status,Score,Coverage,On target,Balance,Weak areas,Serious findings}', d.lines, true)],
        ARRAY['findings', 'Findings', kra_internal.page_table('Rules that something breaks, and how often', '{Rule,Serious,Warning,Info,Waived}', kra_internal.html(E'<tbody>\n%h</tbody>\n', rules))
              || coalesce(kra_internal.html(E'<h3>Serious, the oldest first</h3>\n<ul class="list">\n%h</ul>\n', serious), '')],
        ARRAY['due', 'Due', kra_internal.dashboard_due(day)],
        ARRAY['busy', 'Busy, not moving', kra_internal.html(E'<p class="soft small">Activity at target, outcome not: what is done does not move the result.</p>\n<ul class="list">\n%h</ul>\n', d.busy)]];
    IF rules IS NULL THEN
        sections[3][3] := NULL;
    END IF;
    IF d.busy IS NULL THEN
        sections[5][3] := NULL;
    END IF;
    FOREACH section SLICE 1 IN ARRAY sections LOOP
        IF section[3] IS NOT NULL THEN
            body := body || kra_internal.page_section(section[1], section[2], section[3]);
            nav := nav || kra_internal.html('<li><a href="#%s">%s</a></li>', section[1], section[2]);
        END IF;
    END LOOP;
    RETURN kra_internal.page(format('Scorecards, %s', p.period_label), head || kra_internal.html(E'<nav aria-label="Sections"><ul>%h</ul></nav>\n', nav), body,
                    format('All subjects that %s sees, as of %s. Findings and what is due are of that day.', kra.viewer(), kra_internal.day_text(day)));
END $$;
COMMENT ON FUNCTION kra.dashboard(text, date, text) IS 'a page about all subjects that the caller sees in a period (its label; NULL: the latest complete one in which at least half of the lines have data): counts, a table with the worst first, findings, what is due, who is busy and does not move. One HTML document that needs nothing else. link is the address of reports, %s their files (see report_file), %k the keys of their subjects; NULL: no links';

-- For chat and mail.

CREATE FUNCTION kra.report_markdown(subject text, period text DEFAULT NULL, as_of date DEFAULT kra_internal.today()) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET datestyle = 'ISO, YMD' SET jit = off SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    day date := kra_internal.page_day(as_of);
    s kra.subjects := kra_internal.subject_named(subject);
    has_blocks boolean := getdatabaseencoding() = 'UTF8';
    history_periods integer := (SELECT x.history_periods FROM kra_internal.settings_in_force x);
    p record;
    c record;
    r record;
    role_id integer;
    kpi_ids integer[] := '{}';
    open_area text;
    areas jsonb;
    lines text[];
    part text;
BEGIN
    IF NOT kra.sees(s.id) THEN
        RAISE EXCEPTION 'role % may not see results of subject %', quote_ident(current_user), quote_ident(s.key) USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO p FROM kra_internal.page_period(s.id, report_markdown.period, day);
    SELECT x.* INTO c FROM kra.scorecards(day) x
    WHERE x.subject_key = s.key AND x.period_grain = p.period_grain AND x.period_start = p.period_start;
    IF c.row_key IS NULL THEN
        RETURN kra_internal.markdown(E'**%s**, %s: no scorecard.\n', s.name, p.period_label);
    END IF;
    lines := ARRAY[kra_internal.markdown(E'**%s**, %s: %s, %s. %s of %s on target.', s.name, p.period_label,
                                CASE WHEN c.score_value IS NULL THEN c.score_text ELSE 'score ' || c.score_text END, replace(c.status, '_', ' '),
                                (c.exceeded_count + c.on_track_count)::text, kra_internal.number_of(c.kpi_count, 'KPI', 'KPIs'))];
    IF p.passed_over IS NOT NULL THEN
        lines := lines || kra_internal.markdown('%s', p.passed_over);
    END IF;
    IF c.status_reason IS NOT NULL THEN
        lines := lines || kra_internal.markdown('%s.', upper(left(c.status_reason, 1)) || substr(c.status_reason, 2));
    END IF;
    IF c.imbalance_flag <> 'balanced' THEN
        lines := lines || kra_internal.markdown('Outcome and activity: %s.', c.imbalance_reason);
    END IF;
    SELECT jsonb_object_agg(a.kra_name, a.score_text || ', ' || replace(a.status, '_', ' ')) INTO areas FROM kra.kra_results(day) a
    WHERE a.subject_key = s.key AND a.period_grain = p.period_grain AND a.period_start = p.period_start;
    FOR r IN
        SELECT v.*, l.kpi_id, NOT v.is_complete AND k.over_time IN ('sum', 'count') AS is_running
        FROM kra_internal.card(s.id, p.grid, p.period_start, p.upto) l
        JOIN kra.kpis k ON k.id = l.kpi_id
        JOIN kra.kpi_results(day) v ON v.kpi_key = k.key
        WHERE v.subject_key = s.key AND v.period_grain = p.period_grain AND v.period_start = p.period_start AND v.is_on_card
        ORDER BY l.area_position, v.kra_name COLLATE "C", l.kpi_position, v.weight_value DESC, v.kpi_name COLLATE "C", v.kpi_key COLLATE "C"
    LOOP
        IF r.kra_name IS DISTINCT FROM open_area THEN
            open_area := r.kra_name;
            lines := lines || ''::text || kra_internal.markdown('**%s**: %s', r.kra_name, areas->>r.kra_name) || ''::text;
        END IF;
        kpi_ids := kpi_ids || r.kpi_id;
        part := NULL;
        IF has_blocks THEN
            SELECT kra.sparkline(h.actuals[greatest(1, cardinality(h.actuals) - 11):]) INTO part
            FROM kra_internal.history(r.kpi_id, s.id, p.grid, CASE WHEN r.is_running THEN kra_internal.grid_shift(p.grid, p.period_start, -1) ELSE p.period_start END,
                             CASE WHEN r.is_running THEN p.period_start - 1 ELSE p.upto END, history_periods) h;
        END IF;
        lines := lines || kra_internal.markdown('- %s: %s; %s%h%h', r.kpi_name, r.context, replace(r.status, '_', ' '),
                                       CASE WHEN r.misses_count > 1 THEN kra_internal.markdown(', missed %s times in a row', r.misses_count::text) END,
                                       CASE WHEN part <> '' THEN kra_internal.markdown(' %s', part) END);
    END LOOP;

    SELECT tl.job_role_id INTO role_id FROM kra_internal.subject_timeline tl
    WHERE tl.subject_id = s.id AND kra_internal.counts_in(tl.valid_from, tl.valid_until, tl.resumes_on, p.period_start, p.upto);
    SELECT string_agg(kra_internal.markdown('- %s: %s%h: %s. %s', l.severity, array_to_string(l.names[:5], ', '),
                                   CASE WHEN cardinality(l.names) > 5 THEN kra_internal.markdown(' and %s more', (cardinality(l.names) - 5)::text) END, l.message, l.hint), E'\n' ORDER BY l.n) INTO part
    FROM (
        SELECT f.severity, f.message, f.hint, array_agg(f.about_name ORDER BY f.n) AS names, min(f.n) AS n
        FROM kra_internal.findings_around(s.id, role_id, kpi_ids, day)
             WITH ORDINALITY f (rule_id, severity, severity_code, about_kind, about_name, message, hint, since_date, is_waived, waiver_reason, waiver_author, waived_until, result_area_id, kpi_id, n)
        WHERE f.severity_code > 0 AND NOT f.is_waived
        GROUP BY f.rule_id, 1, 2, 3
        ORDER BY min(f.n) LIMIT 10
    ) l;
    IF part IS NOT NULL THEN
        lines := lines || ''::text || kra_internal.markdown('**Findings**') || ''::text || part;
    END IF;
    SELECT string_agg(kra_internal.markdown('- %s%h: %s', kra_internal.day_text(d.due_date), CASE WHEN d.is_overdue THEN kra_internal.markdown(' (overdue)') END, d.what_text), E'\n' ORDER BY d.due_date, d.row_key COLLATE "C") INTO part
    FROM (SELECT x.* FROM kra.due(day, 14) x WHERE x.subject_key = s.key ORDER BY x.due_date, x.row_key COLLATE "C" LIMIT 10) d;
    IF part IS NOT NULL THEN
        lines := lines || ''::text || kra_internal.markdown('**Due**') || ''::text || part;
    END IF;
    RETURN array_to_string(lines, E'\n') || E'\n';
END $$;
COMMENT ON FUNCTION kra.report_markdown(text, text, date) IS 'a short report about a subject (its key) in a period (its label; NULL: the latest complete one in which at least half of the lines have data) in Markdown, for chat and mail: score, KRAs with their KPIs in a sentence each, the first ten findings above info and things due. Names show as they are: none makes a link or a mention';
