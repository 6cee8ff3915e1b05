-- The peer: one stored function a settlement, as a competent team would write it. One round trip, one transaction: the
-- person's account row is locked, the deductible, the bands, the rates by identity and place and the cap of Tongliao's
-- critical illness insurance of 2025 are applied, the settlement is inserted, the account moves on. Every answer equals
-- the server's to the fen, which each comparison checks before it measures.
--
-- What was decided in the peer's favour:
--   * The plan's figures are constants of the function: no table of parameters is read.
--   * Roster and accumulators are one row of one table: one look-up, one lock, one update within its page (fillfactor).
--   * Request id and encounter are not looked up first: the insert meets the unique indexes, and only a repeated call
--     pays for a second look.
--   * The region's fund is not touched unless asked for: settlements of a region would queue for its one row, each
--     until the one before it is on disk.
--   * No hash, no chain, no audit of its own.
-- Indexes serve what the interface asks: by number, request, encounter, person and facility, as many as the ledger has.

CREATE SCHEMA peer;

CREATE TABLE peer.accounts (
    enrollee_id     text COLLATE "C" NOT NULL,
    year            integer NOT NULL,
    region_id       text COLLATE "C" NOT NULL,
    covered_from    date    NOT NULL,
    covered_to      date    NOT NULL,
    special_from    date,
    special_to      date,
    version         bigint  NOT NULL DEFAULT 1,
    position        bigint  NOT NULL DEFAULT 0,
    paid            bigint  NOT NULL DEFAULT 0,
    basic_paid      bigint  NOT NULL DEFAULT 0,
    last_discharged date,
    PRIMARY KEY (enrollee_id, year)
) WITH (fillfactor = 60);

CREATE TABLE peer.settlements (
    no              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    settled_at      timestamptz(3) NOT NULL,
    version         bigint   NOT NULL,
    total           bigint   NOT NULL,
    eligible        bigint   NOT NULL,
    basic_paid      bigint   NOT NULL,
    prior_paid      bigint   NOT NULL,
    assistance_paid bigint   NOT NULL,
    position_before bigint   NOT NULL,
    position_after  bigint   NOT NULL,
    paid_before     bigint   NOT NULL,
    paid            bigint   NOT NULL,
    year            integer  NOT NULL,
    admitted_on     date     NOT NULL,
    discharged_on   date     NOT NULL,
    later_discharge date,
    care_type       smallint NOT NULL,
    rate_case       smallint NOT NULL,
    request_id      text COLLATE "C" NOT NULL,
    facility_id     text COLLATE "C" NOT NULL,
    encounter_id    text COLLATE "C" NOT NULL,
    enrollee_id     text COLLATE "C" NOT NULL,
    region_id       text COLLATE "C" NOT NULL,
    bands           bigint[] NOT NULL,
    reversed_at     timestamptz(3)
);

CREATE UNIQUE INDEX settlements_request ON peer.settlements (facility_id, request_id);
CREATE UNIQUE INDEX settlements_encounter ON peer.settlements (facility_id, encounter_id, year)
    WHERE reversed_at IS NULL;
CREATE INDEX settlements_enrollee ON peer.settlements (enrollee_id, version);
CREATE INDEX settlements_facility ON peer.settlements (facility_id, settled_at);

CREATE TABLE peer.funds (
    region_id text COLLATE "C" NOT NULL,
    year      integer NOT NULL,
    paid      bigint  NOT NULL DEFAULT 0,
    cases     bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (region_id, year)
) WITH (fillfactor = 10);

-- outcome: 0 settled, 1 settled before under this request (the first answer again), 2 request id used with other
-- content, 3 not on the year's roster, 4 not covered on the day, 5 encounter settled before, 6 basic cap exceeded,
-- 7 parts above the total, 8 a kind of care that the function does not settle.
-- bands: from, to (0: open), amount, rate, paid; five numbers each.
-- rate_case: which of the plan's four tables of rates, counted from 0 in the order of the plan's file.
CREATE FUNCTION peer.settle(
    p_request text, p_facility text, p_encounter text, p_enrollee text, p_care smallint, p_out_of_province boolean,
    p_admitted date, p_discharged date, p_total bigint, p_eligible bigint, p_basic bigint, p_prior bigint,
    p_assistance bigint, p_books_fund boolean,
    OUT outcome smallint, OUT no bigint, OUT settled_at timestamptz, OUT version bigint, OUT region_id text,
    OUT position_before bigint, OUT position_after bigint, OUT paid_before bigint, OUT paid bigint,
    OUT rate_case smallint, OUT bands bigint[], OUT later_discharge date)
LANGUAGE plpgsql AS $$
DECLARE
    a            peer.accounts;
    s            peer.settlements;
    v_year       integer := extract(year FROM p_discharged);
    special      boolean;
    deductible   bigint;
    low          bigint;
    band_from    bigint;
    band_to      bigint;
    amount       bigint;
    exact        bigint := 0;
    running      bigint;
    banded       bigint := 0;
    edges        CONSTANT bigint[] := '{3000000, 5000000, 8000000}';
    rates        integer[];
