#!/usr/bin/env bash
# Run by the image of PostgreSQL when it has made its database: the roles and the database of the servers.
set -euo pipefail

# Two lines: the servers' password and the backup's.
{ read -r servers; read -r backup; } </run/secrets/postgres-passwords
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
  -v password="'$servers'" -v backup_password="'$backup'" -f /etc/settlementgrid/roles.sql
