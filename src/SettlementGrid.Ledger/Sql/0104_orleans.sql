-- What silos need of the database: who is in the cluster, reminders, checkpoints of region grains. Never an account.
-- Orleans' AdoNet providers bring no tables: they read the statements they are to run from orleansquery, and the names of
-- keys, parameters (@Name) and result columns are all that they ask for. The rest here is ours. A database that no silo
-- works on keeps these tables empty; they stand in this line of migrations so that there is one line, one checksum and
-- one working role. What is unlike the scripts one finds: versions are moved by the statement that requires them, a
-- state's key is unique (two first writers at once: exactly one wins), a reminder's version is never used twice.
CREATE SCHEMA orleans;

CREATE TABLE orleans.orleansquery (
    querykey  text NOT NULL PRIMARY KEY,
    querytext text NOT NULL
);

-- One row a cluster: its memberships as a whole have one version, and whoever changes one must know it.
CREATE TABLE orleans.clusters (
    id      text    NOT NULL PRIMARY KEY,
    version integer NOT NULL DEFAULT 0
);

CREATE TABLE orleans.silos (
    cluster_id    text        NOT NULL,
    address       text        NOT NULL,
    port          integer     NOT NULL,
    generation    integer     NOT NULL,
    name          text        NOT NULL,
    host          text        NOT NULL,
    status        integer     NOT NULL,
    gateway_port  integer,
    suspected     text,
    started_at    timestamptz NOT NULL,
    alive_at      timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

COMMENT ON COLUMN orleans.silos.status IS '1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead';
COMMENT ON COLUMN orleans.silos.suspected IS 'who found it dead, and when: silo,time|silo,time';

CREATE SEQUENCE orleans.reminder_versions AS integer CYCLE;

CREATE TABLE orleans.reminders (
    service_id text        NOT NULL,
    grain_id   text        NOT NULL,
    name       text        NOT NULL,
    grain_hash integer     NOT NULL,
    start_at   timestamptz NOT NULL,
    period_ms  bigint      NOT NULL CHECK (period_ms > 0),
    version    integer     NOT NULL,
    PRIMARY KEY (service_id, grain_id, name)
);

CREATE INDEX reminders_hash ON orleans.reminders (service_id, grain_hash);

-- Integer, Guid and text keys of grains all fit: two numbers and a text, which is empty where there is none.
CREATE TABLE orleans.grain_states (
    service_id  text        NOT NULL,
    type        text        NOT NULL,
    id_high     bigint      NOT NULL,
    id_low      bigint      NOT NULL,
    id_text     text        NOT NULL,
    version     integer     NOT NULL CHECK (version > 0),
    modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    payload     bytea,
    PRIMARY KEY (service_id, type, id_high, id_low, id_text)
);

INSERT INTO orleans.orleansquery (querykey, querytext) VALUES
('GatewaysQueryKey', $$
    SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
    FROM orleans.silos
    WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0$$),
('MembershipReadRowKey', $$
    SELECT c.version AS Version, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName,
        s.host AS HostName, s.status AS Status, s.gateway_port AS ProxyPort, s.suspected AS SuspectTimes,
        s.started_at AS StartTime, s.alive_at AS IAmAliveTime
    FROM orleans.clusters c
    LEFT JOIN orleans.silos s
        ON s.cluster_id = c.id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    WHERE c.id = @DeploymentId$$),
('MembershipReadAllKey', $$
    SELECT c.version AS Version, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName,
        s.host AS HostName, s.status AS Status, s.gateway_port AS ProxyPort, s.suspected AS SuspectTimes,
        s.started_at AS StartTime, s.alive_at AS IAmAliveTime
    FROM orleans.clusters c
    LEFT JOIN orleans.silos s ON s.cluster_id = c.id
    WHERE c.id = @DeploymentId$$),
('InsertMembershipVersionKey', $$
    WITH made AS (
        INSERT INTO orleans.clusters (id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING id)
    SELECT EXISTS (SELECT FROM made)$$),
-- The cluster's row is the lock: of two who know one version, the second finds another when it gets it.
('InsertMembershipKey', $$
    WITH moved AS (
        UPDATE orleans.clusters SET version = version + 1
        WHERE id = @DeploymentId AND version = @Version AND NOT EXISTS (
            SELECT FROM orleans.silos
            WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING id),
    made AS (
        INSERT INTO orleans.silos
            (cluster_id, address, port, generation, name, host, status, gateway_port, started_at, alive_at)
        SELECT id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
        FROM moved
        RETURNING port)
    SELECT EXISTS (SELECT FROM made)$$),
('UpdateMembershipKey', $$
    WITH moved AS (
        UPDATE orleans.clusters SET version = version + 1
        WHERE id = @DeploymentId AND version = @Version AND EXISTS (
            SELECT FROM orleans.silos
            WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING id),
    changed AS (
        UPDATE orleans.silos SET status = @Status, suspected = @SuspectTimes, alive_at = @IAmAliveTime
        FROM moved
        WHERE cluster_id = moved.id AND address = @Address AND port = @Port AND generation = @Generation
        RETURNING port)
    SELECT EXISTS (SELECT FROM changed)$$),
-- A sign of life is nobody's decision: it moves no version.
('UpdateIAmAlivetimeKey', $$
    UPDATE orleans.silos SET alive_at = @IAmAliveTime
    WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation$$),
('DeleteMembershipTableEntriesKey', $$
    WITH gone AS (DELETE FROM orleans.silos WHERE cluster_id = @DeploymentId)
    DELETE FROM orleans.clusters WHERE id = @DeploymentId$$),
('CleanupDefunctSiloEntriesKey', $$
    DELETE FROM orleans.silos
    WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3$$),

('ReadReminderRowsKey', $$
    SELECT grain_id AS GrainId, name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans.reminders
    WHERE service_id = @ServiceId AND grain_id = @GrainId$$),
('ReadReminderRowKey', $$
    SELECT grain_id AS GrainId, name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans.reminders
    WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName$$),
-- Ranges of the ring are open at their beginning and closed at their end; the second kind goes over the seam.
('ReadRangeRows1Key', $$
    SELECT grain_id AS GrainId, name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans.reminders
    WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash$$),
('ReadRangeRows2Key', $$
    SELECT grain_id AS GrainId, name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans.reminders
    WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)$$),
('UpsertReminderRowKey', $$
    INSERT INTO orleans.reminders AS r (service_id, grain_id, name, grain_hash, start_at, period_ms, version)
    VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, nextval('orleans.reminder_versions'))
    ON CONFLICT (service_id, grain_id, name) DO UPDATE
        SET grain_hash = excluded.grain_hash, start_at = excluded.start_at, period_ms = excluded.period_ms,
            version = excluded.version
    RETURNING r.version AS Version$$),
('DeleteReminderRowKey', $$
    WITH gone AS (
        DELETE FROM orleans.reminders
        WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName AND version = @Version
        RETURNING version)
    SELECT EXISTS (SELECT FROM gone)$$),
('DeleteReminderRowsKey', $$
    DELETE FROM orleans.reminders WHERE service_id = @ServiceId$$),

('ReadFromStorageKey', $$
    SELECT payload AS PayloadBinary, version AS Version
    FROM orleans.grain_states
    WHERE service_id = @ServiceId AND type = @GrainTypeString AND id_high = @GrainIdN1 AND id_low = @GrainIdN0
        AND id_text = coalesce(@GrainIdExtensionString, '')$$),
-- No row comes back where somebody else wrote first, and the provider takes that for what it is.
('WriteToStorageKey', $$
    WITH first AS (
        INSERT INTO orleans.grain_states (service_id, type, id_high, id_low, id_text, version, payload)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN1, @GrainIdN0, coalesce(@GrainIdExtensionString, ''), 1,
            @PayloadBinary
        WHERE @GrainStateVersion IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version),
    later AS (
        UPDATE orleans.grain_states
        SET version = version + 1, payload = @PayloadBinary, modified_at = clock_timestamp()
        WHERE service_id = @ServiceId AND type = @GrainTypeString AND id_high = @GrainIdN1 AND id_low = @GrainIdN0
            AND id_text = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion
        RETURNING version)
    SELECT version AS NewGrainStateVersion FROM first UNION ALL SELECT version FROM later$$),
('ClearStorageKey', $$
    UPDATE orleans.grain_states
    SET version = version + 1, payload = NULL, modified_at = clock_timestamp()
    WHERE service_id = @ServiceId AND type = @GrainTypeString AND id_high = @GrainIdN1 AND id_low = @GrainIdN0
        AND id_text = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion
    RETURNING version AS NewGrainStateVersion$$),
('DeleteStorageKey', $$
    DELETE FROM orleans.grain_states
    WHERE service_id = @ServiceId AND type = @GrainTypeString AND id_high = @GrainIdN1 AND id_low = @GrainIdN0
        AND id_text = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion
    RETURNING version + 1 AS NewGrainStateVersion$$);

-- The statements are read, never written; the rest is the cluster's own and nothing of it decides about money.
GRANT USAGE ON SCHEMA orleans TO settlementgrid_app;
GRANT SELECT ON orleans.orleansquery TO settlementgrid_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON orleans.clusters, orleans.silos, orleans.reminders, orleans.grain_states
    TO settlementgrid_app;
GRANT USAGE ON SEQUENCE orleans.reminder_versions TO settlementgrid_app;
