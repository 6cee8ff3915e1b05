-- Folds of the funds at a mark, so that a start and a reading of the past need not fold the whole ledger.
-- They save time and nothing else: each can be made again from the entries. The working role adds and reads them, first
-- one at a mark stays; the owner may delete any of them at any time. All are kept: one of 2.2 million persons takes some
-- 30 MB and comes once in 250,000 facts, which take 180 MB themselves (figures in load-tests/results).
CREATE TABLE ledger.fund_checkpoints (
    mark          bigint      NOT NULL PRIMARY KEY CHECK (mark > 0),
    commit_number bigint      NOT NULL,
    commit_hash   bytea       NOT NULL CHECK (octet_length(commit_hash) = 32),
    at            timestamptz NOT NULL,
    digest        bytea       NOT NULL CHECK (octet_length(digest) = 32),
    packed        bytea       NOT NULL
);

-- It is compressed already.
ALTER TABLE ledger.fund_checkpoints ALTER COLUMN packed SET STORAGE EXTERNAL;

COMMENT ON COLUMN ledger.fund_checkpoints.mark IS 'the ledger position up to which is folded';
COMMENT ON COLUMN ledger.fund_checkpoints.commit_hash IS
    'of the commit that holds the mark; on a database taken back to an older state it is another, and the row is ignored';
COMMENT ON COLUMN ledger.fund_checkpoints.digest IS
    'SHA-256(mark, commit_number, commit_hash, packed), numbers as eight bytes big-endian';
COMMENT ON COLUMN ledger.fund_checkpoints.packed IS 'the fold''s own bytes, Brotli';

GRANT SELECT, INSERT ON ledger.fund_checkpoints TO settlementgrid_app;
