-- Values and functions are for everybody; they show nothing but their arguments.
GRANT USAGE ON SCHEMA kra TO PUBLIC;
