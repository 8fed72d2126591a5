-- How the tables of the demo look: psql's settings, nothing of kra.
\pset border 1
\pset linestyle ascii
\pset format wrapped
\pset columns 120
\pset footer off
\pset null '-'
SET client_min_messages = warning;
SET timezone = 'UTC';
