using System.Globalization;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions.Folding;
using SettlementGrid.Regions.Tests.Kit;
using SettlementGrid.Testing;

namespace SettlementGrid.Regions.Tests;

/// <summary>
/// Parts of the fold where random work does not lead: facts no plan of today makes, and its own tables.
/// </summary>
public sealed class Folding_parts_tests
{
    const string Plan = GivenPlans.Tongliao;

    [Fact]
    public void Layers_of_a_plan_that_stand_apart_are_one_case()
    {
        var fold = Published();
        Apply(fold, Settled(
            CareType.Inpatient, "", Layer(Plan, "critical", 700), Layer("b", "x", 50), Layer(Plan, "accident", 20)));
        var fund = fold.Position("150502", Plan, 2025);
        Assert.Equal((720L, 1L, 1L), (fund.Paid.Fen, fund.Cases, fund.Persons));
        Assert.Equal([1L, 1], fund.ByLayer.Select(l => l.Cases));
        var other = fold.Position("150502", "b", 2025);
        Assert.Equal((50L, 1L), (other.Paid.Fen, other.Cases));
    }

    [Theory]
    [InlineData("150502", null, CarePlace.InRegion)]
    [InlineData("150102", null, CarePlace.InProvince)]
    [InlineData("110105", null, CarePlace.OutOfProvince)]
    [InlineData("", CarePlace.OutOfProvince, CarePlace.OutOfProvince)]
    public void A_fund_bears_the_basic_part_also_without_a_layer(
        string facilityRegion, CarePlace? stated, CarePlace place)
    {
        var fold = Published();
        var fact = Settled(CareType.AccidentInpatient, "390401", Layer("b", "x", 50));
        Apply(fold, fact with
        {
            Facility = fact.Facility with { RegionId = facilityRegion },
            Request = fact.Request with { Bill = fact.Request.Bill with { StatedPlace = stated } },
        });
        var fund = fold.Position("150502", Plan, 2025);
        Assert.Equal((10_000_00L, 10_000_00L, 1L), (fund.Paid.Fen, fund.AccidentBasic.Fen, fund.Cases));
        Assert.Equal([new FundSum<CarePlace>(place, fund.Paid, 1)], fund.ByCarePlace);
        Assert.Empty(fund.ByLayer);
    }

    [Theory]
    [InlineData(CareType.Inpatient, "390401")]
    [InlineData(CareType.AccidentInpatient, "310101")]
    [InlineData(CareType.AccidentInpatient, "")]
    public void A_basic_part_that_no_plan_bears_is_the_pools(CareType care, string fundCode)
    {
        var fold = Published();
        Apply(fold, Settled(care, fundCode, Layer(Plan, "critical", 700)));
        var fund = fold.Position("150502", Plan, 2025);
        Assert.Equal((700L, 0L), (fund.Paid.Fen, fund.AccidentBasic.Fen));
    }

    /// <summary>Where a plan computes the pool and its fund bears accidents, a re-rating moves both.</summary>
    [Theory]
    [InlineData(CareType.AccidentInpatient, -300)]
    [InlineData(CareType.Inpatient, 0)]
    public void A_rerated_basic_part_moves_the_fund_that_bears_it(CareType care, long basic)
    {
        const string pool = Workload.OwnPool;
        var fold = new FundFold(GivenPlans.Read);
        var published = new Fact.PlanPublished(Workload.OwnPoolText);
        fold.Apply(new Recorded(Entry.Next(new StreamKey(StreamKind.Plan, pool), null, published, Given.Now), 1));
        var settled = Settled(care, "", Layer(pool, "pool", -300), Layer(pool, "own", 150));
        var outcome = settled.Outcome with { Counted = [new PlanCounted(pool, 1)] };
        Apply(fold, new Fact.Adjusted(
            settled.Id, settled.Request, "150502", settled.Facility, outcome, settled.Id, settled.Id));
        var fund = fold.Position("150502", pool, 2025);
        Assert.Equal((150 + basic, basic, 150 + basic), (fund.Paid.Fen, fund.AccidentBasic.Fen, fund.Adjusted.Fen));
        Assert.Equal((0L, 1L), (fund.Cases, fund.Adjustments));
    }

    [Fact]
    public void A_plan_may_be_named_before_it_is_published()
    {
        var fold = new FundFold(GivenPlans.Read);
        Apply(fold, Settled(CareType.Inpatient, "", Layer(Plan, "critical", 700)));
        Assert.False(fold.Knows(Plan));
        Assert.Equal(700, fold.Position("150502", Plan, 2025).Paid.Fen);
    }

    [Fact]
    public void A_plan_text_that_does_not_read_stops_the_fold()
    {
        var fold = new FundFold(_ => throw new InvalidDataException("no plan"));
        Assert.Throws<InvalidDataException>(() => Publish(fold));
        Assert.Equal(0, fold.Mark);
    }

