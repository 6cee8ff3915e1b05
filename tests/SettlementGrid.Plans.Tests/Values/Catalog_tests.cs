namespace SettlementGrid.Plans.Tests;

/// <summary>Versions of plans and the facility register at one revision, and equality by content.</summary>
public class Catalog_tests
{
    static readonly DateOnly Day = new(2025, 3, 10);

    static PlanVersion Version(string id, int version, DateOnly? from = null, DateOnly? to = null) =>
        new(ShippedPlans.Puyang with { Id = id, Effective = new DaySpan(from, to) }, version, "");

    [Fact]
    public void The_newest_version_that_holds_on_the_day_counts()
    {
        var (first, second, third) = (Version("a", 1), Version("a", 2, Day), Version("a", 3, Day.AddDays(10)));
        var catalog = new Catalog(7, [third, first, Version("b", 1), second], []);
        Assert.Same(first, catalog.InForce("a", Day.AddDays(-1)));
        Assert.Same(second, catalog.InForce("a", Day));
        Assert.Same(second, catalog.InForce("a", Day.AddDays(9)));
        Assert.Same(third, catalog.InForce("a", Day.AddDays(10)));
        Assert.Same(third, catalog.Latest("a"));
        Assert.Same(second, catalog.Find("a", 2));
        Assert.Null(catalog.Find("a", 4));
        Assert.Null(catalog.Find("c", 1));
        Assert.Null(catalog.Latest("c"));
        Assert.Null(catalog.InForce("c", Day));
        Assert.Null(new Catalog(1, [Version("a", 1, null, Day)], []).InForce("a", Day.AddDays(1)));
        Assert.Equal(["a 1", "a 2", "a 3", "b 1"], catalog.Versions.Select(v => $"{v.Plan.Id} {v.Version}"));
    }

    [Fact]
    public void Versions_go_by_plan_id_whatever_the_order_they_came_in() => Assert.Equal(["B", "a", "b"],
        new Catalog(1, [Version("b", 1), Version("a", 1), Version("B", 1)], []).Versions.Select(v => v.Plan.Id));

    [Fact]
    public void A_facility_without_an_entry_is_known_by_its_code()
    {
        var registered = new FacilityProfile("clinic-7", "七", "150502", 3, true, true, true, Registered: true);
        var catalog = new Catalog(1, [], [registered]);
        Assert.Same(registered, catalog.Facility("clinic-7"));
        Assert.True(catalog.IsRegistered("clinic-7"));
        Assert.Equal(Facilities.Hohhot, catalog.Facility(Facilities.Hohhot.FacilityId));
        Assert.False(catalog.IsRegistered(Facilities.Hohhot.FacilityId));
        Assert.Equal([registered], catalog.Facilities);
    }

    [Fact]
    public void A_plan_finds_its_layers_by_id()
    {
        Assert.Equal("accident", ShippedPlans.Tongliao.Layer("accident")?.Id);
        Assert.Null(ShippedPlans.Tongliao.Layer("none"));
        Assert.Equal("critical illness insurance", ShippedPlans.Tongliao.Layer("critical")?.Name(Language.English));
        Assert.Equal("大病保险", ShippedPlans.Tongliao.Layer("critical")?.Name(Language.Chinese));
    }

    static readonly LayerResult Result = new(
        "p", 1, "l", new Period(2025), "payer", "390201", CarePlace.InRegion, new Money(1), new Money(2), new Money(3),
        [new BandResult(default, null, new Money(1), new Rate(1), new Money(1))], new Money(4), new Money(5),
        new Money(6), new Money(7), LayerNote.None, "c") { Deductible = new Money(8) };

    public static TheoryData<string, LayerResult> OtherResults => new()
    {
        { "plan", Result with { PlanId = "x" } },
        { "version", Result with { PlanVersion = 2 } },
        { "layer", Result with { LayerId = "x" } },
        { "period", Result with { Period = new Period(2025, 1) } },
        { "payer", Result with { Payer = "x" } },
        { "fund", Result with { FundCode = "x" } },
        { "place", Result with { CarePlace = CarePlace.InProvince } },
        { "base", Result with { Base = default } },
        { "before", Result with { PositionBefore = default } },
        { "after", Result with { PositionAfter = default } },
        { "bands", Result with { Bands = [] } },
        { "paid", Result with { Paid = default } },
        { "paid before", Result with { PaidBefore = default } },
        { "remaining", Result with { DeductibleRemaining = default } },
        { "cap", Result with { CapRemaining = null } },
        { "note", Result with { Note = LayerNote.CapReached } },
        { "clause", Result with { Clause = "x" } },
        { "deductible", Result with { Deductible = default } },
        { "basic", Result with { IsBasic = true } },
        { "other start", Result with { OtherStart = new StartStanding(default, default) } },
    };

    [Theory]
    [MemberData(nameof(OtherResults))]
    public void Results_that_differ_in_anything_are_not_equal(string what, LayerResult other)
    {
        Assert.False(Result.Equals(other), what);
        Assert.False(Result.Equals(null));
        var same = Result with { Bands = [.. Result.Bands] };
        Assert.True(Result.Equals(same));
        Assert.Equal(Result.GetHashCode(), same.GetHashCode());
    }

    [Fact]
    public void A_start_elsewhere_counts_what_lies_above_it()
    {
        var way = new StartStanding(new Money(70), new Money(100));
        Assert.Equal([30, 30, 29, 1, 0, 0],
            new[] { 0L, 70, 71, 99, 100, 101 }.Select(start => way.Above(new Money(start)).Fen));
        Assert.Equal(new StartStanding(new Money(75), new Money(107)), way.Plus(new(new Money(5), new Money(7))));
        Assert.Equal(new StartStanding(new Money(-70), new Money(-100)), way.Negated());
    }

    static readonly RosterEntry Entry = new(
        "150502", Insurance.Resident, [new Coverage("a", default), new Coverage("b", default)],
        [new Identity(IdentityKind.Orphan, default)]);

    public static TheoryData<string, RosterEntry> OtherEntries => new()
    {
        { "region", Entry with { RegionId = "150521" } },
        { "insurance", Entry with { Insurance = Insurance.Employee } },
        { "cover", Entry with { Coverages = [new Coverage("a", default)] } },
        { "order of cover", Entry with { Coverages = [new Coverage("b", default), new Coverage("a", default)] } },
        { "identity", Entry with { Identities = [new Identity(IdentityKind.Orphan, new(Day, null))] } },
    };

    [Theory]
    [MemberData(nameof(OtherEntries))]
    public void Roster_entries_that_differ_in_anything_are_not_equal(string what, RosterEntry other)
    {
        Assert.False(Entry.Equals(other), what);
        Assert.False(Entry.Equals(null));
        var same = Entry with { Coverages = [.. Entry.Coverages], Identities = [.. Entry.Identities] };
        Assert.True(Entry.Equals(same));
        Assert.Equal(Entry.GetHashCode(), same.GetHashCode());
    }

    [Fact]
    public void Reasons_are_written_as_callers_know_them()
    {
        Assert.Equal("MALFORMED_REQUEST", Refusal.CodeOf(RefusalReason.MalformedRequest));
        Assert.Equal("OVERLOADED", Refusal.CodeOf(RefusalReason.Overloaded));
        Assert.All(Enum.GetValues<RefusalReason>(), r => Assert.Matches("^[A-Z]+(_[A-Z]+)*$", Refusal.CodeOf(r)));
        Assert.Empty(new Refusal(RefusalReason.Overloaded, "", "").Numbers);
    }
}
