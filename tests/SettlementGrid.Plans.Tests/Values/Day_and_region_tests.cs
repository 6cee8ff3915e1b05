namespace SettlementGrid.Plans.Tests;

/// <summary>Days, periods and administrative codes at their edges.</summary>
public class Day_and_region_tests
{
    [Theory]
    [InlineData("2026", 2026, 0)]
    [InlineData("1990", 1990, 0)]
    [InlineData("2999", 2999, 0)]
    [InlineData("2026-01", 2026, 1)]
    [InlineData("2026-12", 2026, 12)]
    public void A_period_is_a_year_or_one_of_its_months(string text, int year, int month)
    {
        Assert.True(Period.TryParse(text, out var period));
        Assert.Equal(new Period(year, month), period);
        Assert.Equal(text, period.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("202")]
    [InlineData("20260")]
    [InlineData("2026-1")]
    [InlineData("2026-001")]
    [InlineData("1989")]
    [InlineData("3000")]
    [InlineData("2026-00")]
    [InlineData("2026-13")]
    [InlineData("2026/01")]
    [InlineData("2026-x1")]
    [InlineData("x026")]
    [InlineData(" 026")]
    [InlineData("-026-01")]
    [InlineData("2026--1")]
    public void Anything_else_is_no_period(string text) => Assert.False(Period.TryParse(text, out _));

    [Theory]
    [InlineData("2025-03-09", false, true, false)]
    [InlineData("2025-03-10", true, true, true)]
    [InlineData("2025-03-20", true, true, true)]
    [InlineData("2025-03-21", true, false, false)]
    public void A_span_holds_on_both_its_end_days(string text, bool from, bool to, bool both)
    {
        var day = DateOnly.Parse(text);
        var (first, last) = (new DateOnly(2025, 3, 10), new DateOnly(2025, 3, 20));
        Assert.Equal((from, to, both),
            (new DaySpan(first, null).Holds(day), new DaySpan(null, last).Holds(day),
                new DaySpan(first, last).Holds(day)));
        Assert.True(default(DaySpan).Holds(day));
    }

    [Theory]
    [InlineData("2026-03-01T15:59:59Z", "2026-03-01")]
    [InlineData("2026-03-01T16:00:00Z", "2026-03-02")]
    [InlineData("2026-03-02T00:30:00+08:00", "2026-03-02")]
    public void A_day_begins_at_midnight_in_beijing(string moment, string day) =>
        Assert.Equal(DateOnly.Parse(day), BeijingTime.DayOf(DateTimeOffset.Parse(moment)));

    [Theory]
    [InlineData("H15050200123", "150502")]
    [InlineData("H1505020012", null)]
    [InlineData("H150502001234", null)]
    [InlineData("P15050200123", null)]
    [InlineData("H15050200x23", null)]
    [InlineData("H/5050200123", null)]
    [InlineData("H:5050200123", null)]
    public void Where_a_facility_stands_follows_from_a_national_code_only(string facilityId, string? region)
    {
        Assert.Equal(region, FacilityProfile.RegionOfCode(facilityId));
        Assert.Equal(new FacilityProfile(facilityId, "", region ?? "", 0, false, false, false, false),
            FacilityProfile.Unregistered(facilityId));
    }

    [Theory]
    [InlineData("150502", true)]
    [InlineData("100000", true)]
    [InlineData("999999", true)]
    [InlineData("050502", false)]
    [InlineData("15050", false)]
    [InlineData("1505020", false)]
    [InlineData("15050x", false)]
    [InlineData("x50502", false)]
    [InlineData("15050:", false)]
    [InlineData("15050/", false)]
    public void An_administrative_code_has_six_digits_and_no_leading_zero(string code, bool wellFormed) =>
        Assert.Equal(wellFormed, Region.IsWellFormed(code));

    [Theory]
    [InlineData("150502", "150502", CarePlace.InRegion)]
    [InlineData("150503", "150502", CarePlace.InProvince)]
    [InlineData("150502", "150500", CarePlace.InRegion)]
    [InlineData("150500", "150500", CarePlace.InRegion)]
    [InlineData("150500", "150502", CarePlace.InProvince)]
    [InlineData("150602", "150500", CarePlace.InProvince)]
    [InlineData("150602", "150000", CarePlace.InRegion)]
    [InlineData("250502", "150000", CarePlace.OutOfProvince)]
    [InlineData("160502", "150500", CarePlace.OutOfProvince)]
    [InlineData("250502", "150502", CarePlace.OutOfProvince)]
    public void The_place_of_care_is_seen_from_the_pooling_region(string facility, string pooling, CarePlace place) =>
        Assert.Equal(place, Region.PlaceOf(facility, pooling));
}
