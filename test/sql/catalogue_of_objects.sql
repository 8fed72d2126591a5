-- The objects of the extension: described, safe, mergeable, and gone when it goes.
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;

CREATE TEMP VIEW members AS
SELECT d.classid, d.objid, i.type, i.identity
FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'kra');

-- there is something to look at
SELECT type, count(*) > 0 AS present FROM members WHERE type IN ('function', 'aggregate', 'type', 'operator', 'cast', 'schema', 'operator class', 'table', 'view', 'sequence') GROUP BY type ORDER BY type COLLATE "C";
SELECT count(*) FROM members WHERE type = 'type' AND identity IN ('kra.kpi_target', 'kra.kpi_actual', 'kra.kpi_attainment', 'kra.kpi_balance', 'kra.kpi_trend', 'kra.scorecard', 'kra.kpi_kind', 'kra.kpi_status');

-- without a comment: none
SELECT type, identity FROM members
WHERE type IN ('function', 'aggregate', 'procedure', 'type', 'operator', 'schema', 'view', 'table') AND identity NOT LIKE '%[]' AND obj_description(objid, (SELECT relname FROM pg_class WHERE oid = classid)) IS NULL
AND NOT (type = 'type' AND EXISTS (SELECT FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE t.oid = objid AND relkind <> 'c'))   -- row types of tables
ORDER BY type COLLATE "C", identity COLLATE "C";

SELECT c.oid::regclass AS relation, attname FROM members JOIN pg_class c ON c.oid = objid AND classid = 'pg_class'::regclass JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
WHERE relkind IN ('r', 'v', 'p', 'm') AND col_description(c.oid, attnum) IS NULL ORDER BY c.oid::regclass::text COLLATE "C", attnum;

-- values and aggregates are immutable and safe in a parallel plan; of what is written in C only that which asks who looks is not immutable
SELECT objid::regprocedure AS function, provolatile, proparallel FROM members JOIN pg_proc p ON p.oid = objid JOIN pg_language l ON l.oid = prolang
WHERE classid = 'pg_proc'::regclass AND (lanname = 'c' OR prokind = 'a') AND (provolatile <> 'i' OR proparallel <> 's') ORDER BY objid::regprocedure::text COLLATE "C";
-- what reads the catalogue is stable: an immutable function that depends on a relation, or on a function that is less than immutable, is none
SELECT DISTINCT d.objid::regprocedure AS function, pg_describe_object(d.refclassid, d.refobjid, 0) AS reads FROM members m JOIN pg_proc p ON p.oid = m.objid JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = m.objid
WHERE m.classid = 'pg_proc'::regclass AND provolatile = 'i' AND (d.refclassid = 'pg_class'::regclass AND (SELECT relkind FROM pg_class WHERE oid = d.refobjid) IN ('r', 'v')
    OR d.refclassid = 'pg_proc'::regclass AND (SELECT provolatile FROM pg_proc WHERE oid = d.refobjid) <> 'i');
