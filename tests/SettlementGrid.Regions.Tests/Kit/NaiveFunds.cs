using System.Globalization;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Regions.Tests.Kit;

/// <summary>
/// The funds a second time, as one would sum them with a query over all facts: nothing is kept from fact to fact, and
/// what is known of the test's plans is written down here.
/// </summary>
static class NaiveFunds
{
    /// <summary>A fact's part in one plan's fund.</summary>
    sealed record Row(
        Fact.Money Fact, string Person, string Month, CarePlace Place, Money Paid, Money AccidentBasic,
        IReadOnlyList<LayerResult> Layers);

    public static FundPosition Position(IReadOnlyList<Recorded> entries, string regionId, string planId, int year)
    {
        var rows = entries
            .Where(e => e.Fact is Fact.Money money && Below(money.RegionId, regionId) && money.Request.Year == year)
            .Select(e => RowOf(e, planId)).OfType<Row>().ToList();
        var settled = rows.Where(r => r.Fact is Fact.Settled).ToList();
        var reversed = rows.Select(r => r.Fact).OfType<Fact.Reversed>().ToList();
        var adjusted = rows.Where(r => r.Fact is Fact.Adjusted).ToList();
        var gone = reversed.Select(r => r.Reversal.Reverses).ToHashSet();
        return new FundPosition(
            regionId, planId, year, entries.Count, entries.Count == 0 ? 0 : entries[^1].Entry.At,
            Recorded(entries, regionId, planId, year),
            Sum(rows.Select(r => r.Paid)), Sum(rows.Select(r => r.AccidentBasic)), Sum(adjusted.Select(r => r.Paid)),
            settled.Where(r => !gone.Contains(r.Fact.Id)).Select(r => r.Person).Distinct().Count(),
            Insured(entries, regionId, planId, year), settled.Count - reversed.Count, reversed.Count, adjusted.Count,
            Group(rows, r => r.Month, r => r.Paid), Group(rows, r => r.Place, r => r.Paid),
            Group(rows, r => r.Fact.Request.FacilityId, r => r.Paid),
            [.. rows.SelectMany(r => r.Layers, (r, l) => (r.Fact.Sign, l))
                .GroupBy(x => new FundLayer(x.l.LayerId, x.l.Payer, x.l.FundCode))
                .OrderBy(g => g.Key.LayerId).ThenBy(g => g.Key.Payer).ThenBy(g => g.Key.FundCode)
                .Select(g => new FundSum<FundLayer>(g.Key, Sum(g.Select(x => x.l.Paid)), g.Sum(x => x.Sign)))]);
    }

    public static bool Below(string region, string above) =>
        above.EndsWith("0000", StringComparison.Ordinal) ? region.StartsWith(above[..2], StringComparison.Ordinal)
        : above.EndsWith("00", StringComparison.Ordinal) ? region.StartsWith(above[..4], StringComparison.Ordinal)
        : region == above;

    static Row? RowOf(Recorded recorded, string planId)
    {
        var fact = (Fact.Money)recorded.Fact;
        var pool = fact.Outcome.Layers.Where(IsPool).ToList();
        var layers = fact.Outcome.Layers.Where(l => l.PlanId == planId && !IsPool(l)).ToList();
        var bears = fact.Request.Bill.CareType == CareType.AccidentInpatient
            && fact.Outcome.Counted.Select(c => c.PlanId).LastOrDefault(BearsAccidents) == planId;
        if (layers.Count == 0)
            return null;
        var basic = bears
            ? new Money(fact.Sign * fact.Request.Bill.BasicPaid.Fen) + Sum(pool.Select(l => l.Paid))
            : Money.Zero;
        var month = DateTimeOffset.FromUnixTimeMilliseconds(recorded.Entry.At).ToOffset(TimeSpan.FromHours(8))
            .ToString("yyyy-MM", CultureInfo.InvariantCulture);
        return new Row(
            fact, recorded.Entry.Stream.Id, month, layers[0].CarePlace, Sum(layers.Select(l => l.Paid)) + basic, basic,
            layers);
    }

    static bool IsPool(LayerResult layer) => layer is { PlanId: Workload.OwnPool, LayerId: "pool" };

    static bool BearsAccidents(string planId) => planId is GivenPlans.Tongliao or Workload.OwnPool;

    static FundRecorded Recorded(IReadOnlyList<Recorded> entries, string regionId, string planId, int year)
    {
        var records = entries.Select(e => e.Fact).OfType<Fact.FundRecorded>().Select(f => f.Request)
            .Where(r => r.PlanId == planId && r.Year == year && Below(r.RegionId, regionId)).ToList();
        Money Of(FundRecordKind kind) => Sum(records.Where(r => r.Kind == kind).Select(r => r.Amount));

        return new FundRecorded(
            Of(FundRecordKind.Premium), Of(FundRecordKind.Supplement), Of(FundRecordKind.Deduction),
            Of(FundRecordKind.TransferToInsurer), Of(FundRecordKind.Deposit), Of(FundRecordKind.Prepayment),
            Of(FundRecordKind.Return),
            records.Where(r => r is { Kind: FundRecordKind.Premium, Persons: > 0 })
                .GroupBy(r => r.RegionId).Sum(g => g.Last().Persons));
    }

    /// <summary>Day by day over the year, person by person.</summary>
    static long Insured(IReadOnlyList<Recorded> entries, string regionId, string planId, int year)
    {
        var newest = new Dictionary<string, RosterEntry>();
        foreach (var entry in entries)
            if (entry.Entry is { Stream.Kind: StreamKind.Person, After.Roster: { } roster })
                newest[entry.Entry.Stream.Id] = roster;
        var days = Enumerable.Range(0, 366).Select(d => new DateOnly(year, 1, 1).AddDays(d))
            .Where(d => d.Year == year).ToList();
        return newest.Values.Count(r => Below(r.RegionId, regionId)
            && r.Coverages.Any(c => c.PlanId == planId && days.Exists(c.Days.Holds)));
    }

    static List<FundSum<T>> Group<T>(List<Row> rows, Func<Row, T> key, Func<Row, Money> paid)
        where T : notnull =>
        [.. rows.GroupBy(key).OrderBy(g => g.Key)
            .Select(g => new FundSum<T>(g.Key, Sum(g.Select(paid)), g.Sum(r => r.Fact.Sign)))];

    static Money Sum(IEnumerable<Money> amounts) => amounts.Aggregate(Money.Zero, (a, b) => a + b);
}
