using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Testing;

/// <summary>Persons, bills and requests as tests need them, in yuan.</summary>
static class Given
{
    public const string Hospital = "H15050200001";
    public const string OtherHospital = "H15010200002";

    public static readonly DateOnly Day = new(2025, 8, 20);

    public static RosterEntry Roster(params string[] planIds) => new(
        "150502", Insurance.Resident, [.. planIds.Select(p => new Coverage(p, default))], []);

    public static Account Enrolled(string id, params string[] planIds) =>
        Entry.Next(Account.Unknown(id),
            new Fact.Enrolled(Roster(planIds.Length == 0 ? [GivenPlans.Tongliao] : planIds)), Now).After!;

    public static readonly long Now = ManualClock.Start.ToUnixTimeMilliseconds();

    public static Bill Bill(decimal eligible, decimal basic = 0, DateOnly? discharged = null, decimal? total = null) =>
        new(
        CareType.Inpatient, null, Filing.Filed, (discharged ?? Day).AddDays(-7), discharged ?? Day,
        Money.Yuan(total ?? eligible), Money.Yuan(eligible), Money.Yuan(basic), null,
        Money.Zero, Money.Zero, Money.Zero, null);

    public static SettleRequest Request(
        string id, string enrollee, decimal eligible = 30_000, decimal basic = 0, string? encounter = null,
        string facility = Hospital, DateOnly? discharged = null) =>
        new(id, facility, encounter ?? "encounter-" + id, enrollee, Channel.OneStop, Bill(eligible, basic, discharged));

    public static Command.Settle Settle(string id, string enrollee, decimal eligible = 30_000, decimal basic = 0) =>
        new(Request(id, enrollee, eligible, basic), null);

    /// <summary>A ledger with the shipped plans published and these persons on the roster.</summary>
    public static async Task<VolatileLedger> Ledger(TimeProvider clock, params string[] enrollees)
    {
        var ledger = new VolatileLedger(clock);
        await SetUp(ledger, clock, enrollees);
        return ledger;
    }

    public static async Task SetUp(ILedger ledger, TimeProvider clock, params string[] enrollees)
    {
        foreach (var text in new[] { GivenPlans.TongliaoText, GivenPlans.PuyangText, GivenPlans.SupplementText })
            await GivenPlans.Publish(ledger, text, clock.GetUtcNow());
        foreach (var id in enrollees)
            await Enrol(ledger, clock, id);
    }

    public static async Task Enrol(ILedger ledger, TimeProvider clock, string id, params string[] planIds)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var entry = Entry.Next(
            await ledger.Load(id, CancellationToken.None),
            new Fact.Enrolled(Roster(planIds.Length == 0 ? [GivenPlans.Tongliao] : planIds)), now);
        if (await ledger.Append(new Append([entry], null, now), CancellationToken.None) is not AppendOutcome.Committed)
            throw new InvalidOperationException($"{id} was not enrolled.");
    }

    public static async Task<CatalogSource> Catalogs(ILedger ledger)
    {
        var catalogs = new CatalogSource(ledger, GivenPlans.Read);
        await catalogs.Refresh(CancellationToken.None);
        return catalogs;
    }
}
