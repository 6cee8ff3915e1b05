using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Verification;

namespace SettlementGrid.Faults.Hostile.Tampering;

/// <summary>Where the ledger is changed: a settlement within one person's history, and the ledger's end.</summary>
/// <param name="Person">Whose history has at least two settlements after this one.</param>
/// <param name="Version">Of the settlement.</param>
/// <param name="Year">In which it counts.</param>
/// <param name="Position">Of the ledger's newest fact.</param>
/// <param name="Commit">The number of the newest commit.</param>
sealed record Place(string Person, long Version, int Year, long Position, long Commit)
{
    public string Row => $"stream_kind = 1 AND stream_id = '{Person}' AND version = {Version}";

    public string NextRow => $"stream_kind = 1 AND stream_id = '{Person}' AND version = {Version + 1}";

    public bool IsNamed(Finding finding) => finding.Stream == StreamKey.Person(Person)
        && (finding.Version == Version || finding.Version == Version + 1);
}

/// <summary>One way to change the ledger behind its back, and how verification names it.</summary>
/// <param name="Sql">The change, with triggers off.</param>
/// <param name="Names">Whether a finding names the place.</param>
/// <param name="IsInOrder">All in the database agrees again: only the signed head kept elsewhere shows it.</param>
sealed record Change(string What, Func<Place, string> Sql, Func<Place, Finding, bool> Names, bool IsInOrder = false)
{
    // Every digest, position and hash from the first commit on, as the ledger's own function makes them.
    const string MakeChainAgain = """
        WITH numbered AS (
            SELECT commit_id AS id, ordinal AS old,
                row_number() OVER (PARTITION BY commit_id ORDER BY ordinal) - 1 AS new
            FROM ledger.entries)
        UPDATE ledger.entries e SET ordinal = n.new FROM numbered n WHERE e.commit_id = n.id AND e.ordinal = n.old;
        DO $$
        DECLARE
            c record;
            rows record;
            last ledger.head;
        BEGIN
            last := ROW(true, 0, 0, 0, decode(repeat('00', 32), 'hex'));
            FOR c IN SELECT * FROM ledger.commits ORDER BY number LOOP
                SELECT count(*)::int AS count, count(*) FILTER (WHERE stream_kind IN (3, 4)) AS raised,
                    coalesce(sha256(string_agg(hash, ''::bytea ORDER BY ordinal)), sha256('')) AS digest
                INTO rows FROM ledger.entries WHERE commit_id = c.id;
                last.catalog_revision := last.catalog_revision + rows.raised;
                last.number := last.number + 1;
                last.hash := sha256(last.hash || int8send(last.number) || int8send(last.position + 1)
                    || int8send(rows.count) || int8send(last.catalog_revision) || rows.digest);
                UPDATE ledger.commits SET first_position = last.position + 1, count = rows.count, digest = rows.digest,
                    catalog_revision = last.catalog_revision, hash = last.hash WHERE number = c.number;
                last.position := last.position + rows.count;
            END LOOP;
            UPDATE ledger.head SET number = last.number, position = last.position,
                catalog_revision = last.catalog_revision, hash = last.hash;
        END $$;
        """;

    const string CutLastCommit = """
        DELETE FROM ledger.entries WHERE commit_id = (SELECT id FROM ledger.commits ORDER BY number DESC LIMIT 1);
        DELETE FROM ledger.commits WHERE number = (SELECT max(number) FROM ledger.commits);
        """;

    public static IReadOnlyList<Change> All { get; } =
    [
        new(
            "an amount is one fen more",
            at => $"UPDATE ledger.entries SET layer_paid[1] = layer_paid[1] + 1 WHERE {at.Row}",
            (at, finding) => at.IsNamed(finding) && finding.Version == at.Version && finding.Year == at.Year),
        new(
            "one bit of the canonical bytes is another",
            at => "UPDATE ledger.entries SET body = set_byte("
                + "body, length(body) / 2, get_byte(body, length(body) / 2) # 1) "
                + $"WHERE {at.Row}",
            (at, finding) => at.IsNamed(finding) && finding.Version == at.Version),
        new(
            "a row of the middle is deleted",
            at => $"DELETE FROM ledger.entries WHERE {at.Row}",
            (at, finding) => at.IsNamed(finding)
                && finding.What == $"version {at.Version} is missing" && finding.Year == at.Year),
        new(
            "the last row is deleted",
            at => """
                DELETE FROM ledger.entries e USING ledger.commits c
                WHERE e.commit_id = c.id AND c.number = (SELECT max(number) FROM ledger.commits)
                    AND e.ordinal = c.count - 1
                """,
            (at, finding) => finding.Commit == at.Commit || finding.Position == at.Position),
        new(
            "two rows of a person change places",
            at => $"""
                CREATE TEMP TABLE swapped ON COMMIT DROP AS
                    SELECT version, commit_id, ordinal FROM ledger.entries WHERE ({at.Row}) OR ({at.NextRow});
                UPDATE ledger.entries SET commit_id = -commit_id WHERE ({at.Row}) OR ({at.NextRow});
                UPDATE ledger.entries e SET commit_id = s.commit_id, ordinal = s.ordinal FROM swapped s
                WHERE (({at.Row.Replace("version", "e.version", StringComparison.Ordinal)})
                    OR ({at.NextRow.Replace("version", "e.version", StringComparison.Ordinal)})) 
                    AND s.version <> e.version
                """,
            (at, finding) => at.IsNamed(finding) && finding.What == "stands before the fact before it"),
        new(
            "a forged row is put in and committed in order",
            at => $"""
                INSERT INTO ledger.entries
                SELECT
                    (SELECT max(version) + 1 FROM ledger.entries WHERE stream_kind = 1 AND stream_id = '{at.Person}'),
                    9000000000000, at, facility_key, 0, kind, stream_kind, NULL, NULL, stream_id, facility_id,
                    region_id, layer_keys, layer_paid, hash, body
                FROM ledger.entries WHERE {at.Row};
                SELECT ledger.next_commit(9000000000000, 1,
                    (SELECT sha256(hash) FROM ledger.entries WHERE commit_id = 9000000000000), 0)
                """,
            (at, finding) => finding.Stream == StreamKey.Person(at.Person) && finding.Position == at.Position + 1),
        new(
            "the last commit is cut off and the head set back",
            at => CutLastCommit + MakeChainAgain,
            (at, finding) => finding.Commit == at.Commit && finding.Position == at.Position,
            IsInOrder: true),
        new(
            "a person's history ends earlier and every hash is made again",
            at => $"""
                DELETE FROM ledger.entries
                WHERE stream_kind = 1 AND stream_id = '{at.Person}' AND version >= {at.Version};
                {MakeChainAgain}
                """,
            (at, finding) =>
                finding.Commit == at.Commit && finding.What.Contains("written anew", StringComparison.Ordinal),
            IsInOrder: true),
    ];
}
