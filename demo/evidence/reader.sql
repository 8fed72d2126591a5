-- The login of the dashboard. It sees the subject whose login it is and all below it: England, and so
-- every organisation. Another login sees another tree, and gets another site out of the same pages.
CREATE ROLE kra_dashboard LOGIN PASSWORD :'password';
SELECT kra.grant_reader('kra_dashboard') \g /dev/null
SELECT count(*) FROM kra.define('{"subjects": [{"key": "england", "login": "kra_dashboard"}]}') \g /dev/null
