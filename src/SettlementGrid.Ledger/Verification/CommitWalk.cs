using System.Security.Cryptography;
using Npgsql;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Verification;

/// <summary>
/// The ledger by position: commits without a gap, each hashing the one before it, each with exactly its entries; and
/// the head is the last of them. Looks at hashes only; that they belong to the bodies is the <see cref="StreamWalk"/>'s
/// part. Bodies go by unread to the <see cref="FundCheck"/>, which needs them in this order.
/// </summary>
sealed class CommitWalk(Findings findings, FundCheck funds, Action<long> walked)
{
    const string Commits = """
        SELECT c.number, c.first_position, c.count, c.catalog_revision, c.digest, c.hash, e.ordinal, e.hash,
            e.stream_kind, e.body
        FROM ledger.commits c LEFT JOIN LATERAL (
            SELECT x.ordinal, x.hash, x.stream_kind, x.body FROM ledger.entries x WHERE x.commit_id = c.id) e ON true
        ORDER BY c.number, e.ordinal
        """;

    readonly record struct Commit(long Number, long First, int Count, long Revision, EntryHash Digest, EntryHash Hash);

    LedgerHead _head = new(0, 0, 0, default);

    /// <summary>How many entries the commits hold.</summary>
    public long Entries { get; private set; }

    public async Task Run(NpgsqlConnection connection, CancellationToken cancellation)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var command = new NpgsqlCommand(Commits, connection) { CommandTimeout = 0 })
        await using (var rows = await command.ExecuteReaderAsync(cancellation))
        {
            Commit? current = null;
            var (count, raised) = (0, 0);
            while (await rows.ReadAsync(cancellation))
            {
                var commit = Read(rows);
                if (current is { } before && before.Number != commit.Number)
                {
                    End(before, count, raised, Digest(digest));
                    (count, raised) = (0, 0);
                }
                current = commit;
                if (await rows.IsDBNullAsync(6, cancellation))
                    continue;
                if (rows.GetInt32(6) != count)
                    findings.Add(new Finding(
                        "an entry is missing or stands in the wrong place", Position: commit.First + count));
                digest.AppendData(rows.GetFieldValue<byte[]>(7));
                raised += rows.GetInt16(8) is (short)StreamKind.Plan or (short)StreamKind.Facility ? 1 : 0;
                await funds.Take(
                    commit.First + rows.GetInt32(6), rows.GetFieldValue<byte[]>(9),
                    new CommitMark(commit.Number, commit.Hash), cancellation);
                count++;
                walked(++Entries);
            }
            if (current is { } last)
                End(last, count, raised, Digest(digest));
        }
        await CompareHead(connection, cancellation);
    }

    void End(Commit commit, int count, int raised, EntryHash digest)
    {
        if (commit.Number != _head.CommitNumber + 1)
            findings.Add(new Finding($"the commit after {_head.CommitNumber} is missing", Commit: commit.Number));
        if (commit.First != _head.Position + 1)
            findings.Add(new Finding(
                "positions do not follow the commit before", Position: commit.First, Commit: commit.Number));
        if (commit.Count != count)
            findings.Add(new Finding(
                $"holds {count} entries, {commit.Count} were committed", Position: commit.First,
                Commit: commit.Number));
        if (commit.Count > 0 && commit.Digest != digest)
            findings.Add(
                new Finding("its entries are not those committed", Position: commit.First, Commit: commit.Number));
        if (commit.Revision != _head.CatalogRevision + raised)
            findings.Add(new Finding("the catalog revision does not follow", Commit: commit.Number));
        var before = _head with { CommitNumber = commit.Number - 1, Position = commit.First - 1 };
        if (CommitChain.Next(before, commit.Count, commit.Revision, commit.Digest) != commit.Hash)
            findings.Add(new Finding(
                "its hash does not follow from the commit before", Position: commit.First, Commit: commit.Number));
        // Each fault is told once: the walk goes on from what stands there.
        _head = new LedgerHead(commit.Number, commit.First + commit.Count - 1, commit.Revision, commit.Hash);
    }

    async Task CompareHead(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "SELECT number, position, catalog_revision, hash FROM ledger.head", connection);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var stated = await row.ReadAsync(cancellation)
            ? new LedgerHead(
                row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), Damage.HashOrNone(row.GetFieldValue<byte[]>(3)))
            : null;
        if (stated != _head)
            findings.Add(new Finding(
                "the head is not the newest commit: the end was cut or added to", Commit: stated?.CommitNumber));
    }

    public LedgerHead Head => _head;

    static Commit Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.GetInt64(3),
        Damage.HashOrNone(row.GetFieldValue<byte[]>(4)),
        Damage.HashOrNone(row.GetFieldValue<byte[]>(5)));

    static EntryHash Digest(IncrementalHash digest) => Keys.Hash(digest.GetHashAndReset());
}
