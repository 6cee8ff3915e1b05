using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions.Tests.Kit;

namespace SettlementGrid.Regions.Tests;

/// <summary>A fund's figures one by one, as 通辽's document and the interface have them.</summary>
public sealed class Fund_tests
{
    static readonly DaySpan Open = new(null, null);

    static DaySpan Days(string from, string to) => new(DateOnly.Parse(from), DateOnly.Parse(to));

    /// <summary>通辽 2: 2,217,285 persons × 114.23 yuan, 80 % within thirty days, 20 % by December.</summary>
    [Fact]
    public async Task The_premium_of_Tongliao_in_two_parts_shows_a_full_balance()
    {
        const long persons = 2_217_285;
        var funds = await Funds.Build();
        await funds.Record(FundRecordKind.Premium, 202_624_372.44m, persons: persons);
        await funds.Record(FundRecordKind.Premium, 50_656_093.11m, persons: persons);
        var fund = await funds.Position();
        Assert.Equal(new Money(persons * 114_23), fund.Premium);
        Assert.Equal(Money.Yuan(253_280_465.55m), fund.Balance);
        Assert.Equal(persons, fund.Recorded.Persons);
        Assert.Equal(0, FundOutlook.Of(fund).UsageBp);
        Assert.Equal(fund.Balance, (await funds.Position("150000")).Balance);
        Assert.Equal(Money.Zero, (await funds.Position("150502")).Balance);
    }

    [Fact]
    public async Task Each_kind_of_record_does_what_it_says()
    {
        var funds = await Funds.Build();
        var steps = new (FundRecordKind Kind, decimal Premium, decimal Balance)[]
        {
            (FundRecordKind.Premium, 100, 100), (FundRecordKind.Supplement, 200, 200),
            (FundRecordKind.Deduction, 100, 100),
            (FundRecordKind.TransferToInsurer, 100, 100), (FundRecordKind.Deposit, 100, 100),
            (FundRecordKind.Prepayment, 100, 100), (FundRecordKind.Return, 100, 0),
        };
        foreach (var (kind, premium, balance) in steps)
        {
            await funds.Record(kind, 100);
            var fund = await funds.Position();
            Assert.Equal((Money.Yuan(premium), Money.Yuan(balance)), (fund.Premium, fund.Balance));
        }
        var of = Money.Yuan(100);
        Assert.Equal(new FundRecorded(of, of, of, of, of, of, of, 0), (await funds.Position()).Recorded);
    }

    [Fact]
    public async Task Premium_persons_are_of_each_regions_newest_premium_that_states_them()
    {
        var funds = await Funds.Build();
        await funds.Record(FundRecordKind.Premium, 1, "150502", persons: 500);
        await funds.Record(FundRecordKind.Premium, 1, "150502", persons: 600);
        await funds.Record(FundRecordKind.Premium, 1, "150502");
        await funds.Record(FundRecordKind.Supplement, 1, "150502", persons: 900);
        await funds.Record(FundRecordKind.Premium, 1, "150521", persons: 70);
        Assert.Equal(600, (await funds.Position("150502")).Recorded.Persons);
        Assert.Equal(670, (await funds.Position()).Recorded.Persons);
    }

    /// <summary>通辽 4.2: the basic part of an accident's stay is this fund's; its reversal takes it off again.</summary>
    [Fact]
    public async Task The_accident_basic_part_is_paid_by_the_plans_fund()
    {
        var funds = await Funds.Build();
        await funds.Put("p", "150502", Open);
        var accident = await funds.Settle("p", 20_000, 7_000, CareType.AccidentInpatient);
        await funds.Settle("p", 30_000, 10_000);
        var layers = ((Fact.Settled)accident.Fact).Outcome.PlansPaid;
        var fund = await funds.Position();
        Assert.Equal(Money.Yuan(7_000), fund.AccidentBasic);
        Assert.Equal(Money.Yuan(7_000), fund.Paid - fund.ByLayer.Aggregate(Money.Zero, (sum, l) => sum + l.Paid));
        Assert.True(fund.Paid > Money.Yuan(7_000) + layers);
        Assert.Equal(fund.Paid, Assert.Single(fund.ByFacility).Paid);

        await funds.Reverse(accident);
        fund = await funds.Position();
        Assert.Equal(Money.Zero, fund.AccidentBasic);
        Assert.Equal((1L, 1L), (fund.Cases, fund.Reversals));
    }

    [Fact]
    public async Task A_reversal_and_what_it_causes_add_up_to_what_was_never_there()
    {
        var funds = await Funds.Build();
        await funds.Put("p", "150502", Open);
        await funds.Put("q", "150521", Open);
        var first = await funds.Settle("p", 20_000);
        await funds.Settle("p", 25_000);
        await funds.Settle("q", 25_000);
        Assert.NotEmpty((await funds.Reverse(first)).Settlement.Adjustments);
        var (p, q) = (await funds.Position("150502"), await funds.Position("150521"));
        Assert.Equal(q.Paid, p.Paid);
        Assert.Equal(1, p.Adjustments);
        Assert.True(p.Adjusted < Money.Zero);
        Assert.Equal((1L, 1L, 1L), (p.Cases, p.Reversals, p.Persons));
    }

