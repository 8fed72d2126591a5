-- Findings as a whole: the rules, their settings, waivers, and who sees what. The rules themselves have tests of their own.
\set VERBOSITY terse
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
DROP EXTENSION kra CASCADE;
CREATE EXTENSION kra;
RESET client_min_messages;
SET search_path = kra, public, kra_internal;
\pset null (null)

-- The list: every rule is whole, and every name is written once.
SELECT count(*) AS rules, count(DISTINCT rule) AS names, count(*) FILTER (WHERE rule !~ '^[a-z0-9]+(_[a-z0-9]+)*$') AS odd_names,
       count(*) FILTER (WHERE (threshold IS NULL) <> (threshold_meaning IS NULL)) AS without_meaning,
       count(*) FILTER (WHERE meaning IS NULL OR rationale !~ '^[A-Z].*\.$' OR hint !~ '^[A-Z].*\.$') AS without_words
FROM kra_internal.built_in_rules();
SELECT family, count(*) AS rules, string_agg(DISTINCT about_kind, ' ' ORDER BY about_kind) AS about FROM kra_internal.built_in_rules() GROUP BY family ORDER BY family;
SELECT severity, count(*) AS rules FROM kra_internal.built_in_rules() GROUP BY severity ORDER BY severity;
SELECT smart, count(*) AS rules FROM kra_internal.built_in_rules() GROUP BY smart ORDER BY smart;
-- a rule that no function mentions would never fire, and one that is not in the list would be lost
SELECT r.rule AS written_nowhere FROM kra_internal.built_in_rules() r
WHERE NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace IN ('kra'::regnamespace, 'kra_internal'::regnamespace) AND p.proname ~ '^(findings_of|rules?_of|fault)' AND p.prosrc ~ ('''' || r.rule || ''''))
ORDER BY 1;

-- Settings: off, on, another threshold; nothing else.
SELECT rule_id, threshold_value, is_enabled, is_changed FROM kra_bi.rule_reference WHERE rule_id IN ('too_many_kpis', 'weights_not_whole', 'no_outcome') ORDER BY 1;
INSERT INTO kra.rule_settings VALUES ('too_many_kpis', true, 1), ('weights_not_whole', true, NULL), ('no_outcome', false, NULL);
SELECT rule_id, default_threshold_value, threshold_value, is_enabled, is_changed FROM kra_bi.rule_reference WHERE rule_id IN ('too_many_kpis', 'weights_not_whole', 'no_outcome', 'overloaded') ORDER BY 1;
SELECT kra_internal.rule_limits() ? 'no_outcome' AS off, kra_internal.rule_limits() ? 'weights_not_whole' AS "on", kra_internal.rule_limits()->'too_many_kpis' AS changed, kra_internal.rule_limits()->'role_without_purpose' AS has_none;
INSERT INTO kra.rule_settings VALUES ('too_many_kpi', false);
UPDATE kra.rule_settings SET rule = 'other' WHERE rule = 'no_outcome';
INSERT INTO kra.rule_settings VALUES ('role_without_purpose', true, 3);
UPDATE kra.rule_settings SET threshold = -1 WHERE rule = 'too_many_kpis';

-- A catalogue with a few faults. Sam has two KPIs, and one is allowed.
SELECT count(*) AS defined FROM kra.define('{
  "effective_from": "2025-01-01",
  "subjects": [
    {"key": "acme", "name": "Acme", "kind": "company"},
    {"key": "north", "name": "North", "kind": "team", "parent": "acme", "login": "regress_kra_kim"},
    {"key": "sam", "name": "Sam", "kind": "person", "parent": "north", "role": "rep", "login": "regress_kra_sam"},
    {"key": "sam / ann", "name": "Ann", "kind": "person", "parent": "acme", "role": "rep", "login": "regress_kra_ann"}],
  "roles": [{"key": "rep", "name": "Representative", "kras": [
    {"name": "Calls", "kpis": [{"key": "calls", "name": "Calls made", "kind": "activity", "target": ">= 10"}, {"key": "mails", "name": "Mails sent", "kind": "activity", "target": ">= 10"}]}]}]
}');
CREATE TEMP VIEW of_interest AS SELECT * FROM kra.findings(as_of => '2025-06-30')
WHERE rule_id IN ('too_many_kpis', 'no_outcome', 'role_without_purpose', 'too_few_kras', 'no_owner', 'imposed_target');
SELECT row_key, severity, severity_code, subject_key, job_role_key, kpi_key, is_waived FROM of_interest ORDER BY row_key;
SELECT row_key, message, hint, since_date, evidence_value, threshold_value FROM of_interest WHERE rule_id IN ('too_many_kpis', 'role_without_purpose') ORDER BY row_key;
SELECT count(*) > 10 AS some, count(*) - count(DISTINCT row_key) AS same_row_key, count(*) FILTER (WHERE message IS NULL OR hint IS NULL OR about_name IS NULL) AS without_words,
       count(*) FILTER (WHERE row_key <> rule_id || ':' || about_kind || ':' || about_key) AS other_keys
FROM kra.findings(as_of => '2025-06-30');
-- off again, on again
DELETE FROM kra.rule_settings WHERE rule = 'no_outcome';
SELECT row_key, severity FROM of_interest WHERE rule_id = 'no_outcome';
UPDATE kra.rule_settings SET threshold = 2 WHERE rule = 'too_many_kpis';
SELECT count(*) AS at_threshold FROM of_interest WHERE rule_id = 'too_many_kpis';
UPDATE kra.rule_settings SET threshold = 1 WHERE rule = 'too_many_kpis';

-- Waivers: a finding that is there, for a reason, until a day. It stays visible.
SELECT kra.waive('too_many_kpis:subject:sam', 'She helps out until summer.', '2999-06-30');
SELECT kra.waive('no_owner:kpi:calls', 'Being named.', '2999-12-31');
SELECT kra.waive('too_many_kpis:subject:"sam / ann"', 'The same.', '2999-12-31');
SELECT row_key, is_waived, waiver_reason, waiver_author = current_user AS by_me, waived_until FROM of_interest WHERE is_waived ORDER BY row_key;
SELECT about, s.key AS subject FROM kra.waivers w LEFT JOIN kra.subjects s ON s.id = w.subject_id ORDER BY about;
-- it holds up to and with its last day
UPDATE kra.waivers SET ends_on = '2025-06-30' WHERE rule = 'no_owner';
SELECT as_of, is_waived FROM (VALUES (date '2025-06-30'), ('2025-07-01')) d (as_of), kra.findings(as_of) f WHERE row_key = 'no_owner:kpi:calls' ORDER BY 1;
SELECT kra.waive('no_owner:kpi:nothing', 'x', '2999-01-01');
SELECT kra.waive('no_such:kpi:calls', 'x', '2999-01-01');
SELECT kra.waive('too_many_kpis:subject:nobody', 'x', '2999-01-01');
SELECT kra.waive('too_many_kpis:subject', 'x', '2999-01-01');
SELECT kra.waive('too_many_kpis:subject:sam / x', 'x', '2999-01-01');
SELECT kra.waive('', 'x', '2999-01-01');
SELECT kra.waive('no_owner:kpi:mails', ' ', '2999-01-01');
SELECT kra.waive('no_owner:kpi:mails', 'x', '2020-01-01');
SELECT kra.waive('no_owner:kpi:mails', 'x', 'infinity');
SELECT kra.waive('no_owner:kpi:mails', NULL, '2999-01-01');
SELECT kra.unwaive('no_owner:kpi:calls'), kra.unwaive('no_owner:kpi:calls') AS again;
SELECT row_key FROM of_interest WHERE is_waived ORDER BY row_key;

-- Who sees what: findings and waivers of one's own subjects, and of definitions.
CREATE ROLE regress_kra_kim;
CREATE ROLE regress_kra_sam;
CREATE ROLE regress_kra_ann;
CREATE ROLE regress_kra_author;
SELECT kra.grant_reader(r) FROM unnest('{regress_kra_kim,regress_kra_sam,regress_kra_ann}'::name[]) r;
SELECT kra.grant_author('regress_kra_author');
CREATE FUNCTION pg_temp.seen() RETURNS TABLE (viewer name, findings_of text, waived text, waivers bigint) LANGUAGE sql AS $$
    SELECT current_user, (SELECT string_agg(DISTINCT coalesce(subject_key, about_kind), ', ' ORDER BY coalesce(subject_key, about_kind)) FROM kra.findings(as_of => '2025-06-30')),
           (SELECT string_agg(row_key, ', ' ORDER BY row_key) FROM kra.findings(as_of => '2025-06-30') WHERE is_waived), (SELECT count(*) FROM kra.waivers) $$;
-- in one transaction, too, whoever came first: sam knows nothing of his team
SELECT id AS north FROM kra.subjects WHERE key = 'north' \gset
CREATE FUNCTION pg_temp.is_group(id integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN kra_internal.has_members(id); END $$;
BEGIN;
SELECT pg_temp.is_group(:north) AS owner_sees;
SET LOCAL ROLE regress_kra_sam;
SELECT pg_temp.is_group(:north) AS sam_sees;
SET LOCAL ROLE regress_kra_kim;
SELECT pg_temp.is_group(:north) AS kim_sees;
ROLLBACK;
SET ROLE regress_kra_kim;
SELECT * FROM pg_temp.seen();
SELECT kra.waive('no_owner:kpi:mails', 'x', '2999-01-01');
INSERT INTO kra.waivers (rule, about, reason, ends_on) VALUES ('no_owner', 'kpi:mails', 'x', '2999-01-01');
SET ROLE regress_kra_sam;
SELECT * FROM pg_temp.seen();
SET ROLE regress_kra_ann;
SELECT * FROM pg_temp.seen();
SET ROLE regress_kra_author;
SELECT * FROM pg_temp.seen();
SELECT kra.waive('no_owner:kpi:mails', 'Being named.', '2999-01-01');
INSERT INTO kra.waivers (rule, about, subject_id, reason, ends_on) SELECT 'too_many_kpis', 'subject:sam', id, 'x', '2999-01-01' FROM kra.subjects WHERE key = 'sam';
INSERT INTO kra.waivers (rule, about, reason, ends_on) VALUES ('too_many_kpis', 'subject:sam', 'x', '2999-01-01');
INSERT INTO kra.waivers (rule, about, reason, author, ends_on) VALUES ('no_owner', 'kpi:mails', 'x', 'regress_kra_kim', '2999-01-01');
INSERT INTO kra.rule_settings VALUES ('no_owner', false);
RESET ROLE;
SELECT rule, about, author FROM kra.waivers WHERE author LIKE 'regress%';
-- a login that is no role any more: shown to those who see all, not to who stands above
UPDATE kra.subjects SET login = 'regress_kra_gone' WHERE key = 'sam';
SELECT about_key, message FROM kra_bi.findings WHERE rule_id = 'login_unknown';
SET ROLE regress_kra_kim;
SELECT count(*) AS found, count(*) FILTER (WHERE rule_id = 'login_unknown') AS of_logins FROM kra_bi.findings WHERE subject_key = 'sam';
RESET ROLE;
UPDATE kra.subjects SET login = 'regress_kra_sam' WHERE key = 'sam';
SELECT kra.revoke_reader(r) FROM unnest('{regress_kra_kim,regress_kra_sam,regress_kra_ann,regress_kra_author}'::name[]) r;
DROP ROLE regress_kra_kim, regress_kra_sam, regress_kra_ann, regress_kra_author;
