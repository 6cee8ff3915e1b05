using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Seeing;

/// <summary>
/// The newest commit this process has seen. Every commit requires that it is still there: on a database taken back to
/// a backup, what this process remembers of persons is from a future that never was, and nothing may be added to it.
/// </summary>
sealed class SeenHead
{
    public const string TakenBack =
        "The database was taken back to an older state under this server. Stop it, look, start it again.";

    readonly Lock _lock = new();
    (long Number, EntryHash Hash)? _seen;

    public (long Number, EntryHash Hash)? Value
    {
        get
        {
            lock (_lock)
                return _seen;
        }
    }

    public void Saw(long number, EntryHash hash)
    {
        lock (_lock)
            _seen = number > 0 && (_seen is null || number > _seen.Value.Number) ? (number, hash) : _seen;
    }
}
