namespace SettlementGrid.Plans.Tests;

/// <summary>Random stays from one seed, so that a failing history is drawn again by its number.</summary>
sealed class Dice(int seed)
{
    readonly Random _random = new(seed);

    public int Below(int bound) => _random.Next(bound);

    public bool OneIn(int chances) => _random.Next(chances) == 0;

    public T Of<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    /// <summary>An amount up to some hundred thousand yuan, often a few fen around an edge of the policy.</summary>
    public long Fen(params long[] edgesInYuan) => Below(5) switch
    {
        0 => Below(100),
        1 => Math.Max(0, Of(edgesInYuan) * 100 + Below(5) - 2),
        2 => _random.NextInt64(60_000_000),
        _ => _random.NextInt64(6_000_000),
    };

    public long UpTo(long fen) => fen <= 0 ? 0 : _random.NextInt64(fen + 1);

    public DateOnly Day(DateOnly from, int days) => from.AddDays(Below(days));

    /// <summary>
    /// A bill whose amounts obey what is checked before adjudication: no part above what it is part of.
    /// </summary>
    public Bill Bill(CareType care, params long[] edgesInYuan)
    {
        var eligible = Fen(edgesInYuan);
        var total = eligible + (OneIn(2) ? 0 : UpTo(1_000_000));
        var basic = Below(4) switch { 0 => eligible, 1 => 0, _ => UpTo(eligible / 2) };
        var prior = OneIn(4) ? UpTo(total - basic) : 0;
        var assistance = OneIn(4) ? UpTo(total - basic - prior) : 0;
        var day = Day(new DateOnly(2025, 1, 1), 730);
        return Bills.Empty with
        {
            CareType = care, AdmittedOn = day, DischargedOn = day, Filing = Of(Filing.Filed, Filing.Unfiled),
            Total = new Money(total), Eligible = new Money(eligible), BasicPaid = new Money(basic),
            PriorPlansPaid = new Money(prior), AssistancePaid = new Money(assistance),
            Unreasonable = new Money(OneIn(3) ? UpTo(total) : 0),
            DrugClass = OneIn(12) ? null : Of(DrugClass.A, DrugClass.B, DrugClass.C),
        };
    }

    /// <summary>A roster entry under the plan with some of the kinds, each always or for a span near the day.</summary>
    public RosterEntry Roster(Plan plan, DateOnly discharged, params IdentityKind[] kinds)
    {
        DateOnly? from = OneIn(2) ? null : discharged.AddDays(-Below(400));
        var held = kinds.Where(_ => OneIn(3)).Select(kind => new Identity(kind, Span())).ToList();
        return new RosterEntry(
            plan.Region, Insurance.Resident, [new Coverage(plan.Id, new DaySpan(from, null))], held);

        DaySpan Span() => Below(4) switch
        {
            0 => new DaySpan(discharged.AddDays(Below(3) - 1), null),
            1 => new DaySpan(null, discharged.AddDays(Below(3) - 1)),
            2 => new DaySpan((from ?? discharged).AddDays(Below(3) - 1), discharged.AddDays(Below(200))),
            _ => default,
        };
    }
}
