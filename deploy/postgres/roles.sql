-- The roles of a PostgreSQL of one's own. Run once, as a superuser, connected to the database postgres:
--   psql -v password="'...'" -v backup_password="'...'" -f roles.sql
-- Repeating it changes nothing but the passwords.
\set ON_ERROR_STOP on

-- What every session of the servers works under: it may insert and read, never change or delete a fact. It cannot log in.
SELECT 'CREATE ROLE settlementgrid_app NOLOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'settlementgrid_app') \gexec

-- The servers' login. It owns the database, so that a new version can add its tables; it works as the role above.
SELECT 'CREATE ROLE settlementgrid LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'settlementgrid') \gexec
ALTER ROLE settlementgrid NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :password;
GRANT settlementgrid_app TO settlementgrid;

-- Backups and the replica stream the log and read nothing by SQL.
SELECT 'CREATE ROLE settlementgrid_backup LOGIN REPLICATION'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'settlementgrid_backup') \gexec
ALTER ROLE settlementgrid_backup NOSUPERUSER NOCREATEDB NOCREATEROLE REPLICATION PASSWORD :backup_password;

SELECT 'CREATE DATABASE settlementgrid OWNER settlementgrid ENCODING ''UTF8'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'settlementgrid') \gexec
REVOKE ALL ON DATABASE settlementgrid FROM PUBLIC;
