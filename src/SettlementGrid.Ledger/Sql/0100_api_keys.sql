-- API keys of machines. Of a key's secret (256 random bits) only the SHA-256 is kept.
-- A row is added and later revoked, nothing else: who held which key when stays readable.
CREATE TABLE ledger.api_keys (
    key_id        text        PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{16}$'),
    secret_sha256 bytea       NOT NULL CHECK (octet_length(secret_sha256) = 32),
    name          text        NOT NULL CHECK (length(name) <= 200),
    roles         text[]      NOT NULL CHECK (cardinality(roles) > 0),
    facility_id   text        NOT NULL CHECK (length(facility_id) <= 64),
    region_id     text        NOT NULL CHECK (region_id ~ '^[0-9]{0,6}$'),
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz
);

-- The server looks keys up; only the login (the key command) adds and revokes.
GRANT SELECT ON ledger.api_keys TO settlementgrid_app;
