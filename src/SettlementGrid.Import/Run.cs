using SettlementGrid.Enrollees;
using SettlementGrid.Import.Reading;

namespace SettlementGrid.Import;

/// <summary>
/// One run over a file: batches go to the ledger side by side, but are finished in the order of the file, so that
/// rejects are in order and a checkpoint's line has nothing undone before it. Not thread-safe.
/// </summary>
sealed class Run(
    SourceFile file, string progressPath, RejectsFile rejects, Checkpoint? checkpoint, ILedger ledger,
    TimeProvider clock, Action<ImportProgress> progress)
{
    readonly long _began = clock.GetTimestamp();
    readonly ImportCounts _before = checkpoint?.Counts ?? default;
    ImportCounts _counts = checkpoint?.Counts ?? default;
    long _line = checkpoint?.Line ?? 0;
    long _bytes;
    long? _bytesBefore;
    long _lastCheckpoint = clock.GetTimestamp();
    long _lastProgress = clock.GetTimestamp();

    public bool HasWritten => _counts.Written > 0;

    string? RejectsPath => rejects.Exists ? rejects.Path : null;

    public async Task<ImportOutcome> Batches(BatchReader reader, BatchStore store, CancellationToken cancellation)
    {
        var inFlight = new Queue<Task<Batch>>();
        try
        {
            while (reader.Next() is { } batch)
            {
                if (batch.LastLine <= _line)
                    continue;
                _bytesBefore ??= batch.BytesRead;
                if (inFlight.Count == Limits.BatchesInFlightMax)
                    await Finish(await inFlight.Dequeue());
                inFlight.Enqueue(Task.Run(() => store.Store(batch, cancellation), CancellationToken.None));
            }
            while (inFlight.Count > 0)
                await Finish(await inFlight.Dequeue());
            rejects.Flush();
            Report();
            return new ImportOutcome.Done(_counts, RejectsPath, clock.GetElapsedTime(_began), checkpoint?.Line ?? 0);
        }
        catch (LedgerUnavailableException)
        {
            return new ImportOutcome.Stopped(
                Refusals.Unavailable(), _counts, RejectsPath, clock.GetElapsedTime(_began));
        }
        catch (OperationCanceledException)
        {
            await TryCheckpoint();
            throw;
        }
        finally
        {
            // Nothing may write on behind a run that has ended.
            foreach (Task unfinished in inFlight)
                await unfinished.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async ValueTask Finish(Batch batch)
    {
        rejects.Add(batch.Rejects);
        _counts += batch.Counts;
        (_line, _bytes) = (batch.LastLine, batch.BytesRead);
        if (clock.GetElapsedTime(_lastProgress) >= Limits.ProgressEvery)
            Report();
        if (clock.GetElapsedTime(_lastCheckpoint) >= Limits.CheckpointEvery)
            await TryCheckpoint();
    }

    /// <summary>Without it the next start does more again; so a ledger that is away here stops nothing.</summary>
    async ValueTask TryCheckpoint()
    {
        try
        {
            await Checkpoint.Write(progressPath, file, _line, rejects.Flush(), _counts, ledger);
        }
        catch (LedgerUnavailableException)
        {
            // The batches hear of it themselves, and wait.
        }
        _lastCheckpoint = clock.GetTimestamp();
    }

    void Report()
    {
        _lastProgress = clock.GetTimestamp();
        var seconds = clock.GetElapsedTime(_began).TotalSeconds;
        var bytes = _bytes - _bytesBefore ?? 0;
        TimeSpan? left = bytes > 0 ? TimeSpan.FromSeconds(seconds * (file.Length - _bytes) / bytes) : null;
        var rows = _counts.Rows - _before.Rows;
        progress(new ImportProgress(_counts, _bytes, file.Length, seconds > 0 ? rows / seconds : 0, left));
    }
}
