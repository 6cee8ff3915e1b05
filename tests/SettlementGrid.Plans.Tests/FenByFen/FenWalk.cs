namespace SettlementGrid.Plans.Tests;

/// <summary>
/// What a year has come to under a walk: the last fen of each layer's position, what it paid, and basic.
/// </summary>
sealed class WalkedYear
{
    readonly Dictionary<string, (long Fen, long Paid)> _layers = new(StringComparer.Ordinal);

    public long Basic { get; set; }

    public long FenOf(string layer) => _layers.GetValueOrDefault(layer).Fen;

    public long PaidBy(string layer) => _layers.GetValueOrDefault(layer).Paid;

    public Step Move(string layer, long fen, long paid)
    {
        _layers[layer] = (FenOf(layer) + fen, PaidBy(layer) + paid);
        return new Step(layer, fen, paid);
    }
}

/// <summary>What one layer did on one bill: so many fen entered its position, so many were paid.</summary>
readonly record struct Step(string Layer, long Fen, long Paid);

/// <summary>
/// A policy as a person with a table of rates would carry it out, fen by fen: the n-th fen of the year's position is
/// looked up by its number alone, and each pays its own ten-thousandths, which are added up and rounded once. There are
/// no bands, no differences and no plan file in it; the year is walked in the order of the bills. On the plan divided
/// by a thousand.
/// </summary>
abstract class FenWalk(Plan plan, string name = "")
{
    public Plan Plan { get; } = plan;

    public string Name => Plan.Id + name;

    /// <summary>Never one that is refused: what is refused is compared in <see cref="Reference_tests"/>.</summary>
    public abstract Stay Draw(Dice dice, DateOnly day, WalkedYear year);

    public abstract IEnumerable<Step> Settle(WalkedYear year, Stay stay);

    /// <summary>
    /// Pays for the next fen of a position; at most what is left of a cap and of what earlier payers left of the bill.
    /// </summary>
    protected static Step Walk(
        WalkedYear year, string layer, long count, Func<long, int> tenThousandths, long left, long cap = long.MaxValue)
    {
        var sum = 0L;
        for (var fen = year.FenOf(layer) + 1; fen <= year.FenOf(layer) + count; fen++)
            sum += tenThousandths(fen);
        var due = sum / 10_000 + (sum % 10_000 >= 5_000 ? 1 : 0);
        return year.Move(layer, count, Math.Min(due, Math.Min(left, Math.Max(0, cap - year.PaidBy(layer)))));
    }

    protected static long LeftOfEligible(Bill bill) =>
        Math.Max(0, bill.Eligible.Fen - bill.BasicPaid.Fen - bill.PriorPlansPaid.Fen);

    protected static bool Is(Stay stay, DateOnly day, params IdentityKind[] kinds) =>
        stay.Roster.Identities.Any(identity => kinds.Contains(identity.Kind)
            && (identity.Days.From is not { } from || day >= from) && (identity.Days.To is not { } to || day <= to));

    /// <param name="room">How much the basic pool may still pay in the year.</param>
    protected static Bill Bill(Dice dice, DateOnly day, CareType care, long room, params long[] edges)
    {
        var eligible = dice.Below(12) switch
        {
            0 or 1 => dice.Below(100),
            2 or 3 => Math.Max(0, dice.Of(edges) + dice.Below(5) - 2),
            4 => dice.Below(120_000),
            5 or 6 => dice.Below(30_000),
            _ => dice.Below(6_000),
        };
        var basic = dice.OneIn(2) ? 0 : Math.Min(room, dice.UpTo(eligible / 2));
        var prior = dice.OneIn(5) ? dice.UpTo(eligible - basic) : 0;
        var beyond = dice.OneIn(2) ? 0 : dice.Below(4_000);
        var assistance = dice.OneIn(5) ? dice.UpTo(beyond) : 0;
        return Bills.Empty with
        {
            CareType = care, AdmittedOn = day, DischargedOn = day, Filing = dice.Of(Filing.Filed, Filing.Unfiled),
            Total = new Money(eligible + beyond), Eligible = new Money(eligible), BasicPaid = new Money(basic),
            PriorPlansPaid = new Money(prior), AssistancePaid = new Money(assistance),
            DrugClass = dice.Of(DrugClass.A, DrugClass.B, DrugClass.C),
        };
    }
}
