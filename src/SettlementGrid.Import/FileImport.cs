using SettlementGrid.Enrollees;
using SettlementGrid.Import.Reading;

namespace SettlementGrid.Import;

/// <summary>
/// Brings a roster or opening balances from a file into the ledger. Every row ends either in the ledger as the file
/// says or in <c>FILE.rejects.csv</c>; what is so already makes no fact. Interrupted at any point (also killed), the
/// same import again goes on from its checkpoint and comes to the same end. Settlements may go on meanwhile: the
/// ledger's (stream, version) is the fence. It does not remove persons who are not in the file.
/// </summary>
/// <param name="progress">Called now and then, never twice at once.</param>
/// <param name="tidy">Called once after facts were written: the database's own tidying (VACUUM ANALYZE).</param>
public sealed class FileImport(
    ILedger ledger, RosterLoad load, CatalogSource catalogs, TimeProvider clock, Action<ImportProgress> progress,
    Func<CancellationToken, Task> tidy)
{
    /// <summary>
    /// Cancelled, it throws <see cref="OperationCanceledException"/> once its checkpoint is written. A file that cannot
    /// be opened, read or written beside is an <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
    /// </summary>
    public async Task<ImportOutcome> Run(string path, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        await catalogs.Refresh(cancellation);
        var (file, refusal) = await SourceFile.Examine(path, cancellation);
        if (file is null)
            return new ImportOutcome.Refused(refusal!);

        var progressPath = Path.ChangeExtension(path, ".progress");
        var rejectsPath = Path.ChangeExtension(path, ".rejects.csv");
        var checkpoint = await Checkpoint.Read(progressPath, file, ledger);
        var rejects = RejectsFile.Open(rejectsPath, checkpoint?.RejectsBytes ?? 0);
        if (rejects is null)
        {
            checkpoint = null;
            rejects = RejectsFile.Open(rejectsPath, 0)!;
        }
        using (rejects)
        {
            var (reader, headerRefusal) = BatchReader.Open(file, catalogs, checkpoint?.Line ?? 0);
            if (reader is null)
                return new ImportOutcome.Refused(headerRefusal!);
            using (reader)
            {
                var run = new Run(file, progressPath, rejects, checkpoint, ledger, clock, progress);
                var outcome = await run.Batches(reader, new BatchStore(load, clock), cancellation);
                if (outcome is not ImportOutcome.Done)
                    return outcome;
                if (run.HasWritten)
                    await tidy(cancellation);
                File.Delete(progressPath);
                return outcome with { Elapsed = clock.GetElapsedTime(began) };
            }
        }
    }
}