    [Fact]
    public async Task A_person_with_settlements_in_two_counties_counts_once_above_them()
    {
        var funds = await Funds.Build();
        await funds.Put("p", "150502", Open);
        var first = await funds.Settle("p", 20_000);
        await funds.Put("p", "150521", Open);
        var second = await funds.Settle("p", 20_000);
        async Task<(long, long, long, long)> Persons() => (
            (await funds.Position("150502")).Persons, (await funds.Position("150521")).Persons,
            (await funds.Position("150500")).Persons, (await funds.Position("150000")).Persons);

        Assert.Equal((1, 1, 1, 1), await Persons());
        await funds.Reverse(first);
        Assert.Equal((0, 1, 1, 1), await Persons());
        await funds.Reverse(second);
        Assert.Equal((0, 0, 0, 0), await Persons());
        await funds.Put("p", "150600", Open);
        await funds.Settle("p", 20_000);
        Assert.Equal((0, 0, 0, 1), await Persons());
    }

    [Fact]
    public async Task Insured_are_those_with_cover_on_a_day_of_the_year()
    {
        var funds = await Funds.Build();
        async Task<(long, long, long)> Insured() => (
            (await funds.Position(year: 2024)).Insured, (await funds.Position(year: 2025)).Insured,
            (await funds.Position(year: 2026)).Insured);

        await funds.Put("p", "150502", Days("2024-12-31", "2025-01-01"));
        Assert.Equal((1, 1, 0), await Insured());
        await funds.Put("p", "150502", Days("2025-01-01", "2025-12-31"));
        Assert.Equal((0, 1, 0), await Insured());
        await funds.Put("p", "150502", new DaySpan(new DateOnly(2025, 12, 31), null));
        Assert.Equal((0, 1, 1), await Insured());
        await funds.Put("p", "150502", Days("2025-01-01", "2025-03-31"), Days("2025-06-01", "2026-02-28"));
        Assert.Equal((0, 1, 1), await Insured());
        await funds.Put("p", "150502", Open);
        Assert.Equal((1, 1, 1), await Insured());
        Assert.Equal(1, (await funds.Position(year: 2999)).Insured);
        await funds.Put("p", "150502");
        Assert.Equal((0, 0, 0), await Insured());
    }

    [Fact]
    public async Task Who_moves_is_insured_where_the_roster_states_it()
    {
        var funds = await Funds.Build();
        await funds.Put("p", "150502", Open);
        await funds.Settle("p", 20_000);
        await funds.Put("p", "150521", Open);
        Assert.Equal(0, (await funds.Position("150502")).Insured);
        Assert.Equal(1, (await funds.Position("150521")).Insured);
        Assert.Equal(1, (await funds.Position("150500")).Insured);
        Assert.Equal(1, (await funds.Position("150502")).Cases);
    }

    [Fact]
    public async Task The_month_is_Beijings_and_the_facts_own()
    {
        var funds = await Funds.Build();
        await funds.Put("p", "150502", Open);
        funds.Clock.Advance(new DateTimeOffset(2026, 3, 31, 15, 59, 59, TimeSpan.Zero) - funds.Clock.GetUtcNow());
        var settled = await funds.Settle("p", 20_000);
        funds.Clock.Advance(TimeSpan.FromSeconds(1));
        await funds.Reverse(settled);
        var fund = await funds.Position();
        var paid = ((Fact.Settled)settled.Fact).Outcome.PlansPaid;
        Assert.Equal(
            [new FundSum<string>("2026-03", paid, 1), new FundSum<string>("2026-04", -paid, -1)], fund.ByMonth);
        Assert.Equal((Money.Zero, 0L), (fund.Paid, fund.Cases));
    }

    [Fact]
    public async Task The_policy_year_is_that_of_the_discharge()
    {
        var funds = await Funds.Build();
        await funds.Put("p", "150502", Open);
        await funds.Settle("p", 20_000, discharged: new DateOnly(2025, 12, 31));
        Assert.Equal(1, (await funds.Position(year: 2025)).Cases);
        Assert.Equal(0, (await funds.Position(year: 2026)).Cases);
    }

    [Fact]
    public async Task Nothing_known_is_zeros()
    {
        var funds = await Funds.Build();
        foreach (var region in new[] { "990000", "nowhere", "" })
        {
            var fund = await funds.Position(region, 2031);
            Assert.Equal((region, Money.Zero, Money.Zero, 0L), (fund.RegionId, fund.Paid, fund.Balance, fund.Insured));
            Assert.True(fund.Mark > 0 && fund.At > 0);
        }
    }
}
