-- Client certificates stand beside the keys: the same fields, another proof. Of a key sha256 is that of its secret, of
-- a certificate its fingerprint; a certificate's key_id is the fingerprint's beginning, so one list names both.
ALTER TABLE ledger.api_keys RENAME TO credentials;
ALTER TABLE ledger.credentials RENAME COLUMN secret_sha256 TO sha256;
ALTER TABLE ledger.credentials ADD COLUMN kind text NOT NULL DEFAULT 'key';
ALTER TABLE ledger.credentials ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE ledger.credentials ADD CONSTRAINT credentials_kind
    CHECK (kind = 'key' OR kind = 'certificate' AND key_id = left(encode(sha256, 'hex'), 16));

-- Added and later revoked, nothing else.
CREATE FUNCTION ledger.refuse_credential_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NULL
        AND to_jsonb(NEW) - 'revoked_at' = to_jsonb(OLD) - 'revoked_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a key or certificate is revoked, never changed: % is refused', TG_OP USING ERRCODE = 'SG004';
END $$;

CREATE TRIGGER credentials_revoked_only BEFORE UPDATE OR DELETE ON ledger.credentials
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_credential_change();

-- Who did what. Calls of one caller to one method with one outcome within one minute are one row, whose count grows.
-- Person ids are masked before they get here.
CREATE TABLE ledger.audit (
    minute      timestamptz    NOT NULL,
    caller      text COLLATE "C" NOT NULL CHECK (caller <> '' AND length(caller) <= 128),
    method      text COLLATE "C" NOT NULL CHECK (method <> '' AND length(method) <= 128),
    outcome     text COLLATE "C" NOT NULL CHECK (outcome <> '' AND length(outcome) <= 64),
    facility_id text           NOT NULL CHECK (length(facility_id) <= 64),
    region_id   text           NOT NULL CHECK (length(region_id) <= 6),
    subject     text           NOT NULL CHECK (length(subject) <= 512),
    count       bigint         NOT NULL CHECK (count > 0),
    first_at    timestamptz(3) NOT NULL,
    last_at     timestamptz(3) NOT NULL,
    PRIMARY KEY (minute, caller, method, outcome)
);

CREATE INDEX audit_caller ON ledger.audit (caller, minute, method, outcome);

COMMENT ON COLUMN ledger.audit.subject IS 'of the first call, or where it came from';
COMMENT ON COLUMN ledger.audit.count IS
    'never too low; too high by the calls of one batch where the reply to its writing was lost and it was written again';

-- Kept for three years, then forgotten: what a row says may only grow, and nothing younger goes.
CREATE FUNCTION ledger.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.count > OLD.count AND NEW.first_at <= OLD.first_at AND NEW.last_at >= OLD.last_at
        AND (NEW.minute, NEW.caller, NEW.method, NEW.outcome, NEW.facility_id, NEW.region_id, NEW.subject)
          = (OLD.minute, OLD.caller, OLD.method, OLD.outcome, OLD.facility_id, OLD.region_id, OLD.subject) THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND OLD.minute < now() - interval '3 years' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is kept as it was written: % is refused', TG_OP USING ERRCODE = 'SG004';
END $$;

CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON ledger.audit
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_audit_change();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON ledger.audit
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER credentials_not_emptied BEFORE TRUNCATE ON ledger.credentials
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- In the order of the key, so that two servers noting the same rows cannot wait for each other in a ring.
CREATE FUNCTION ledger.note_audit(
    p_minute timestamptz[], p_caller text[], p_method text[], p_outcome text[], p_facility_id text[], p_region_id text[],
    p_subject text[], p_count bigint[], p_first_at timestamptz[], p_last_at timestamptz[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ledger.audit AS a
        (minute, caller, method, outcome, facility_id, region_id, subject, count, first_at, last_at)
    SELECT * FROM unnest(
        p_minute, p_caller, p_method, p_outcome, p_facility_id, p_region_id, p_subject, p_count, p_first_at, p_last_at)
        AS n (minute, caller, method, outcome, facility_id, region_id, subject, count, first_at, last_at)
    ORDER BY n.minute, n.caller COLLATE "C", n.method COLLATE "C", n.outcome COLLATE "C"
    ON CONFLICT (minute, caller, method, outcome) DO UPDATE SET
        count = a.count + excluded.count,
        first_at = least(a.first_at, excluded.first_at),
        last_at = greatest(a.last_at, excluded.last_at)
$$;

-- Gives how many went; at most p_max at a time, so that no lock is held long.
CREATE FUNCTION ledger.forget_audit(p_max integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH old AS (
        SELECT a.minute, a.caller, a.method, a.outcome FROM ledger.audit a
        WHERE a.minute < now() - interval '3 years' ORDER BY a.minute LIMIT p_max),
    gone AS (
        DELETE FROM ledger.audit a USING old o
        WHERE (a.minute, a.caller, a.method, a.outcome) = (o.minute, o.caller, o.method, o.outcome) RETURNING 1)
    SELECT count(*) FROM gone
$$;

-- The working role reads, and adds through the function alone.
REVOKE ALL ON ledger.audit FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.note_audit, ledger.forget_audit, ledger.refuse_audit_change,
    ledger.refuse_credential_change FROM PUBLIC;
GRANT SELECT ON ledger.audit TO settlementgrid_app;
GRANT EXECUTE ON FUNCTION ledger.note_audit, ledger.forget_audit TO settlementgrid_app;
