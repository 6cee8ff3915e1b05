using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <summary>Roster entries with identities in plausible shares.</summary>
static class People
{
    static readonly Coverage[] TongliaoCover =
    [
        new("tongliao-resident-critical-2025", Year(2025)),
        new("tongliao-sample", new DaySpan(new DateOnly(2026, 1, 1), null)),
    ];

    // Whoever joins during the year: cover begins with the basic insurance.
    static readonly Coverage[] TongliaoCoverFromApril =
        [new("tongliao-resident-critical-2025", Year(2025) with { From = new DateOnly(2025, 4, 1) }), TongliaoCover[1]];

    static readonly Coverage[] PuyangCover =
    [
        new("puyang-employee-large-2026", Year(2026)),
        new("puyang-sample", new DaySpan(new DateOnly(2027, 1, 1), null)),
    ];

    static readonly int[] TongliaoWeights = [.. Geography.Tongliao.Select(d => d.Weight)];
    static readonly int[] PuyangWeights = [.. Geography.Puyang.Select(d => d.Weight)];

    // Of ten thousand residents; a person has one of these at the most.
    static readonly (int Share, IdentityKind Kind)[] Specials =
    [
        (100, IdentityKind.ExtremePoverty), (12, IdentityKind.Orphan), (620, IdentityKind.LowIncome),
        (150, IdentityKind.LowIncomeDisabled), (55, IdentityKind.ReturnedToPoverty),
    ];

    const int StudentShare = 1_650;
    const int JoinedInAprilShare = 150;

    public static RosterPut Resident(ulong seed, string id)
    {
        var dice = new Dice(seed, id);
        var region = Geography.Tongliao[dice.Weighted(TongliaoWeights)].Region;
        var identities = new List<Identity>();
        var throwOf = dice.Between(1, 10_000);
        foreach (var (share, kind) in Specials)
        {
            if (throwOf > 0 && throwOf <= share)
                identities.Add(new Identity(kind, DaysOf(ref dice)));
            throwOf -= share;
        }
        if (dice.Chance(StudentShare))
            identities.Add(new Identity(IdentityKind.Student, default));
        var cover = dice.Chance(JoinedInAprilShare) ? TongliaoCoverFromApril : TongliaoCover;
        return new RosterPut(id, new RosterEntry(region, Insurance.Resident, cover, identities.ToArray()));
    }

    public static RosterPut Employee(ulong seed, string id)
    {
        var dice = new Dice(seed, id);
        var region = Geography.Puyang[dice.Weighted(PuyangWeights)].Region;
        Identity[] identities = dice.Chance(30) ? [new Identity(IdentityKind.LowIncome, default)] : [];
        return new RosterPut(id, new RosterEntry(region, Insurance.Employee, PuyangCover, identities));
    }

    public static RosterPut OrdinaryResident(string id, params Identity[] identities) =>
        new(id, new RosterEntry("150502", Insurance.Resident, TongliaoCover, identities));

    public static RosterPut OrdinaryEmployee(string id) =>
        new(id, new RosterEntry("410902", Insurance.Employee, PuyangCover, []));

    /// <summary>Most have held for years; some are granted or end in 2025, so that dates matter.</summary>
    static DaySpan DaysOf(ref Dice dice) => dice.Between(1, 20) switch
    {
        1 => new DaySpan(dice.DayOf(2025), null),
        2 => new DaySpan(null, dice.DayOf(2025)),
        _ => default,
    };

    static DaySpan Year(int year) => new(new DateOnly(year, 1, 1), new DateOnly(year, 12, 31));
}
