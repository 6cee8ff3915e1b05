using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Writing;

/// <summary>An entry with the keys that cost a hash.</summary>
/// <param name="Before">The version that must stand in the ledger already; 0: none must.</param>
readonly record struct Row(
    Entry Entry, long Before, Guid? Settlement, Guid? Place, string? FacilityId, long? FacilityKey)
{
    public static Row[] Of(IReadOnlyList<Entry> entries)
    {
        // Nearly every append is one entry: it needs no set of its own versions.
        if (entries is [var only])
            return [Of(only, only.Version - 1)];
        var rows = new Row[entries.Count];
        var own = new HashSet<(StreamKey, long)>();
        for (var i = 0; i < rows.Length; i++)
        {
            var (stream, version) = (entries[i].Stream, entries[i].Version);
            rows[i] = Of(entries[i], own.Contains((stream, version - 1)) ? 0 : version - 1);
            own.Add((stream, version));
        }
        return rows;
    }

    static Row Of(Entry entry, long before)
    {
        var facility = entry.FacilityId;
        return new Row(
            entry,
            before,
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
        Columns = Row.Of(append.Entries);
        foreach (ref readonly var row in Columns.AsSpan())
            Raises += row.Entry.Stream.Kind is StreamKind.Plan or StreamKind.Facility ? 1 : 0;
        ContradictsItself = ClaimsTwice(Columns);
        _registration = cancellation.UnsafeRegister(static p => ((Pending)p!).Cancel(), this);
    }

    public Append Append { get; }

    /// <summary>The entries with their keys, computed here, on the caller's time and not the writer's.</summary>
    public Row[] Columns { get; }

    public int Rows => Columns.Length;

    /// <summary>By how much it raises the catalog's revision.</summary>
    public int Raises { get; }

    /// <summary>Whether two of its own entries claim the same key: no ledger could ever take it.</summary>
    public bool ContradictsItself { get; }

    public Task<AppendOutcome> Outcome => _outcome.Task;

    /// <summary>False: its caller gave up while it was queued.</summary>
    public bool TryTake() =>
        Interlocked.CompareExchange(ref _state, Taken, Queued) is Queued or Taken && Unregister();

    public bool IsExpired(long now) => now - Append.DecidedAt > (long)Limits.DecisionAgeMax.TotalMilliseconds;

    public void Answer(AppendOutcome outcome) => _outcome.TrySetResult(outcome);

    public void Fail(Exception error) => _outcome.TrySetException(error);

    public void Unavailable(string why) => Fail(new LedgerUnavailableException(why));

    static bool ClaimsTwice(Row[] rows)
    {
        if (rows.Length == 1)
            return false;
        var keys = new HashSet<Guid>();
        return rows.Any(r => r.Settlement is { } id && !keys.Add(id) || r.Place is { } place && !keys.Add(place));
    }

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
