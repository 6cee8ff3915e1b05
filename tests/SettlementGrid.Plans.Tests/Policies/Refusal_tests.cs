namespace SettlementGrid.Plans.Tests;

/// <summary>Every refusal that adjudication can find, in the order of precedence, with its figures.</summary>
public class Refusal_tests
{
    static Refusal Refused(Person person, Bill bill, FacilityProfile? facility = null)
    {
        var before = person.Accumulators.ToDictionary();
        var result = person.Settle(bill, facility);
        Assert.Null(result.Outcome);
        Assert.Equal(before, person.Accumulators);
        return result.Refusal!;
    }

    static Person EmployeeWithBasic(decimal basic)
    {
        var person = new Person(ShippedPlans.Puyang);
        person.Accumulators[new AccumulatorKey(ShippedPlans.Puyang.Id, "large", new Period(2026))] =
            new Accumulator(default, default, Money.Yuan(basic), 1);
        return person;
    }

    [Fact]
    public void A_place_of_care_that_neither_code_nor_register_nor_request_tells_is_required()
    {
        var refusal = Refused(new Person(ShippedPlans.Tongliao), Bills.Of(100m), Facilities.Nowhere);
        Assert.Equal("MALFORMED_REQUEST", refusal.Code);
        Assert.Equal("care_place", refusal.Numbers["field"]);
        Assert.Contains("care_place", refusal.MessageZh);
    }

    [Fact]
    public void A_stated_place_of_care_serves_where_nothing_else_tells()
    {
        var bill = Bills.Of(100_000m) with { StatedPlace = CarePlace.OutOfProvince };
        var layer = new Person(ShippedPlans.Tongliao).Settle(bill, Facilities.Nowhere).Outcome!.Layers[0];
        Assert.Equal(CarePlace.OutOfProvince, layer.CarePlace);
        Assert.Equal(Money.Yuan(62_100m), layer.Paid);
    }

    [Fact]
    public void The_register_tells_the_place_of_a_facility_without_a_national_code()
    {
        var facility = Facilities.Nowhere with { RegionId = "210102", Registered = true };
        Assert.Equal(Money.Yuan(62_100m),
            new Person(ShippedPlans.Tongliao).Settle(Bills.Of(100_000m), facility).Outcome!.PlansPaid);
    }

    [Theory]
    [InlineData(CarePlace.InRegion, null)]
    [InlineData(CarePlace.InProvince, "MALFORMED_REQUEST")]
    [InlineData(CarePlace.OutOfProvince, "MALFORMED_REQUEST")]
    public void A_stated_place_of_care_must_be_the_derived_one(CarePlace stated, string? code)
    {
        var bill = Bills.Of(100m) with { StatedPlace = stated };
        var refusal = new Person(ShippedPlans.Tongliao).Settle(bill, Facilities.Tongliao).Refusal;
        Assert.Equal(code, refusal?.Code);
        if (refusal is not null)
            Assert.Equal("IN_REGION", refusal.Numbers["derived"]);
    }

    [Fact]
    public void Parts_beyond_the_total_are_out_of_range()
    {
        var bill = Bills.Of(100_000m) with { AssistancePaid = Money.Yuan(34_400m) };
        Assert.Null(new Person(ShippedPlans.Tongliao).Settle(bill).Refusal);
        var refusal = Refused(new Person(ShippedPlans.Tongliao), bill with { AssistancePaid = Money.Yuan(34_400.01m) });
        Assert.Equal("AMOUNT_OUT_OF_RANGE", refusal.Code);
        Assert.Equal("6560000", refusal.Numbers["plans_paid_fen"]);
        Assert.Equal("10000000", refusal.Numbers["total_fen"]);
    }

    [Fact]
    public void Nobody_is_covered_without_a_plan_and_each_plan_is_named_with_its_reason()
    {
        var person = new Person(ShippedPlans.Tongliao);
        person.Roster = person.Roster with
        {
            Coverages =
            [
                new Coverage("gone", default),
                new Coverage(ShippedPlans.Tongliao.Id, new DaySpan(new DateOnly(2025, 4, 1), null)),
            ],
        };
        var refusal = Refused(person, Bills.Of(100m));
        Assert.Equal("NOT_COVERED", refusal.Code);
        Assert.Equal("PLAN_NOT_IN_FORCE", refusal.Numbers["gone"]);
        Assert.Equal("COVER_NOT_IN_FORCE", refusal.Numbers[ShippedPlans.Tongliao.Id]);
        Assert.Contains("gone: no published version holds on the discharge date", refusal.MessageEn);
        Assert.Contains("2025-03-10", refusal.MessageZh);

        person.Roster = person.Roster with { Coverages = [] };
        Assert.Contains("the roster names none", Refused(person, Bills.Of(100m)).MessageEn);
    }

    [Fact]
    public void Basic_cap_exceeded_names_the_figures()
    {
        var refusal = Refused(EmployeeWithBasic(100_000m), Bills.Of(20_000m, 10_000.01m, "2026-05-01"),
            Facilities.Puyang);
        Assert.Equal("BASIC_CAP_EXCEEDED", refusal.Code);
        Assert.Equal("10000000", refusal.Numbers["basic_year_before_fen"]);
        Assert.Equal("1000001", refusal.Numbers["basic_paid_fen"]);
        Assert.Equal("11000000", refusal.Numbers["basic_cap_fen"]);
        Assert.Contains("110,000.00", refusal.MessageZh);
        Assert.Contains("第十三条（一）", refusal.MessageEn);
    }

    [Fact]
    public void Over_cap_eligible_is_required_where_the_cap_is_reached_within_the_request()
    {
        var refusal = Refused(EmployeeWithBasic(100_000m), Bills.Of(20_000m, 10_000m, "2026-05-01"), Facilities.Puyang);
        Assert.Equal("OVER_CAP_ELIGIBLE_REQUIRED", refusal.Code);
        Assert.Equal("10000000", refusal.Numbers["basic_year_before_fen"]);
    }

    [Fact]
    public void Over_cap_eligible_stated_below_the_cap_is_out_of_range()
    {
        var bill = Bills.Of(20_000m, 9_999.99m, "2026-05-01") with { OverCapEligible = new Money(1) };
        var refusal = Refused(EmployeeWithBasic(100_000m), bill, Facilities.Puyang);
        Assert.Equal("AMOUNT_OUT_OF_RANGE", refusal.Code);
        Assert.Equal("10999999", refusal.Numbers["basic_year_after_fen"]);
    }

    [Fact]
    public void The_first_by_order_is_given_where_several_apply()
    {
        // In one bill: the place differs, the over-cap amount is more than eligible − basic, and basic is above its
        // cap.
        var bill = Bills.Of(120_000m, 115_000m, "2026-05-01") with
        {
            OverCapEligible = Money.Yuan(6_000m), StatedPlace = CarePlace.InProvince,
        };
        Assert.Equal("MALFORMED_REQUEST", Refused(new Person(ShippedPlans.Puyang), bill, Facilities.Puyang).Code);
        bill = bill with { StatedPlace = null };
        Assert.Equal("AMOUNT_OUT_OF_RANGE", Refused(new Person(ShippedPlans.Puyang), bill, Facilities.Puyang).Code);
        bill = bill with { OverCapEligible = Money.Yuan(5_000m) };
        Assert.Equal("BASIC_CAP_EXCEEDED", Refused(new Person(ShippedPlans.Puyang), bill, Facilities.Puyang).Code);
    }
}
