namespace SettlementGrid.Plans.Tests;

/// <summary>One discharge as it comes to be settled: the bill, the roster of that moment, the facility.</summary>
sealed record Stay(Bill Bill, RosterEntry Roster, FacilityProfile At);

/// <summary>What one responsibility of a policy did, in fen: what entered its position, and what it paid.</summary>
readonly record struct Part(decimal Counted, decimal Paid);

/// <summary>A settled stay with its parts by layer id, as they stand and as they were found at first.</summary>
sealed record Rated(Stay Stay, IReadOnlyDictionary<string, Part> Parts, IReadOnlyDictionary<string, Part> First);

/// <summary>
/// A policy written out from its document, of another construction than the engine: no plan file, no accumulators, no
/// bands. Everything is computed from the list of the year's settled stays, in exact decimals of fen, and rounded once.
/// Slow and obvious on purpose.
/// </summary>
abstract class Policy(params Plan[] plans)
{
    /// <summary>The plan files that must pay what is written here; a history is settled under one of them.</summary>
    public IReadOnlyList<Plan> Plans { get; } = plans;

    /// <summary>A random stay of this policy; may lie where the policy refuses.</summary>
    public abstract Stay Draw(Dice dice, Plan plan, IReadOnlyList<Rated> before);

    /// <param name="before">The settled stays of the same policy year, in the order of their settlement.</param>
    /// <param name="first">Where a settled stay is rated again: what it came to at first.</param>
    public abstract Dictionary<string, Part> Rate(
        Plan plan, IReadOnlyList<Rated> before, Stay stay, IReadOnlyDictionary<string, Part>? first);

    /// <summary>Every reason for refusing the stay; the first by precedence is the one given.</summary>
    protected virtual IEnumerable<string> Reasons(IReadOnlyList<Rated> before, Stay stay) => [];

    public string? Refused(IReadOnlyList<Rated> before, Stay stay, IReadOnlyDictionary<string, Part> parts)
    {
        string[] precedence =
            ["MALFORMED_REQUEST", "AMOUNT_OUT_OF_RANGE", "BASIC_CAP_EXCEEDED", "OVER_CAP_ELIGIBLE_REQUIRED"];
        var reasons = Reasons(before, stay).ToHashSet();
        if (MoreThanTotal(stay, parts))
            reasons.Add("AMOUNT_OUT_OF_RANGE");
        return precedence.FirstOrDefault(reasons.Contains);
    }

    public static bool MoreThanTotal(Stay stay, IReadOnlyDictionary<string, Part> parts)
    {
        var bill = stay.Bill;
        return Basic(stay) + bill.PriorPlansPaid.Fen + bill.AssistancePaid.Fen + parts.Values.Sum(part => part.Paid)
            > bill.Total.Fen;
    }

    protected static decimal Eligible(Stay stay) => stay.Bill.Eligible.Fen;

    protected static decimal Basic(Stay stay) => stay.Bill.BasicPaid.Fen;

    protected static decimal BasicOf(IEnumerable<Rated> stays) => stays.Sum(rated => Basic(rated.Stay));

    /// <summary>What basic and a layer outside the grid left of the eligible cost.</summary>
    protected static decimal LeftOfEligible(Stay stay) =>
        Math.Max(0, Eligible(stay) - Basic(stay) - stay.Bill.PriorPlansPaid.Fen);

    protected static decimal Counted(IEnumerable<Rated> stays, string layer) =>
        stays.Sum(rated => rated.Parts.TryGetValue(layer, out var part) ? part.Counted : 0);

    protected static decimal Paid(IEnumerable<Rated> stays, string layer) =>
        stays.Sum(rated => rated.Parts.TryGetValue(layer, out var part) ? part.Paid : 0);

    protected static bool Holds(Stay stay, IdentityKind kind, DateOnly day) =>
        stay.Roster.Identities.Any(identity => identity.Kind == kind
            && !(identity.Days.From > day) && !(identity.Days.To < day));

    protected static bool IsNow(Stay stay, params IdentityKind[] kinds) =>
        kinds.Any(kind => Holds(stay, kind, stay.Bill.DischargedOn));

    protected static decimal Rounded(decimal fen) => Math.Round(fen, MidpointRounding.AwayFromZero);

    protected static decimal Least(params decimal[] amounts) => amounts.Min();

    protected static decimal Above(decimal position, decimal edge) => Math.Max(0, position - edge);
}
