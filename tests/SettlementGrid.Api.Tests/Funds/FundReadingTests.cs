using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.Funds.Agency;

namespace SettlementGrid.Api.Tests.Funds;

public sealed class FundReadingTests
{
    [Fact]
    public async Task Position_adds_up_premium_paid_and_people_of_a_region_and_all_under_it()
    {
        await using var agency = await OpenAsync();
        await agency.EnrollAsync("a", "150502");
        await agency.EnrollAsync("b", "150521");
        await agency.EnrollAsync("c", "150521");
        await agency.RecordAsync(Premium("150502", 400_000));
        await agency.RecordAsync(Premium("150521", 600_000));
        await agency.SettleAsync("a");
        var last = await agency.SettleAsync("b");

        var county = await agency.PositionAsync("150502");
        var city = await agency.PositionAsync("150500");

        Assert.Equal((400_000, 360_000, 40_000), (county.PremiumFen, county.PaidFen, county.BalanceFen));
        Assert.Equal(9_000, county.UsageBp);
        Assert.Equal((1L, 1L, 1L), (county.Persons, county.Insured, county.Cases));
        Assert.Equal((1_000_000, 720_000, 280_000), (city.PremiumFen, city.PaidFen, city.BalanceFen));
        Assert.Equal((2L, 3L, 2L, 6L), (city.Persons, city.Insured, city.Cases, city.PremiumPersons));
        Assert.Equal(last.LedgerPosition, city.LedgerPosition);
        Assert.Equal(last.SettledAt, city.AsOf);
        var facility = Assert.Single(city.ByFacility);
        Assert.Equal(("H15050200001", 720_000, 2L), (facility.FacilityId, facility.PaidFen, facility.Cases));
        Assert.Equal("critical", Assert.Single(city.ByLayer).LayerId);
        Assert.Equal(V1.CarePlace.InRegion, Assert.Single(city.ByCarePlace).CarePlace);
        Assert.Equal(720_000, Assert.Single(city.ByMonth).PaidFen);
        Assert.Equal(
            [FundAlertKind.Usage80, FundAlertKind.Usage90], county.Alerts.Select(alert => alert.Kind));
        Assert.All(
            county.Alerts, alert => Assert.StartsWith("Paid has reached", alert.Message, StringComparison.Ordinal));
        Assert.StartsWith("Daily = paid ÷", county.ProjectionMethod, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Position_as_of_a_mark_is_what_the_ledger_held_then()
    {
        await using var agency = await OpenAsync();
        await agency.EnrollAsync("a", "150502");
        var recorded = await agency.RecordAsync(Premium("150502", 400_000));
        await agency.SettleAsync("a");
        await agency.RecordAsync(Premium("150502", 1, "p-2"));

        var then = await agency.PositionAsync("150502", recorded.LedgerPosition);
        var before = await agency.PositionAsync("150502", recorded.LedgerPosition - 1);

        Assert.Equal((400_000, 0, 0L), (then.PremiumFen, then.PaidFen, then.Cases));
        Assert.Equal((recorded.LedgerPosition, recorded.RecordedAt), (then.LedgerPosition, then.AsOf));
        Assert.Equal(0, before.PremiumFen);
        Assert.False(before.HasUsageBp);
        Assert.Equal(400_001, (await agency.PositionAsync("150502")).PremiumFen);
    }

    [Fact]
    public async Task Unknown_region_inside_the_callers_has_a_fund_of_zeros()
    {
        await using var agency = await OpenAsync();
        var request = new GetPositionRequest { RegionId = "150599", PlanId = PlanId, Year = Year };

        var position = Answered(await agency.Handlers.GetPosition(request, CallOf(County("150500"))));

        Assert.Equal(("150599", 0, 0L), (position.RegionId, position.PaidFen, position.Insured));
        Assert.False(position.HasUsageBp);
        Assert.Empty(position.ByMonth);
    }

    [Theory]
    [InlineData("150521")]
    [InlineData("150599")]
    [InlineData("150500")]
    [InlineData("150000")]
    [InlineData("410922")]
    public async Task Region_that_is_not_the_callers_is_refused_alike_whether_it_exists_or_not(string region)
    {
        await using var agency = await OpenAsync();
        await agency.EnrollAsync("b", "150521");
        var call = CallOf(County("150502"));

        WireRefusal?[] refusals =
        [
            (await agency.Handlers.GetPosition(
                new GetPositionRequest { RegionId = region, PlanId = PlanId, Year = Year }, call)).Refusal,
            // Also where the plan is unknown or the mark impossible: nothing is looked up.
            (await agency.Handlers.GetPosition(
                new GetPositionRequest { RegionId = region, PlanId = "none", Year = Year, AsOfLedgerPosition = 99 },
                call)).Refusal,
            (await agency.Handlers.ListPositions(
                new ListPositionsRequest { RegionId = region, Year = Year }, call)).Refusal,
            await agency.Handlers.WatchPositions(
                new WatchPositionsRequest { RegionId = region, Year = Year }, call, _ => default),
            (await agency.Handlers.RecordPremium(Premium(region, 1), call)).Refusal,
        ];

        Assert.All(refusals, refusal =>
        {
            Assert.Equal("NOT_PERMITTED", refusal?.Reason);
            Assert.Equal(refusals[0]!.MessageEn, refusal!.MessageEn);
            Assert.Empty(refusal.Numbers);
        });
    }

    [Fact]
    public async Task Caller_of_a_facility_may_not_read_funds_whatever_its_roles()
    {
        await using var agency = await OpenAsync();
        var call = CallOf(new Caller("h", Roles.All, FacilityId: "H15050200001", RegionId: "150500"));

        var refused = await agency.Handlers.GetPosition(
            new GetPositionRequest { RegionId = "150502", PlanId = PlanId, Year = Year }, call);

        Assert.Equal("NOT_PERMITTED", refused.Refusal?.Reason);
    }

    [Theory]
    [InlineData("", PlanId, Year, null, "MALFORMED_REQUEST")]
    [InlineData("1505", PlanId, Year, null, "MALFORMED_REQUEST")]
    [InlineData("050200", PlanId, Year, null, "MALFORMED_REQUEST")]
    [InlineData("150502", "", Year, null, "MALFORMED_REQUEST")]
    [InlineData("150502", "no plan", Year, null, "MALFORMED_REQUEST")]
    [InlineData("150502", PlanId, 0, null, "MALFORMED_REQUEST")]
    [InlineData("150502", PlanId, 20_250, null, "MALFORMED_REQUEST")]
    [InlineData("150502", "no-such-plan", Year, null, "PLAN_UNKNOWN")]
    [InlineData("150502", PlanId, Year, -1L, "POSITION_UNKNOWN")]
    [InlineData("150502", PlanId, Year, 1_000L, "POSITION_UNKNOWN")]
    public async Task Question_that_cannot_be_answered_says_why(
        string region, string plan, int year, long? asOf, string reason)
    {
        await using var agency = await OpenAsync();
        var request = new GetPositionRequest { RegionId = region, PlanId = plan, Year = year };
        if (asOf is { } mark)
        {
            request.AsOfLedgerPosition = mark;
        }

        var refused = (await agency.Handlers.GetPosition(request, CallOf())).Refusal;

        Assert.Equal(reason, refused?.Reason);
        Assert.NotEmpty(refused!.MessageZh);
        Assert.NotEmpty(refused.MessageEn);
    }

    [Fact]
    public async Task List_holds_the_region_and_those_under_it_by_region_without_facilities()
    {
        await using var agency = await OpenAsync();
        await agency.EnrollAsync("b", "150521");
        await agency.EnrollAsync("a", "150502");
        await agency.SettleAsync("a");

        var list = Answered(await agency.Handlers.ListPositions(
            new ListPositionsRequest { RegionId = "150500", Year = Year }, CallOf()));

        Assert.Equal(["150500", "150502", "150521"], list.Positions.Select(one => one.RegionId));
        Assert.All(list.Positions, one => Assert.Equal(list.LedgerPosition, one.LedgerPosition));
        Assert.All(list.Positions, one => Assert.Empty(one.ByFacility));
        Assert.Equal([360_000, 360_000, 0], list.Positions.Select(one => one.PaidFen));
        Assert.Empty(list.NextPageToken);
    }

    [Fact]
    public async Task Pages_of_a_long_list_are_all_at_the_first_ones_mark()
    {
        await using var agency = await OpenAsync();
        foreach (var region in (string[])["150502", "150521", "150522"])
        {
            await agency.RecordAsync(Premium(region, 100));
        }

        var methods = agency.Cut(answerBytesMax: 1);
        var request = new ListPositionsRequest { RegionId = "150500", Year = Year };
        var seen = new List<Position>();
        do
        {
            var page = Answered(await methods.ListPositions(request, CallOf()));
            seen.Add(Assert.Single(page.Positions));
            request.PageToken = page.NextPageToken;
            await agency.RecordAsync(Premium("150522", 7, $"later-{seen.Count}"));
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(["150500", "150502", "150521", "150522"], seen.Select(one => one.RegionId));
        Assert.Equal([300, 100, 100, 100], seen.Select(one => one.PremiumFen));
        Assert.Single(seen.Select(one => one.LedgerPosition).Distinct());
    }

    [Fact]
    public async Task Position_too_large_for_one_message_is_refused_with_advice()
    {
        await using var agency = await OpenAsync();
        var methods = agency.Cut(answerBytesMax: 1);
        var request = new GetPositionRequest { RegionId = "150502", PlanId = PlanId, Year = Year };

        var refused = (await methods.GetPosition(request, CallOf())).Refusal;

        Assert.Equal("PAGE_INVALID", refused?.Reason);
        Assert.Contains("regions below", refused!.MessageEn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_token_of_another_question_is_refused()
    {
        await using var agency = await OpenAsync();
        await agency.RecordAsync(Premium("150502", 100));
        var methods = agency.Cut(answerBytesMax: 1);
        var page = Answered(await methods.ListPositions(
            new ListPositionsRequest { RegionId = "150500", Year = Year }, CallOf()));

        foreach (var request in (ListPositionsRequest[])
            [
                new() { RegionId = "150000", Year = Year, PageToken = page.NextPageToken },
                new() { RegionId = "150500", Year = Year + 1, PageToken = page.NextPageToken },
                new() { RegionId = "150500", Year = Year, PlanId = PlanId, PageToken = page.NextPageToken },
                new() { RegionId = "150500", Year = Year, AsOfLedgerPosition = 1, PageToken = page.NextPageToken },
                new() { RegionId = "150500", Year = Year, PageToken = "1/150500" },
                new() { RegionId = "150500", Year = Year, PageToken = "x" + page.NextPageToken },
            ])
        {
            Assert.Equal("PAGE_INVALID", (await methods.ListPositions(request, CallOf())).Refusal?.Reason);
        }
    }
}
