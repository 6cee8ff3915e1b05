using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Writing;

/// <summary>An entry with the keys that cost a hash.</summary>
readonly record struct Row(Entry Entry, Guid? Settlement, Guid? Place, string? FacilityId, long? FacilityKey)
{
    public static Row Of(Entry entry)
    {
        var facility = entry.FacilityId;
        return new Row(
            entry,
            entry.RequestKey is { } id ? Keys.Of(id) : null,
            Keys.PlaceOf(entry),
            facility,
            facility is null ? null : Keys.Facility(facility, entry.At));
    }
}

/// <summary>
/// An append on its way. It is answered exactly once: by whoever holds it after <see cref="TryTake"/>, or, while it is
/// still queued, by its caller's cancellation.
/// </summary>
sealed class Pending
{
    const int Queued = 0;
    const int Taken = 1;
    const int Cancelled = 2;

    readonly TaskCompletionSource<AppendOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenRegistration _registration;
    int _state;

    public Pending(Append append, CancellationToken cancellation)
    {
        Append = append;
        Raises = append.Entries.Count(e => e.Stream.Kind is StreamKind.Plan or StreamKind.Facility);
        Columns = [.. append.Entries.Select(Row.Of)];
        _registration = cancellation.UnsafeRegister(static p => ((Pending)p!).Cancel(), this);
    }

    public Append Append { get; }

    /// <summary>The entries with their keys, computed here, on the caller's time and not the writer's.</summary>
    public Row[] Columns { get; }

    public int Rows => Append.Entries.Count;

    /// <summary>By how much it raises the catalog's revision.</summary>
    public int Raises { get; }

    public Task<AppendOutcome> Outcome => _outcome.Task;

    /// <summary>False: its caller gave up while it was queued.</summary>
    public bool TryTake() =>
        Interlocked.CompareExchange(ref _state, Taken, Queued) is Queued or Taken && Unregister();

    public bool IsExpired(long now) => now - Append.DecidedAt > (long)Limits.DecisionAgeMax.TotalMilliseconds;

    public void Answer(AppendOutcome outcome) => _outcome.TrySetResult(outcome);

    public void Fail(Exception error) => _outcome.TrySetException(error);

    public void Unavailable(string why) => Fail(new LedgerUnavailableException(why));

    bool Unregister()
    {
        _registration.Dispose();
        return true;
    }

    void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Queued) == Queued)
            _outcome.TrySetCanceled();
    }
}
