using SettlementGrid.Enrollees;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;
using Limits = SettlementGrid.Enrollees.Limits;

namespace SettlementGrid.LedgerLoad;

/// <summary>Persons, bills and the plan that every measurement here uses; the same ones every time.</summary>
static class Generated
{
    public const string PlanId = "puyang-employee-large-2026";
    const int Facilities = 400;
    const int Counties = 10;

    static readonly RosterEntry[] Rosters = [.. Enumerable.Range(1, Counties).Select(county => new RosterEntry(
        $"4109{county:00}", Insurance.Employee,
        [new Coverage(PlanId, new DaySpan(new DateOnly(2026, 1, 1), null))], []))];

    public static string PlanText
    {
        get
        {
            using var text = new StreamReader(typeof(Generated).Assembly.GetManifestResourceStream("plan.yaml")!);
            return text.ReadToEnd();
        }
    }

    public static Plan ReadPlan(string text) =>
        PlanFile.Read(text).Plan ?? throw new InvalidDataException("The plan does not read.");

    public static string Person(int i) => $"41090{i:0000000000000}";

    /// <summary>Persons in an order that has nothing to do with the index: a stride prime to most counts.</summary>
    public static string StrewnPerson(int i, int persons) => Person((int)(i * 1_000_003L % persons));

    public static RosterEntry RosterOf(int person) => Rosters[person % Counties];

    /// <summary>One stay of a person; every number another one.</summary>
    public static SettleRequest Bill(string person, int i)
    {
        var fen = 10_000L + i % 9_000_000;
        return new SettleRequest(
            $"r-{i}", $"H410926{i % Facilities:00000}", $"e-{i}", person, Channel.OneStop,
            new Bill(
                CareType.Inpatient, null, Filing.Filed, new DateOnly(2026, 2, 20), new DateOnly(2026, 3, 1),
                new Money(2 * fen), new Money(fen), new Money(fen / 2), null, Money.Zero, Money.Zero, Money.Zero,
                null));
    }

    /// <summary>The whole roster, in calls as the agency makes them.</summary>
    public static async Task FillRoster(
        ILedger ledger, int persons, int callsAtOnce, TimeProvider clock, CancellationToken cancellation)
    {
        var calls = Enumerable.Range(0, (persons + Limits.RosterCallMax - 1) / Limits.RosterCallMax);
        var options = new ParallelOptions { MaxDegreeOfParallelism = callsAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(calls, options, async (call, c) =>
        {
            var first = call * Limits.RosterCallMax;
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var entries = Enumerable.Range(first, Math.Min(Limits.RosterCallMax, persons - first))
                .Select(i => Entry.Next(Account.Unknown(Person(i)), new Fact.Enrolled(RosterOf(i)), now)).ToList();
            if (await ledger.Append(new Append(entries, null, now), c) is not AppendOutcome.Committed)
                throw new InvalidOperationException("A roster call was not stored.");
        });
    }
}
