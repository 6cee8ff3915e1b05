using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Simulating;

/// <summary>How far a simulation has come; it reads the ledger twice.</summary>
/// <param name="SettlementsAll">0 until the first reading has counted them.</param>
/// <param name="EntriesAll">Of both readings.</param>
public readonly record struct SimulationProgress(
    long SettlementsDone, long SettlementsAll, long EntriesRead, long EntriesAll);

/// <summary>
/// What a year's live settlements of a region would have paid under a plan, against what they and their adjustments
/// pay.
/// </summary>
/// <param name="PlanId">Of the plan that was tried.</param>
/// <param name="Position">Everything up to this position of the ledger was looked at, and nothing after it.</param>
/// <param name="Settlements">Live ones: those reversed by then count nowhere.</param>
/// <param name="Untouched">Of them, those where no plan of the tried one's kind counted.</param>
/// <param name="Persons">Who has at least one of them.</param>
/// <param name="Paid">By all layers, basic ones that a plan computes among them: what persons need not bear.</param>
/// <param name="Layers">The tried plan's in its order, then those of other plans.</param>
/// <param name="Bands">All of <see cref="DifferenceBand.Edges"/>, ascending.</param>
/// <param name="Largest">At most <see cref="Limits.LargestDifferencesMax"/>, the largest amount first.</param>
/// <param name="Replaced">The versions in whose place the tried plan stood.</param>
public sealed record SimulationOutcome(
    string PlanId,
    int Year,
    string RegionId,
    long Position,
    long Settlements,
    long Untouched,
    long Persons,
    Money Paid,
    Money SimulatedPaid,
    IReadOnlyList<LayerUse> Layers,
    IReadOnlyList<DifferenceBand> Bands,
    IReadOnlyList<PersonDifference> Largest,
    IReadOnlyList<NotRated> NotRated,
    IReadOnlyList<ReplacedPlan> Replaced)
{
    /// <summary>For whom the plans would have paid more.</summary>
    public long PersonsBetter => Bands.Sum(b => b.Better.Persons);

    public long PersonsWorse => Bands.Sum(b => b.Worse.Persons);

    public long PersonsUnchanged => Persons - PersonsBetter - PersonsWorse;

    public Money Difference => SimulatedPaid - Paid;
}

/// <summary>Settlements in which a layer paid something, and what it paid in them.</summary>
public readonly record struct LayerSum(long Cases, Money Paid)
{
    public LayerSum Plus(Money paid) => paid == Money.Zero ? this : new(Cases + 1, Paid + paid);
}

/// <summary>A layer of a plan; one of a replaced plan stands under the tried plan's layer of the same id.</summary>
/// <param name="Basic">It computed the basic payment: a part of it, and none of the plans'.</param>
public sealed record LayerUse(string PlanId, string LayerId, bool Basic, LayerSum Actual, LayerSum Simulated);

/// <summary>A version that counted, and in how many settlements the tried plan stood in its place.</summary>
public readonly record struct ReplacedPlan(PlanCounted Plan, long Settlements);

/// <summary>
/// Settlements that the plans would have refused, by the refusal's reason; they are kept at what they pay.
/// </summary>
/// <param name="First">The first such refusal in the ledger's order: what to look at.</param>
public sealed record NotRated(Refusal First, long Settlements, Money Paid);

/// <summary>What one person's settlements pay and would have paid.</summary>
public sealed record PersonDifference(string EnrolleeId, Money Before, Money After, int Settlements)
{
    /// <summary>Positive: the person would have borne so much less.</summary>
    public Money Difference => After - Before;
}

/// <summary>How many persons, and what their differences come to; never negative.</summary>
public readonly record struct PersonSum(long Persons, Money Amount)
{
    public PersonSum Plus(Money amount) => new(Persons + 1, Amount + amount);
}

/// <summary>Persons whose difference in a year, either way, lies above From up to and including To.</summary>
/// <param name="To">Null: open above.</param>
public sealed record DifferenceBand(Money From, Money? To, PersonSum Better, PersonSum Worse)
{
    /// <summary>From a fen that only rounding moved up to what ruins a household.</summary>
    public static readonly IReadOnlyList<Money> Edges =
    [
        Money.Yuan(100), Money.Yuan(500), Money.Yuan(1_000), Money.Yuan(2_000), Money.Yuan(5_000), Money.Yuan(10_000),
        Money.Yuan(50_000),
    ];

    /// <summary>The bands, with these persons in them; those without a difference are in none.</summary>
    public static IReadOnlyList<DifferenceBand> Of(IEnumerable<PersonDifference> persons)
    {
        var better = new PersonSum[Edges.Count + 1];
        var worse = new PersonSum[Edges.Count + 1];
        foreach (var person in persons)
        {
            var difference = person.Difference;
            if (difference > Money.Zero)
                better[IndexOf(difference)] = better[IndexOf(difference)].Plus(difference);
            else if (difference < Money.Zero)
                worse[IndexOf(-difference)] = worse[IndexOf(-difference)].Plus(-difference);
        }
        return
        [
            .. better.Select((sum, i) => new DifferenceBand(
                i == 0 ? Money.Zero : Edges[i - 1], i < Edges.Count ? Edges[i] : null, sum, worse[i])),
        ];
    }

    static int IndexOf(Money amount)
    {
        var index = 0;
        while (index < Edges.Count && amount > Edges[index])
            index++;
        return index;
    }
}
