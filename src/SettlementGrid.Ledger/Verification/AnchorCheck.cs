using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Anchoring;
using SettlementGrid.Ledger.Reading;

namespace SettlementGrid.Ledger.Verification;

/// <summary>
/// Every signed head must still be in the ledger with its hash: what was cut off the end, or written anew from some
/// point on with all hashes in order, shows here and nowhere else.
/// </summary>
/// <param name="length">
/// Bytes of the file that were there before the ledger was looked at: what a running server signs meanwhile is newer
/// than what the walk can see.
/// </param>
sealed class AnchorCheck(Findings findings, LedgerHead head, string path, long length)
{
    public long Anchors { get; private set; }

    public static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    public async Task Run(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (!File.Exists(path) || !File.Exists(AnchorKey.PublicPath(path)))
        {
            findings.Add(new Finding("the anchor file or its public key is not there: nothing shows a cut end"));
            return;
        }
        using var key = AnchorKey.OpenPublic(path);
        var page = new List<Anchor>();
        var (number, read) = (0, 0L);
        await foreach (var line in File.ReadLinesAsync(path, cancellation))
        {
            // Lines are ASCII and end in one byte; the last may be torn by a crash or still being written.
            read += line.Length + 1;
            if (read > length)
                break;
            number++;
            if (Anchor.Read(line) is not var (anchor, signature) || !key.Verifies(anchor.Message, signature))
                findings.Add(new Finding($"line {number} of the anchor file is not as it was signed"));
            else
                page.Add(anchor);
            if (page.Count == LedgerLimits.VerifyPage)
                await Compare(connection, page, cancellation);
        }
        await Compare(connection, page, cancellation);
    }

    async Task Compare(NpgsqlConnection connection, List<Anchor> page, CancellationToken cancellation)
    {
        var stored = new Dictionary<long, (long Position, EntryHash Hash)>();
        await using (var command = Rows.Command(
            connection,
            """
            SELECT c.number, c.first_position + c.count - 1, c.hash
            FROM unnest($1) AS q (number) JOIN ledger.commits c ON c.number = q.number
            """,
            page.ConvertAll(a => a.Number)))
        await using (var rows = await command.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
                stored[rows.GetInt64(0)] = (rows.GetInt64(1), Keys.Hash(rows.GetFieldValue<byte[]>(2)));
        }
        foreach (var anchor in page)
        {
            Anchors++;
            if (anchor.Number > head.CommitNumber)
                findings.Add(new Finding(
                    $"was signed, but the ledger ends at commit {head.CommitNumber}: its end was cut off or an older "
                    + "backup was put in its place", Position: anchor.Position, Commit: anchor.Number));
            else if (!stored.TryGetValue(anchor.Number, out var commit) || commit != (anchor.Position, anchor.Hash))
                findings.Add(new Finding(
                    "is not the one that was signed: the ledger was written anew", Position: anchor.Position,
                    Commit: anchor.Number));
        }
        page.Clear();
    }
}