BEGIN
    SELECT x.* INTO a FROM peer.accounts x WHERE x.enrollee_id = p_enrollee AND x.year = v_year FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 3;
    ELSIF p_discharged < a.covered_from OR p_discharged > a.covered_to THEN
        outcome := 4;
    ELSIF a.basic_paid + p_basic > 12000000 THEN
        outcome := 6;
    ELSIF p_care IN (2, 3) THEN
        outcome := 8;
    ELSE
        special := coalesce(p_discharged BETWEEN a.special_from AND a.special_to, false);
        deductible := CASE WHEN special THEN 700000 ELSE 1400000 END;
        rate_case := CASE WHEN special THEN 1 ELSE 3 END
            - CASE WHEN p_out_of_province AND p_discharged <= date '2025-06-30' THEN 1 ELSE 0 END;
        region_id := a.region_id;
        version := a.version + 1;
        position_before := a.position;
        position_after := a.position + p_eligible - p_basic;
        paid_before := a.paid;
        bands := '{}';
        IF position_after > deductible AND position_after > position_before THEN
            rates := CASE rate_case
                WHEN 0 THEN '{6500, 7000, 8000, 9000}' WHEN 1 THEN '{6500, 7500, 8500, 9500}'
                WHEN 2 THEN '{6000, 6500, 7500, 8500}' ELSE '{6000, 7000, 8000, 9000}' END;
            low := greatest(position_before, deductible);
            band_from := deductible;
            FOR i IN 1..4 LOOP
                band_to := edges[i];
                amount := least(position_after, coalesce(band_to, position_after)) - greatest(low, band_from);
                IF amount > 0 THEN
                    -- Rounded once, on the running sum: the bands add up to what is paid.
                    exact := exact + amount * rates[i];
                    running := (exact + 5000) / 10000;
                    bands := bands || ARRAY[band_from, coalesce(band_to, 0), amount, rates[i], running - banded];
                    banded := running;
                END IF;
                band_from := band_to;
            END LOOP;
        END IF;
        paid := least(banded, p_eligible - p_basic - p_prior);
        IF NOT special THEN
            paid := least(paid, greatest(0, 38000000 - paid_before));
        END IF;
        paid := greatest(0, paid);
        later_discharge := CASE WHEN a.last_discharged > p_discharged THEN a.last_discharged END;
        IF p_basic + p_prior + p_assistance + paid > p_total THEN
            outcome := 7;
        ELSE
            settled_at := clock_timestamp()::timestamptz(3);
            INSERT INTO peer.settlements AS x (
                settled_at, version, total, eligible, basic_paid, prior_paid, assistance_paid, position_before,
                position_after, paid_before, paid, year, admitted_on, discharged_on, later_discharge, care_type,
                rate_case, request_id, facility_id, encounter_id, enrollee_id, region_id, bands)
            VALUES (
                settled_at, version, p_total, p_eligible, p_basic, p_prior, p_assistance, position_before,
                position_after, paid_before, paid, v_year, p_admitted, p_discharged, later_discharge, p_care,
                rate_case, p_request, p_facility, p_encounter, p_enrollee, region_id, bands)
            ON CONFLICT DO NOTHING
            RETURNING x.no INTO no;
            IF FOUND THEN
                UPDATE peer.accounts AS x
                SET version = a.version + 1, position = position_after, paid = a.paid + settle.paid,
                    basic_paid = a.basic_paid + p_basic, last_discharged = greatest(a.last_discharged, p_discharged)
                WHERE x.enrollee_id = p_enrollee AND x.year = v_year;
                IF p_books_fund THEN
                    -- Last, so that the row everybody waits for is held as short as can be: until the commit.
                    UPDATE peer.funds AS f SET paid = f.paid + settle.paid, cases = f.cases + 1
                    WHERE f.region_id = a.region_id AND f.year = v_year;
                END IF;
                outcome := 0;
                RETURN;
            END IF;
            outcome := 5;
        END IF;
    END IF;

    -- Whatever else stands against it: a request that was carried out is answered as it was.
    SELECT x.* INTO s FROM peer.settlements x WHERE x.facility_id = p_facility AND x.request_id = p_request;
    IF FOUND THEN
        outcome := CASE WHEN (s.encounter_id, s.enrollee_id, s.care_type, s.admitted_on, s.discharged_on, s.total,
                s.eligible, s.basic_paid, s.prior_paid, s.assistance_paid)
            = (p_encounter, p_enrollee, p_care, p_admitted, p_discharged, p_total,
                p_eligible, p_basic, p_prior, p_assistance) THEN 1 ELSE 2 END;
        no := s.no;
        settled_at := s.settled_at;
        version := s.version;
        region_id := s.region_id;
        position_before := s.position_before;
        position_after := s.position_after;
        paid_before := s.paid_before;
        paid := s.paid;
        rate_case := s.rate_case;
        bands := s.bands;
        later_discharge := s.later_discharge;
    END IF;
END $$;