SELECT objid::regprocedure AS function FROM members JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass AND provolatile = 'i' AND prosrc ~ 'kra\.(settings|kpis|subjects|placements|measurements|targets|result_area)';
-- what writes is volatile and unsafe, and what raises or plans by itself may be unsafe: nothing else
SELECT CASE provolatile WHEN 'v' THEN 'writes' ELSE 'reads' END AS what, proparallel AS parallel, string_agg(DISTINCT proname, ' ' ORDER BY proname) AS functions FROM members JOIN pg_proc p ON p.oid = objid
WHERE classid = 'pg_proc'::regclass AND (provolatile = 'v' OR proparallel <> 's') AND prorettype <> 'trigger'::regtype GROUP BY 1, 2 ORDER BY 1 DESC, 2;
-- triggers: nobody's to put on a table of his own, and each is in use
SELECT objid::regprocedure AS trigger_function FROM members JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass AND prorettype = 'trigger'::regtype
AND (EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0) OR NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = objid));
-- security definer: these, each with its search_path
SELECT objid::regprocedure AS security_definer, proconfig FROM members JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass AND prosecdef ORDER BY objid::regprocedure::text COLLATE "C";
-- views run with the rights of who reads them: others are none
SELECT c.oid::regclass AS view FROM members JOIN pg_class c ON c.oid = objid AND classid = 'pg_class'::regclass WHERE relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false);
-- nothing that shows rows is granted to everybody
SELECT c.oid::regclass AS relation FROM members JOIN pg_class c ON c.oid = objid AND classid = 'pg_class'::regclass, aclexplode(relacl) WHERE grantee = 0;
-- functions in another schema: none
SELECT objid::regprocedure AS function FROM members JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass AND pronamespace NOT IN ('kra'::regnamespace, 'kra_internal'::regnamespace) ORDER BY 1;
-- a dump holds every table and sequence, but what is derived
SELECT relkind, count(*) > 10 AS many, string_agg(c.oid::regclass::text, ' ' ORDER BY relname) FILTER (WHERE array_position(extconfig, c.oid) IS NULL) AS not_dumped
FROM members JOIN pg_class c ON c.oid = objid AND classid = 'pg_class'::regclass JOIN pg_extension ON extname = 'kra' WHERE relkind IN ('r', 'S') GROUP BY 1 ORDER BY 1;
SELECT count(*) AS with_condition FROM pg_extension, unnest(extcondition) c WHERE extname = 'kra' AND c <> '';
-- foreign keys without an index that begins with them: of rows that are few, or never asked for by them
SELECT conrelid::regclass AS "table", pg_get_constraintdef(oid) AS foreign_key FROM pg_constraint c WHERE contype = 'f' AND connamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace)
AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid AND indpred IS NULL AND indkey[0] = conkey[1]) ORDER BY conrelid::regclass::text COLLATE "C", conname COLLATE "C";
-- a name of SQL in a body must not depend on the search_path: SQL functions are parsed or have one set
SELECT objid::regprocedure AS function FROM members JOIN pg_proc p ON p.oid = objid JOIN pg_language l ON l.oid = prolang
WHERE classid = 'pg_proc'::regclass AND lanname <> 'c' AND lanname <> 'internal' AND prosqlbody IS NULL AND proconfig IS NULL ORDER BY 1;

-- those that need all points of a series at once have the server's internal state, and cannot be merged
SELECT DISTINCT proname, aggcombinefn <> 0 AS merged, aggfinalmodify FROM pg_aggregate JOIN members ON objid = aggfnoid AND classid = 'pg_proc'::regclass JOIN pg_proc p ON p.oid = objid
WHERE aggtranstype = 'internal'::regtype ORDER BY 1;
-- all others: the state is a value, of fixed length where it can be, with an initial value unless a strict transition starts from the first argument, merged by a strict function
SELECT aggfnoid::regprocedure AS aggregate, aggtranstype::regtype AS state FROM pg_aggregate JOIN members ON objid = aggfnoid AND classid = 'pg_proc'::regclass
WHERE aggtranstype <> 'internal'::regtype AND (SELECT typtype FROM pg_type WHERE oid = aggtranstype) = 'p' ORDER BY 1;
SELECT aggfnoid::regprocedure AS aggregate FROM pg_aggregate JOIN members ON objid = aggfnoid AND classid = 'pg_proc'::regclass
WHERE aggtranstype <> 'internal'::regtype AND (aggmtransfn <> 0 OR aggfinalmodify <> 'r' OR agginitval IS NULL AND NOT (SELECT proisstrict AND proargtypes[1] = aggtranstype FROM pg_proc WHERE oid = aggtransfn)) ORDER BY 1;
-- not to be merged: misses in a row, which depend on the order
SELECT aggfnoid::regprocedure AS aggregate FROM pg_aggregate JOIN members ON objid = aggfnoid AND classid = 'pg_proc'::regclass
WHERE aggtranstype <> 'internal'::regtype AND aggcombinefn = 0 ORDER BY aggfnoid::regprocedure::text COLLATE "C";
SELECT aggcombinefn::regprocedure AS combine FROM pg_aggregate JOIN members ON objid = aggfnoid AND classid = 'pg_proc'::regclass
WHERE aggcombinefn <> 0 AND NOT (SELECT proisstrict FROM pg_proc WHERE oid = aggcombinefn) ORDER BY 1;
SELECT aggtranstype::regtype AS state, count(*) AS aggregates, bool_or(proname = 'rollup') AS rollup, (SELECT typlen > 0 FROM pg_type WHERE oid = aggtranstype) AS fixed
FROM pg_aggregate JOIN members ON objid = aggfnoid AND classid = 'pg_proc'::regclass JOIN pg_proc p ON p.oid = aggfnoid WHERE aggtranstype <> 'internal'::regtype GROUP BY aggtranstype ORDER BY aggtranstype::regtype::text COLLATE "C";

-- every base type has text, binary and, but for the state of an aggregate, jsonb forms
SELECT typname, typsend <> 0 AS send, typreceive <> 0 AS receive,
    EXISTS (SELECT FROM pg_cast WHERE castsource = t.oid AND casttarget = 'jsonb'::regtype) AS to_jsonb, EXISTS (SELECT FROM pg_cast WHERE castsource = 'jsonb'::regtype AND casttarget = t.oid) AS from_jsonb
