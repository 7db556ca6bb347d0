-- Which version of the SQL functions (server/adapters/postgres/sql) this database has. One row, written by the step that applies them.
CREATE TABLE sql_functions (
  id         INTEGER PRIMARY KEY DEFAULT 1,
  hash       TEXT NOT NULL,
  applied_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
ALTER TABLE sql_functions ADD CONSTRAINT sql_functions_one_row CHECK (id = 1);