    /// <summary>
    /// Nine hundred thousand premiums of the largest amount leave an int64. One such region must not stop the funds of
    /// all: its figures stand at the type's end, and come back with what is taken off.
    /// </summary>
    [Fact]
    public void Sums_that_leave_their_type_stand_at_its_end_and_the_fold_goes_on()
    {
        var fold = Published();
        Apply(fold, Settled(CareType.Inpatient, "", Layer(Plan, "critical", long.MaxValue)));
        Apply(fold, Settled(CareType.Inpatient, "", Layer(Plan, "critical", long.MaxValue)));
        for (var i = 0; i < 2; i++)
            Record(fold, FundRecordKind.Premium, long.MaxValue);
        Record(fold, FundRecordKind.Supplement, 1);
        fold = FundFold.Restore(fold.Checkpoint(), GivenPlans.Read);

        foreach (var region in (string[])["150502", "150000"])
        {
            var fund = fold.Position(region, Plan, 2025);
            Assert.Equal((long.MaxValue, long.MaxValue), (fund.Paid.Fen, fund.Premium.Fen));
            Assert.Equal(long.MaxValue, Assert.Single(fund.ByMonth).Paid.Fen);
            Assert.Equal(0, fund.Balance.Fen);
            Assert.Equal(4, FundOutlook.Of(fund).Alerts.Count);
        }
        Assert.Equal(0, fold.Position("150521", Plan, 2025).Paid.Fen);

        Apply(fold, Settled(CareType.Inpatient, "", Layer(Plan, "critical", -long.MaxValue)));
        Apply(fold, Settled(CareType.Inpatient, "", Layer(Plan, "critical", -long.MaxValue + 7)));
        Assert.Equal(7, fold.Position("150502", Plan, 2025).Paid.Fen);
    }

    [Fact]
    public void Months_are_Beijings_whatever_order_times_come_in()
    {
        var months = new Months();
        var dice = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var at = new DateTimeOffset(1960, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()
                + dice.NextInt64(100L * 365 * 86_400_000) / (i % 2 == 0 ? 1 : 1_000);
            var expected = DateTimeOffset.FromUnixTimeMilliseconds(at).ToOffset(TimeSpan.FromHours(8));
            Assert.Equal(expected.ToString("yyyy-MM", CultureInfo.InvariantCulture), Months.Text(months.Of(at)));
            Assert.Equal(DateOnly.FromDateTime(expected.DateTime), Months.DayOf(at));
        }
    }

    [Fact]
    public void Persons_keep_their_numbers_however_many_come()
    {
        var persons = new Persons();
        var keys = Enumerable.Range(0, 60_000)
            .Select(i => PersonKey.Of("1505021990" + i.ToString("00000000"))).ToList();
        for (var i = 0; i < keys.Count; i++)
            Assert.Equal(i, persons.Of(keys[i]));
        for (var i = 0; i < keys.Count; i++)
            Assert.Equal(i, persons.Of(keys[i]));
        Assert.Equal(keys.Count, persons.Count);
    }

    static FundFold Published()
    {
        var fold = new FundFold(GivenPlans.Read);
        Publish(fold);
        return fold;
    }

    static void Publish(FundFold fold) => fold.Apply(new Recorded(
        Entry.Next(
            new StreamKey(StreamKind.Plan, Plan), null, new Fact.PlanPublished(GivenPlans.TongliaoText), Given.Now),
        1));

    static void Apply(FundFold fold, Fact fact) =>
        fold.Apply(new Recorded(Entry.Next(Given.Enrolled("p-1"), fact, Given.Now), fold.Mark + 1));

    static void Record(FundFold fold, FundRecordKind kind, long fen)
    {
        var request = new FundRecordRequest(
            "f1", "150502", Plan, 2025, kind, new Money(fen), 0, new DateOnly(2025, 1, 20));
        fold.Apply(new Recorded(
            Entry.Next(request.Stream, null, new Fact.FundRecorded(request), Given.Now), fold.Mark + 1));
    }

    static Fact.Settled Settled(CareType care, string basicFundCode, params LayerResult[] layers)
    {
        var request = Given.Request("r1", "p-1", 30_000, 10_000);
        return new Fact.Settled(
            request.Id, request with { Bill = request.Bill with { CareType = care } }, "150502",
            FacilityProfile.Unregistered(Given.Hospital),
            new AdjudicationOutcome(layers, [], [], basicFundCode)
            {
                Counted = [new PlanCounted(Plan, 1), new PlanCounted("b", 1)],
            },
            1);
    }

    static LayerResult Layer(string plan, string layer, long paid) => new(
        plan, 1, layer, new Period(2025), "insurer", "390201", CarePlace.InRegion, default, default, default, [],
        new Money(paid), default, default, null, LayerNote.None, "");
}