FROM pg_type t WHERE typnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND typtype = 'b' AND typelem = 0 ORDER BY typname COLLATE "C";
-- casts that happen unasked: none
SELECT castsource::regtype, casttarget::regtype, castcontext FROM members JOIN pg_cast c ON c.oid = objid WHERE classid = 'pg_cast'::regclass AND castcontext <> 'e';

-- dropped, nothing is left; created again in the same session, it works
CREATE TEMP TABLE counted (n int, class text, objects bigint);
CREATE FUNCTION pg_temp.count_objects(step int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO pg_temp.counted
    SELECT step, 'proc', count(*) FROM pg_proc UNION ALL SELECT step, 'type', count(*) FROM pg_type UNION ALL SELECT step, 'class', count(*) FROM pg_class
    UNION ALL SELECT step, 'operator', count(*) FROM pg_operator UNION ALL SELECT step, 'opclass', count(*) FROM pg_opclass UNION ALL SELECT step, 'opfamily', count(*) FROM pg_opfamily
    UNION ALL SELECT step, 'amop', count(*) FROM pg_amop UNION ALL SELECT step, 'amproc', count(*) FROM pg_amproc UNION ALL SELECT step, 'cast', count(*) FROM pg_cast
    UNION ALL SELECT step, 'enum', count(*) FROM pg_enum UNION ALL SELECT step, 'namespace', count(*) FROM pg_namespace UNION ALL SELECT step, 'aggregate', count(*) FROM pg_aggregate
    UNION ALL SELECT step, 'description', count(*) FROM pg_description UNION ALL SELECT step, 'depend', count(*) FROM pg_depend UNION ALL SELECT step, 'default_acl', count(*) FROM pg_default_acl
    UNION ALL SELECT step, 'init_privs', count(*) FROM pg_init_privs UNION ALL SELECT step, 'event_trigger', count(*) FROM pg_event_trigger
    UNION ALL SELECT step, 'trigger', count(*) FROM pg_trigger UNION ALL SELECT step, 'policy', count(*) FROM pg_policy UNION ALL SELECT step, 'constraint', count(*) FROM pg_constraint UNION ALL SELECT step, 'rewrite', count(*) FROM pg_rewrite
    UNION ALL SELECT step, 'index', count(*) FROM pg_index UNION ALL SELECT step, 'sequence', count(*) FROM pg_sequence UNION ALL SELECT step, 'attrdef', count(*) FROM pg_attrdef UNION ALL SELECT step, 'shdepend', count(*) FROM pg_shdepend UNION ALL SELECT step, 'extension', count(*) FROM pg_extension;
$$;
BEGIN;
SELECT kra.status(1, '>= 1'), kra.attainment(1, '>= 2');
DROP VIEW members;
DROP EXTENSION kra CASCADE;
SELECT count(*) AS schemas FROM pg_namespace WHERE nspname LIKE 'kra%';
SELECT count(*) AS functions FROM pg_proc WHERE probin LIKE '%kra%';
SELECT pg_temp.count_objects(1);
CREATE EXTENSION kra;
SELECT kra.status(1, '>= 1'), kra.count_of(kra.attainment_agg(1, '>= 2'), 'off_track');
DROP EXTENSION kra;
SELECT pg_temp.count_objects(2);
SELECT class, a.objects - b.objects AS left_behind FROM counted a JOIN counted b USING (class) WHERE a.n = 2 AND b.n = 1 AND a.objects <> b.objects;
SELECT count(*) AS schemas FROM pg_namespace WHERE nspname LIKE 'kra%';
ROLLBACK;
SELECT kra.status(1, '>= 1'), kra.count_of(kra.attainment_agg(1, '>= 2'), 'off_track');
-- a schema of that name that somebody else has made is not taken over
BEGIN;
DROP EXTENSION kra CASCADE;
CREATE SCHEMA kra;
CREATE EXTENSION kra;
ROLLBACK;
-- what people call has names for its arguments
SELECT oid::regprocedure AS nameless FROM pg_proc
WHERE pronamespace = 'kra'::regnamespace AND pronargs > 0 AND (proargnames IS NULL OR '' = ANY (proargnames)) ORDER BY 1;
-- stored lengths, which the C structs state too
SELECT typname, typlen, typbyval, typalign, typstorage FROM pg_type
WHERE typnamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND typtype = 'b' AND typelem = 0 ORDER BY 1;
