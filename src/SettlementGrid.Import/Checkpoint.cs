using System.Text.Json;
using SettlementGrid.Enrollees;
using SettlementGrid.Import.Reading;

namespace SettlementGrid.Import;

/// <summary>
/// <c>FILE.progress</c>: how far an interrupted import came. It counts only for the very same file (length and SHA-256)
/// and the very same ledger (an entry that stood there then stands there now), since skipping lines that another
/// ledger never saw would lose them. A file that cannot be read is none: the import then begins at the start, which
/// costs time and no truth.
/// </summary>
/// <param name="Line">Every row up to it is stored, unchanged or rejected.</param>
/// <param name="RejectsBytes">Length of the rejects file at that line.</param>
/// <param name="LedgerPosition">Of an entry, and its hash.</param>
sealed record Checkpoint(
    int Format, long FileLength, string FileSha256, long Line, long RejectsBytes, ImportCounts Counts,
    long LedgerPosition, string LedgerEntry)
{
    const int FormatNow = 1;

    public static async ValueTask Write(
        string path, SourceFile file, long line, long rejectsBytes, ImportCounts counts, ILedger ledger)
    {
        var position = (await ledger.ReadHead(CancellationToken.None)).Position;
        // An empty ledger cannot be told from another one.
        if (await EntryAt(position, ledger) is not { } entry)
            return;
        var checkpoint = new Checkpoint(
            FormatNow, file.Length, file.Sha256, line, rejectsBytes, counts, position, entry);
        var next = path + ".next";
        await File.WriteAllBytesAsync(next, JsonSerializer.SerializeToUtf8Bytes(checkpoint));
        File.Move(next, path, overwrite: true);
    }

    public static async ValueTask<Checkpoint?> Read(string path, SourceFile file, ILedger ledger)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var read = JsonSerializer.Deserialize<Checkpoint>(await File.ReadAllBytesAsync(path));
            return read is { Format: FormatNow } && read.FileLength == file.Length && read.FileSha256 == file.Sha256
                && read.LedgerEntry == await EntryAt(read.LedgerPosition, ledger) ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static async ValueTask<string?> EntryAt(long position, ILedger ledger)
    {
        if (position < 1)
            return null;
        var read = await ledger.ReadTail(position - 1, 1, CancellationToken.None);
        return read.Count == 0 ? null : read[0].Entry.Hash.ToString();
    }
}
