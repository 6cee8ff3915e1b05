namespace SettlementGrid.Enrollees;

/// <summary>
/// The latest discharge date settled of each policy year, by which a settlement that comes after a later one is known.
/// A memory, no accumulator: a reversal does not take it back, since a mark says what stood when it was decided.
/// Ascending, one a year; a person has a handful. What was settled in ledger format 1 is not in it: unknown, hence
/// never later.
/// </summary>
public sealed class LatestDischarges : IEquatable<LatestDischarges>
{
    public static readonly LatestDischarges None = new([]);

    // Two years and more of single days: a warm account of one year then holds nothing of its own for it.
    const int SharedSlots = 1024;
    static readonly LatestDischarges?[] Shared = new LatestDischarges?[SharedSlots];

    readonly DateOnly[] _days;

    LatestDischarges(DateOnly[] days) => _days = days;

    /// <summary>From days in ascending order, one a year, as the codec stores them.</summary>
    public static LatestDischarges OfSorted(DateOnly[] days) =>
        days.Length == 0 ? None : days.Length == 1 ? Of(days[0]) : new LatestDischarges(days);

    public ReadOnlySpan<DateOnly> Days => _days;

    /// <summary>The latest day settled in the discharge's year where it lies after the discharge; else null.</summary>
    public DateOnly? After(DateOnly discharge)
    {
        foreach (var day in _days)
            if (day.Year == discharge.Year)
                return day > discharge ? day : null;
        return null;
    }

    public LatestDischarges Plus(DateOnly discharge)
    {
        var at = 0;
        while (at < _days.Length && _days[at].Year < discharge.Year)
            at++;
        if (at == _days.Length)
            return OfSorted([.. _days, discharge]);
        if (_days[at].Year != discharge.Year)
            return new LatestDischarges([.. _days[..at], discharge, .. _days[at..]]);
        if (_days[at] >= discharge)
            return this;
        var days = _days.ToArray();
        days[at] = discharge;
        return OfSorted(days);
    }

    /// <summary>
    /// One object for all who were discharged last on that day. A lost race only makes a second equal one.
    /// </summary>
    static LatestDischarges Of(DateOnly day)
    {
        ref var slot = ref Shared[day.DayNumber % SharedSlots];
        var known = slot;
        return known is not null && known._days[0] == day ? known : slot = new LatestDischarges([day]);
    }

    public bool Equals(LatestDischarges? other) => other is not null && _days.AsSpan().SequenceEqual(other._days);

    public override bool Equals(object? obj) => Equals(obj as LatestDischarges);

    public override int GetHashCode() => _days.Length == 0 ? 0 : HashCode.Combine(_days.Length, _days[^1]);
}
