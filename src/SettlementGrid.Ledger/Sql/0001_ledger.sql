-- The ledger: entries nobody may change, commits that give them positions, one head row.
--
-- The layout was settled by measurement (2 cores, 24 GiB, PostgreSQL 15, 2.2 million persons on the roster, batches of
-- 256 by two writers; figures in load-tests/results):
--   * Every random index costs about 9 µs of PostgreSQL's CPU a row, a sorted one about 2; so there are five, no more.
--   * A stream's id stays readable text. A hash of it was tried: the roster's load fell from 111,000 to 62,000 rows/s,
--     because rows sorted by id then no longer fall into neighbouring index pages, and settlements gained nothing.
--   * Ids that are hashes are uuid, not bytea: 16 bytes without a header.
--   * encounter_place is one uuid (112 bits of the encounter's hash, then attempt × 2 + reversal) instead of three
--     columns, facility_key one bigint (32 bits of the facility's hash, then seconds since 1970) instead of facility
--     and time: together 59 bytes and 2 to 3 µs less a row. The exact facility and time are compared besides.
--   * body is neither compressed nor moved out of line: compressing hashes and numbers costs time and gains little,
--     and a person's last row must be one read.

CREATE TABLE ledger.entries (
    version         bigint         NOT NULL CHECK (version > 0),
    commit_id       bigint         NOT NULL,
    at              timestamptz(3) NOT NULL,
    facility_key    bigint,
    ordinal         integer        NOT NULL CHECK (ordinal >= 0),
    kind            smallint       NOT NULL,
    stream_kind     smallint       NOT NULL,
    settlement_id   uuid,
    encounter_place uuid,
    stream_id       text COLLATE "C" NOT NULL CHECK (stream_id <> ''),
    facility_id     text COLLATE "C",
    region_id       text COLLATE "C",
    layer_keys      text[],
    layer_paid      bigint[],
    hash            bytea          NOT NULL,
    body            bytea          NOT NULL
) WITH (
    toast_tuple_target = 8160, autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

ALTER TABLE ledger.entries ALTER COLUMN body SET STORAGE EXTERNAL;

COMMENT ON TABLE ledger.entries IS
    'One fact a row. body holds the canonical bytes and is the truth; every other column repeats a part of it for SQL.';
COMMENT ON COLUMN ledger.entries.kind IS
    '1 enrolled, 2 roster changed, 3 opening balance, 4 settled, 5 reversed, 6 adjusted, 7 barred, '
    '32 plan, 33 facility';
COMMENT ON COLUMN ledger.entries.stream_kind IS '1 person, 2 fund, 3 plan, 4 facility';
COMMENT ON COLUMN ledger.entries.layer_paid IS 'fen, in the order of layer_keys (plan/layer)';

-- The fence: two who decided on the same state cannot both write.
CREATE UNIQUE INDEX entries_stream ON ledger.entries (stream_kind, stream_id, version);
CREATE UNIQUE INDEX entries_commit ON ledger.entries (commit_id, ordinal);
-- The request-id index: settlement_id is the hash of facility and request id.
CREATE UNIQUE INDEX entries_settlement ON ledger.entries (settlement_id) WHERE settlement_id IS NOT NULL;
CREATE UNIQUE INDEX entries_encounter ON ledger.entries (encounter_place) WHERE encounter_place IS NOT NULL;
CREATE INDEX entries_facility ON ledger.entries (facility_key) WHERE facility_key IS NOT NULL;

CREATE TABLE ledger.commits (
    number           bigint         NOT NULL PRIMARY KEY,
    id               bigint         NOT NULL CONSTRAINT commits_id UNIQUE,
    first_position   bigint         NOT NULL,
    count            integer        NOT NULL CHECK (count >= 0),
    catalog_revision bigint         NOT NULL,
    at               timestamptz(3) NOT NULL,
    digest           bytea          NOT NULL,
    hash             bytea          NOT NULL
);

CREATE INDEX commits_first_position ON ledger.commits (first_position);

COMMENT ON TABLE ledger.commits IS
    'One group commit a row; the position of an entry is first_position + ordinal. count 0: the id was barred, because '
    'the outcome of its commit was unknown and it turned out not to have been stored.';
COMMENT ON COLUMN ledger.commits.digest IS 'SHA-256 over the hashes of the commit''s entries by ordinal';
COMMENT ON COLUMN ledger.commits.hash IS
    'SHA-256(hash before, number, first_position, count, catalog_revision, digest), numbers as eight bytes big-endian';

-- Room for its own new versions on its page: it changes with every commit.
CREATE TABLE ledger.head (
    one              boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (one),
    number           bigint  NOT NULL,
    position         bigint  NOT NULL,
    catalog_revision bigint  NOT NULL,
    hash             bytea   NOT NULL
) WITH (fillfactor = 10);

INSERT INTO ledger.head (number, position, catalog_revision, hash)
VALUES (0, 0, 0, decode(repeat('00', 32), 'hex'));

-- Every writer draws a number once; commit ids are (writer << 32 | counter), so they are known before the commit.
CREATE SEQUENCE ledger.writers AS integer;

-- The next link of the chain. The caller holds the head row's lock.
CREATE FUNCTION ledger.next_commit(
    p_id bigint, p_count integer, p_digest bytea, p_raise integer,
    OUT number bigint, OUT first_position bigint, OUT hash bytea)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    h ledger.head;
    revision bigint;
BEGIN
    SELECT * INTO STRICT h FROM ledger.head;
    revision := h.catalog_revision + p_raise;
    number := h.number + 1;
    first_position := h.position + 1;
    hash := sha256(h.hash || int8send(number) || int8send(first_position) || int8send(p_count) || int8send(revision)
        || p_digest);
    UPDATE ledger.head AS x SET number = next_commit.number, position = h.position + p_count,
        catalog_revision = revision, hash = next_commit.hash;
    INSERT INTO ledger.commits
    VALUES (number, p_id, first_position, p_count, revision, clock_timestamp(), p_digest, hash);
END $$;

-- The last statement of every group commit. It refuses, and with it the whole transaction goes:
--   SG001  plans or facilities moved on since the decisions were made
--   SG002  the commit this writer saw last is gone: the database was taken back under a running server
--   SG003  not all of the batch's rows are there
--   SG005  a row is not the next of its stream: the one before it is missing
-- p_before_*: the versions that must be there already and that the writer has not seen itself.
CREATE FUNCTION ledger.commit_entries(
    p_id bigint, p_count integer, p_digest bytea, p_required_revision bigint, p_raise integer,
    p_seen_number bigint, p_seen_hash bytea,
    p_before_kind smallint[], p_before_stream text[], p_before_version bigint[],
    OUT number bigint, OUT first_position bigint, OUT hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    revision bigint;
BEGIN
    -- Before the lock is taken: what can be done outside it is.
    IF (SELECT count(*) FROM ledger.entries e WHERE e.commit_id = p_id) <> p_count THEN
        RAISE EXCEPTION 'rows of the batch are missing' USING ERRCODE = 'SG003';
    END IF;
    -- Not NOT EXISTS: a plan made while the ledger was empty could answer that by hashing the whole table, and would
    -- be kept.
    IF cardinality(p_before_kind) > 0 AND EXISTS (
        SELECT FROM unnest(p_before_kind, p_before_stream, p_before_version) AS b (kind, stream, version)
        WHERE (SELECT p.version FROM ledger.entries p
            WHERE p.stream_kind = b.kind AND p.stream_id = b.stream AND p.version = b.version LIMIT 1) IS NULL) THEN
        RAISE EXCEPTION 'a row is not the next of its stream' USING ERRCODE = 'SG005';
    END IF;
    SELECT h.catalog_revision INTO STRICT revision FROM ledger.head h FOR UPDATE;
    IF p_required_revision <> revision THEN
        RAISE EXCEPTION 'the catalog moved' USING ERRCODE = 'SG001';
    END IF;
    IF p_seen_number IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ledger.commits c WHERE c.number = p_seen_number AND c.hash = p_seen_hash) THEN
        RAISE EXCEPTION 'the ledger was taken back' USING ERRCODE = 'SG002';
    END IF;
    SELECT n.number, n.first_position, n.hash INTO number, first_position, hash
    FROM ledger.next_commit(p_id, p_count, p_digest, p_raise) n;
END $$;

-- What became of a commit whose reply was lost. Once this has answered, the answer is final: a commit that was not
-- stored has its id taken by an empty one under the head row's lock, so the original, should it still run, must fail.
CREATE FUNCTION ledger.resolve_commit(
    p_id bigint, OUT stored boolean, OUT number bigint, OUT first_position bigint, OUT hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c ledger.commits;
BEGIN
    PERFORM 1 FROM ledger.head FOR UPDATE;
    SELECT * INTO c FROM ledger.commits x WHERE x.id = p_id;
    IF FOUND THEN
        stored := c.count > 0;
        number := c.number;
        first_position := c.first_position;
        hash := c.hash;
    ELSE
        stored := false;
        SELECT n.number, n.first_position, n.hash INTO number, first_position, hash
        FROM ledger.next_commit(p_id, 0, sha256(''), 0) n;
    END IF;
END $$;

-- Nobody changes what is written, the owner and a superuser's slip included.
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'SG004';
END $$;

CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER commits_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.commits
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- The role every session works under. commits and head it reaches only through the two functions.
REVOKE ALL ON ALL TABLES IN SCHEMA ledger FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO settlementgrid_app;
GRANT SELECT, INSERT ON ledger.entries TO settlementgrid_app;
GRANT SELECT ON ledger.commits, ledger.head TO settlementgrid_app;
GRANT USAGE ON SEQUENCE ledger.writers TO settlementgrid_app;
GRANT EXECUTE ON FUNCTION ledger.commit_entries, ledger.resolve_commit TO settlementgrid_app;
