using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// An account between two turns, written in place. The account of a turn lives as long as the turn; were it kept
/// itself, every settlement would leave three objects to the collector to be moved among the old ones, and pointed at
/// from there: most of the time for which a collection stopped the server.
/// </summary>
struct KeptAccount
{
    KeyValuePair<AccumulatorKey, Accumulator>[]? _accumulators;
    LatestDischarges _discharges;
    EntryHash _lastHash;
    long _lastAt;
    long _version;
    int _accumulatorCount;
    bool _isKept;

    public RosterEntry? Roster { get; private set; }

    /// <summary>Places for accumulators; some may be empty.</summary>
    public readonly int Slots => _accumulators?.Length ?? 0;

    /// <summary>More than one day of discharge is the person's own, a single one is shared.</summary>
    public readonly int Discharges => _isKept ? _discharges.Days.Length : 0;

    /// <summary>A copy for one turn; null: none is kept.</summary>
    public readonly Account? Of(string enrolleeId) => _isKept
        ? new Account(
            enrolleeId, _version, _lastHash, _lastAt, Roster,
            AccumulatorSet.OfSorted(_accumulators.AsSpan(0, _accumulatorCount).ToArray()))
        {
            Discharges = _discharges,
        }
        : null;

    public void Keep(Account account)
    {
        (_isKept, _version, _lastHash, _lastAt) = (true, account.Version, account.LastHash, account.LastAt);
        (Roster, _discharges) = (account.Roster, account.Discharges);
        var items = account.Accumulators.Items;
        if (_accumulators is null || _accumulators.Length < items.Length || _accumulators.Length > 2 * items.Length)
            _accumulators = new KeyValuePair<AccumulatorKey, Accumulator>[items.Length];
        items.CopyTo(_accumulators);
        _accumulators.AsSpan(items.Length).Clear();
        _accumulatorCount = items.Length;
    }

    public void Forget() => this = default;
}
