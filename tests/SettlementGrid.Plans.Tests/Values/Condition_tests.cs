namespace SettlementGrid.Plans.Tests;

/// <summary>A condition holds where every part that is stated does; each part alone, met and just not met.</summary>
public class Condition_tests
{
    static readonly DateOnly Day = new(2025, 3, 10);

    static readonly CaseFacts Facts = new(
        CareType.Inpatient, CarePlace.InProvince, Filing.Unfiled, DrugClass.B, Insurance.Resident, Day,
        Bits((int)IdentityKind.Orphan, (int)IdentityKind.Student), 2, 3);

    static int Bits(params int[] numbers) => numbers.Sum(Condition.Bit);

    public static TheoryData<string, Condition, Condition> Parts => new()
    {
        { "care type", new() { CareTypes = Bits(1, 4) }, new() { CareTypes = Bits(2, 4) } },
        { "place", new() { Places = Bits(2) }, new() { Places = Bits(1, 3) } },
        { "filing", new() { Filings = Bits(2) }, new() { Filings = Bits(1) } },
        { "drug class", new() { DrugClasses = Bits(2, 3) }, new() { DrugClasses = Bits(1) } },
        { "insurance", new() { Insurances = Bits(2) }, new() { Insurances = Bits(1) } },
        { "level", new() { FacilityLevels = Bits(2) }, new() { FacilityLevels = Bits(1, 3) } },
        { "any identity", new() { AnyIdentity = Bits(2, 3) }, new() { AnyIdentity = Bits(1, 3) } },
        { "all identities", new() { AllIdentities = Bits(2, 7) }, new() { AllIdentities = Bits(2, 3) } },
        { "no identity", new() { NoIdentity = Bits(1, 3) }, new() { NoIdentity = Bits(1, 2) } },
        { "first day", new() { Discharged = new(Day, null) }, new() { Discharged = new(Day.AddDays(1), null) } },
        { "last day", new() { Discharged = new(null, Day) }, new() { Discharged = new(null, Day.AddDays(-1)) } },
        { "case", new() { FromCase = 3 }, new() { FromCase = 4 } },
        { "parameter", new() { Parameter = new(Announced(20), 20) }, new() { Parameter = new(Announced(19), 20) } },
    };

    static Parameter Announced(long value) =>
        new("p", "", "", ParameterUnit.Rate, false, [new ParameterValue(new DaySpan(Day, Day), value)], "");

    [Theory]
    [MemberData(nameof(Parts))]
    public void Each_part_decides_alone(string part, Condition met, Condition notMet)
    {
        Assert.True(met.Holds(Facts), part);
        Assert.False(notMet.Holds(Facts), part);
        Assert.False(met.IsAlways || notMet.IsAlways);
    }

    [Fact]
    public void What_is_not_stated_is_not_asked()
    {
        Assert.True(Condition.Always.Holds(Facts));
        Assert.True(Condition.Always.Holds(default));
        Assert.True(new Condition().IsAlways);
    }

    [Fact]
    public void A_bill_without_a_drug_class_is_of_none() =>
        Assert.False(new Condition { DrugClasses = Bits(0, 1, 2, 3) }.Holds(Facts with { DrugClass = null }));

    [Fact]
    public void A_parameter_that_is_open_on_the_day_fails_its_test()
    {
        var condition = new Condition { Parameter = new(Announced(20), 20) };
        Assert.False(condition.Holds(Facts with { DischargedOn = Day.AddDays(1) }));
        Assert.False(condition.Holds(Facts with { DischargedOn = Day.AddDays(-1) }));
    }

    [Fact]
    public void Only_conditions_on_identities_ask_for_them()
    {
        Assert.True(new Condition { AnyIdentity = 1 }.AsksIdentity);
        Assert.True(new Condition { AllIdentities = 1 }.AsksIdentity);
        Assert.True(new Condition { NoIdentity = 1 }.AsksIdentity);
        Assert.False(new Condition { CareTypes = 1 }.AsksIdentity);
        Assert.True(new Condition { AnyIdentity = Bits(1) }.HoldsApartFromIdentity(Facts));
    }

    [Fact]
    public void The_first_case_that_holds_gives_the_value()
    {
        Case<int>[] cases = [new(new() { FromCase = 9 }, 1, ""), new(new() { FromCase = 2 }, 2, ""), new(new(), 3, "")];
        Assert.Equal(2, Cases.First(cases, Facts)!.Value);
        Assert.Equal(3, Cases.First(cases, Facts with { CaseOfPeriod = 1 })!.Value);
        Assert.Null(Cases.First(cases[..1], Facts));
    }

    [Theory]
    [InlineData("2024-12-31", null)]
    [InlineData("2025-01-01", 10L)]
    [InlineData("2025-06-30", 10L)]
    [InlineData("2025-07-01", 20L)]
    [InlineData("2025-12-31", 20L)]
    [InlineData("2026-01-01", null)] // expired by itself
    [InlineData("2026-05-31", null)]
    [InlineData("2026-06-01", 30L)]
    public void A_value_holds_until_a_later_one_or_until_it_expires(string day, long? value)
    {
        var parameter = new Parameter("p", "", "", ParameterUnit.Money, false,
        [
            new(new(new(2025, 1, 1), null), 10), new(new(new(2025, 7, 1), new(2025, 12, 31)), 20),
            new(new(new(2026, 6, 1), null), 30),
        ], "");
        Assert.Equal(value, parameter.At(DateOnly.Parse(day)));
        Assert.Equal(value is { } fen ? new Money(fen / 2) : null,
            new AmountSource(default, parameter, new Rate(5_000)).At(DateOnly.Parse(day)));
        Assert.Equal(value is { } rate ? new Rate(10_000 - (int)rate) : null,
            new RateSource(default, parameter, Rest: true).At(DateOnly.Parse(day)));
        Assert.Equal(value is { } plain ? new Rate((int)plain) : null,
            new RateSource(default, parameter, Rest: false).At(DateOnly.Parse(day)));
    }

    [Fact]
    public void A_value_from_the_beginning_holds_before_any_other() => Assert.Equal(7, new Parameter(
        "p", "", "", ParameterUnit.Money, false,
        [new(new(null, new(2025, 12, 31)), 7), new(new(new(2026, 1, 1), null), 8)],
        "").At(DateOnly.MinValue));

    [Fact]
    public void A_rate_beyond_an_int_is_an_exception() => Assert.Throws<OverflowException>(() =>
        new RateSource(default, Announced(1L << 32), false).At(Day));

    [Theory]
    [InlineData(2, true, true, true, true)]
    [InlineData(3, true, true, true, true)]
    [InlineData(1, true, true, true, false)]
    [InlineData(2, false, true, true, false)]
    [InlineData(2, true, false, true, false)]
    [InlineData(2, true, true, false, false)]
    public void A_facility_meets_a_condition_by_all_its_parts(
        int level, bool isPublic, bool drg, bool special, bool met)
    {
        var condition = new FacilityCondition(2, true, true, true, RegistrationRequired: false, "");
        var facility = new FacilityProfile("f", "", "150502", level, isPublic, drg, special, Registered: true);
        Assert.Equal(met, condition.IsMetBy(facility));
        Assert.True(new FacilityCondition(level, null, null, null, RegistrationRequired: true, "").IsMetBy(facility));
        Assert.True(condition.IsMetBy(facility with { Registered = false }));
        Assert.False((condition with { RegistrationRequired = true }).IsMetBy(facility with { Registered = false }));
    }
}
