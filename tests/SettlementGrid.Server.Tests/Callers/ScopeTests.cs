using System.Buffers.Text;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Api;
using SettlementGrid.Enrollees;
using SettlementGrid.Testing;
using V1 = SettlementGrid.Api.V1;

namespace SettlementGrid.Server.Tests.Callers;

/// <summary>
/// What a caller may touch, method by method; and that "not yours" is "not there", look-up for look-up.
/// </summary>
public sealed class ScopeTests : IAsyncLifetime
{
    private Town _town = null!;

    public async Task InitializeAsync() => _town = await Town.BuildAsync();

    public async Task DisposeAsync() => await _town.DisposeAsync();

    /// <summary>A call about what is another's, and the same call about what is not there.</summary>
    public static TheoryData<string> NotYours =>
        ["account", "settlement of another region", "settlement of another hospital", "reversal of another hospital's",
            "reversal in another region", "settling for another region", "preview for another region",
            "cancelling for another region", "opening balance in another region"];

    [Theory]
    [MemberData(nameof(NotYours))]
    public async Task What_is_not_yours_looks_like_what_is_not_there_and_costs_the_same_look_ups(string what)
    {
        _town.Ledger.Taken();
        var foreign = await AskAsync(what, foreign: true);
        var foreignLookUps = _town.Ledger.Taken();
        var absent = await AskAsync(what, foreign: false);
        var absentLookUps = _town.Ledger.Taken();

        Assert.Equal(absent.ToMessage(), foreign.ToMessage());
        Assert.EndsWith("_UNKNOWN", foreign.Reason, StringComparison.Ordinal);
        Assert.NotEmpty(foreignLookUps);
        Assert.Equal(absentLookUps, foreignLookUps);
        Assert.DoesNotContain("Append", foreignLookUps);

        // Nor a look-up that takes longer the more there is to see.
        Assert.DoesNotContain("ReadStream", foreignLookUps);
    }

    [Fact]
    public async Task List_shows_a_region_its_own_and_a_facility_of_others_is_an_empty_one()
    {
        var county = Town.Of(Roles.County);
        Assert.Single((await ListAsync(Town.OwnHospital, county)).Settlements);
        _town.Ledger.Taken();
        var foreign = await ListAsync(Town.OtherHospital, county);
        var foreignLookUps = _town.Ledger.Taken();
        var absent = await ListAsync("H15060299999", county);
        Assert.Equal(absent, foreign);
        Assert.Equal(_town.Ledger.Taken(), foreignLookUps);
        Assert.Empty(foreign.Settlements);
        Assert.Equal("", foreign.NextPageToken);
        Assert.Single((await ListAsync(Town.OtherHospital, new Caller("auditor", Roles.Auditor))).Settlements);
    }

    [Fact]
    public async Task List_passes_over_others_rows_and_loses_none_of_its_own()
    {
        // Own and foreign persons in turn at one hospital; pages of two.
        for (var i = 0; i < 10; i++)
        {
            await _town.RequireAsync(
                _town.Methods.Settle,
                Town.Bill($"mixed-{i}", i % 3 == 0 ? Town.Own : Town.Foreign, Town.OwnHospital), Caller.Local);
        }

        var seen = new List<string>();
        var token = "";
        do
        {
            var page = await ListAsync(Town.OwnHospital, Town.Of(Roles.County), pageSize: 2, token);
            Assert.InRange(page.Settlements.Count, 0, 2);
            seen.AddRange(page.Settlements.Select(one => one.RequestId));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        Assert.Equal(["settled", "mixed-0", "mixed-3", "mixed-6", "mixed-9"], seen);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("")]
    [InlineData("9223372036854775808")]
    public async Task List_refuses_a_page_token_with_a_position_that_no_settlement_has(string position)
    {
        await _town.RequireAsync(_town.Methods.Settle, Town.Bill("next", Town.Own, Town.OwnHospital), Town.Hospital);
        var page = await ListAsync(Town.OwnHospital, Town.Hospital, pageSize: 1);
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(page.NextPageToken)).Split('\n');
        var token = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(parts[0] + "\n" + position));

        var refusal = await _town.RefusedAsync(
            _town.Methods.ListSettlements,
            new V1.ListSettlementsRequest(Listing(Town.OwnHospital)) { PageToken = token }, Town.Hospital);

        Assert.Equal("PAGE_INVALID", refusal.Reason);
    }

    [Theory]
    [InlineData(Town.County, true)]
    [InlineData(Town.City, true)]
    [InlineData("150000", true)]
    [InlineData("150503", false)]
    [InlineData("150600", false)]
    [InlineData("210000", false)]
    public async Task Region_sees_itself_and_what_lies_under_it(string region, bool sees)
    {
        foreach (var role in new[] { Roles.Insurer, Roles.County, Roles.City, Roles.Auditor })
        {
            var caller = Town.Of(role, region);
            var account = await _town.Methods.GetAccount(AccountOf(Town.Own), Town.CallBy(caller));
            var settlement = await _town.Methods.GetSettlement(
                new V1.GetSettlementRequest { SettlementId = _town.OwnSettlement }, Town.CallBy(caller));
            Assert.Equal((sees, sees), (account.Refusal is null, settlement.Refusal is null));
        }
    }

    [Fact]
    public async Task Hospital_names_no_facility_but_its_own()
    {
        var foreign = Town.Bill("r", Town.Own, Town.OtherHospital);
        var methods = _town.Methods;
        _town.Ledger.Taken();
        WireRefusal[] refusals =
        [
            await _town.RefusedAsync(methods.Settle, foreign, Town.Hospital),
            await _town.RefusedAsync(methods.Preview, foreign, Town.Hospital),
            await _town.RefusedAsync(
                methods.Reverse,
                new V1.ReverseRequest
                {
                    RequestId = "r", FacilityId = Town.OtherHospital, SettlementId = _town.ForeignSettlement,
                },
                Town.Hospital),
            await _town.RefusedAsync(
                methods.Cancel,
                new V1.CancelRequest { RequestId = "r", FacilityId = Town.OtherHospital, EnrolleeId = Town.Own },
                Town.Hospital),
            await _town.RefusedAsync(
                methods.GetSettlement,
                new V1.GetSettlementRequest { FacilityId = Town.OtherHospital, RequestId = "settled" }, Town.Hospital),
            await _town.RefusedAsync(methods.ListSettlements, Listing(Town.OtherHospital), Town.Hospital),
        ];
        Assert.All(refusals, refusal => Assert.Equal("NOT_PERMITTED", refusal.Reason));
        Assert.Empty(_town.Ledger.Taken());
    }

    [Fact]
    public async Task Batch_that_mixes_two_hospitals_is_refused_whole_and_leaves_nothing()
    {
        var batch = new V1.SettleManyRequest
        {
            Requests =
            {
                Town.Bill("mine", Town.Own, Town.OwnHospital), Town.Bill("theirs", Town.Own, Town.OtherHospital),
            },
        };
        _town.Ledger.Taken();
        var refusal = await _town.RefusedAsync(_town.Methods.SettleMany, batch, Town.Hospital);
        Assert.Equal(("NOT_PERMITTED", "2"), (refusal.Reason, refusal.Numbers["item"]));
        Assert.Empty(_town.Ledger.Taken());
    }

    [Fact]
    public async Task Insurer_settles_for_its_region_at_any_hospital_and_a_retry_outlives_a_move()
    {
        var insurer = Town.Of(Roles.Insurer);
        var bill = Town.Bill("window", Town.Own, "H11010100001");
        var first = await _town.RequireAsync(_town.Methods.Settle, bill, insurer);
        await _town.RequireAsync(
            _town.Methods.PutEnrollees, Putting(Town.Entry(Town.Own, Town.OtherCounty)), Caller.Local);
        Assert.Equal(first, await _town.RequireAsync(_town.Methods.Settle, bill, insurer));
        Assert.Equal("ENROLLEE_UNKNOWN", (await _town.RefusedAsync(
            _town.Methods.Settle, Town.Bill("another", Town.Own, "H11010100001"), insurer)).Reason);
    }

    [Fact]
    public async Task County_takes_nobody_off_another_countys_roster_and_an_agency_above_both_does()
    {
        var county = Town.Of(Roles.County);
        var putting = Putting(Town.Entry(Town.Own, Town.County), Town.Entry(Town.Foreign, Town.County));
        var refusal = await _town.RefusedAsync(_town.Methods.PutEnrollees, putting, county);
        Assert.Equal(("NOT_PERMITTED", "2"), (refusal.Reason, refusal.Numbers["item"]));
        Assert.Equal("NOT_PERMITTED", (await _town.RefusedAsync(
            _town.Methods.PutEnrollees, Putting(Town.Entry("TL-NEW-1", Town.OtherCounty)), county)).Reason);
        Assert.Equal(1, (await _town.RequireAsync(
            _town.Methods.PutEnrollees, putting, Town.Of(Roles.City, "150000"))).Changed);
        Assert.NotNull((await _town.RequireAsync(_town.Methods.GetAccount, AccountOf(Town.Foreign), county)).Enrollee);
    }

    [Fact]
    public async Task City_changes_facilities_and_plans_of_its_region_alone()
    {
        var city = Town.Of(Roles.City, Town.City);
        var other = Town.Of(Roles.City, "150600");
        Assert.Equal(1, (await _town.RequireAsync(
            _town.Methods.PutFacilities, Facilities(Town.OwnHospital, Town.County), city)).Added);
        foreach (var (facility, region) in new[]
            { (Town.OwnHospital, Town.OtherCounty), (Town.OwnHospital, Town.County), ("clinic-1", "") })
        {
            Assert.Equal("NOT_PERMITTED", (await _town.RefusedAsync(
                _town.Methods.PutFacilities, Facilities(facility, region), other)).Reason);
        }

        var text = GivenPlans.SupplementPaying(60).Replace("from: 2025-01-01, clause", "from: 2027-01-01, clause");
        var publish = new V1.PublishPlanRequest { Text = text };
        Assert.Equal("NOT_PERMITTED", (await _town.RefusedAsync(_town.Methods.PublishPlan!, publish, other)).Reason);
        var taking = new V1.PublishPlanRequest { Text = text.Replace("150500", "150600") };
        Assert.Equal("NOT_PERMITTED", (await _town.RefusedAsync(_town.Methods.PublishPlan!, taking, other)).Reason);
        Assert.Equal(2, (await _town.RequireAsync(_town.Methods.PublishPlan!, publish, city)).Version);
    }

    [Fact]
    public async Task Funds_are_shown_within_the_region_alone_and_to_no_facility()
    {
        var methods = _town.Methods;
        foreach (var caller in new[]
        {
            Town.Of(Roles.County), Town.Of(Roles.City, Town.City),
            new Caller(
                "hospital that is an insurer too", Roles.Hospital | Roles.Insurer, Town.OwnHospital, Town.OtherCounty),
        })
        {
            WireRefusal[] refusals =
            [
                await _town.RefusedAsync(
                    methods.GetPosition,
                    new V1.GetPositionRequest
                    {
                        RegionId = Town.OtherCounty, PlanId = GivenPlans.Tongliao, Year = 2026,
                    },
                    caller),
                await _town.RefusedAsync(
                    methods.ListPositions, new V1.ListPositionsRequest { RegionId = "150000", Year = 2026 }, caller),
                await _town.RefusedAsync(
                    methods.RecordPremium,
                    new V1.RecordPremiumRequest
                    {
                        RequestId = "p", RegionId = Town.OtherCounty, PlanId = GivenPlans.Tongliao, Year = 2026,
                        Kind = V1.FundRecordKind.Premium, AmountFen = 1, ReceivedOn = "2026-01-05",
                    },
                    caller),
                (await methods.WatchPositions(
                    new V1.WatchPositionsRequest { RegionId = Town.OtherCounty, Year = 2026 }, Town.CallBy(caller),
                    _ => throw new InvalidOperationException("shown")))!,
            ];
            Assert.All(refusals, refusal => Assert.Equal("NOT_PERMITTED", refusal.Reason));
        }
    }

    [Fact]
    public async Task Simulation_is_within_the_region_alone()
    {
        var refusal = await _town.Methods.Simulate(
            new V1.SimulateRequest { Text = GivenPlans.TongliaoText, Year = 2025, RegionId = Town.OtherCounty },
            Town.CallBy(Town.Of(Roles.County)), _ => throw new InvalidOperationException("shown"));
        Assert.Equal("NOT_PERMITTED", refusal?.Reason);
    }

    [Fact]
    public async Task Hospital_is_shown_no_adjustment_of_another_hospitals_settlement()
    {
        V1.SettleRequest Big(string id, string facility)
        {
            var bill = Town.Bill(id, Town.Own, facility);
            (bill.TotalFen, bill.EligibleFen, bill.BasicPaidFen) = (20_000_000, 20_000_000, 1_000_000);
            return bill;
        }

        var first = await _town.RequireAsync(_town.Methods.Settle, Big("first", Town.OwnHospital), Town.Hospital);
        await _town.RequireAsync(_town.Methods.Settle, Big("later", Town.OtherHospital), Caller.Local);
        var dry = new V1.ReverseRequest
        {
            RequestId = "undo", FacilityId = Town.OwnHospital, SettlementId = first.SettlementId, DryRun = true,
        };
        Assert.NotEmpty((await _town.RequireAsync(_town.Methods.Reverse, dry, Caller.Local)).Adjustments);
        Assert.Empty((await _town.RequireAsync(_town.Methods.Reverse, dry, Town.Hospital)).Adjustments);
    }

    private async Task<WireRefusal> AskAsync(string what, bool foreign)
    {
        var (methods, county, insurer) = (_town.Methods, Town.Of(Roles.County), Town.Of(Roles.Insurer));
        var person = foreign ? Town.Foreign : Town.Absent;
        var settlement = foreign ? _town.ForeignSettlement : _town.AbsentSettlement;
        var get = new V1.GetSettlementRequest { SettlementId = settlement };
        var reverse = new V1.ReverseRequest
        {
            RequestId = "undo", FacilityId = Town.OwnHospital, SettlementId = settlement,
        };
        return what switch
        {
            "account" => await _town.RefusedAsync(methods.GetAccount, AccountOf(person), county),
            "settlement of another region" => await _town.RefusedAsync(methods.GetSettlement, get, county),
            "settlement of another hospital" => await _town.RefusedAsync(methods.GetSettlement, get, Town.Hospital),
            "reversal of another hospital's" => await _town.RefusedAsync(methods.Reverse, reverse, Town.Hospital),
            "reversal in another region" => await _town.RefusedAsync(
                methods.Reverse, new V1.ReverseRequest(reverse) { FacilityId = Town.OtherHospital }, insurer),
            "settling for another region" => await _town.RefusedAsync(
                methods.Settle, Town.Bill("new", person, Town.OwnHospital), insurer),
            "preview for another region" => await _town.RefusedAsync(
                methods.Preview, Town.Bill("new", person, Town.OwnHospital), insurer),
            "cancelling for another region" => await _town.RefusedAsync(
                methods.Cancel,
                new V1.CancelRequest { RequestId = "new", FacilityId = Town.OwnHospital, EnrolleeId = person },
                insurer),
            _ => await _town.RefusedAsync(
                methods.PutOpeningBalances,
                new V1.PutOpeningBalancesRequest { OpeningBalances = { Balance(person) } },
                Town.Of(Roles.City, Town.City)),
        };
    }

    private static V1.OpeningBalance Balance(string person) => new()
    {
        EnrolleeId = person, PlanId = GivenPlans.Tongliao, LayerId = "critical", Period = "2025", PositionFen = 1,
        Source = "test",
    };

    private static V1.GetAccountRequest AccountOf(string person) => new() { EnrolleeId = person, Year = 2026 };

    private static V1.PutEnrolleesRequest Putting(params V1.Enrollee[] entries) => new() { Enrollees = { entries } };

    private static V1.PutFacilitiesRequest Facilities(string facility, string region) => new()
    {
        Facilities = { new V1.Facility { FacilityId = facility, Name = "x", RegionId = region, Level = 3 } },
    };

    private Task<V1.ListSettlementsResponse> ListAsync(
        string facility, Caller caller, int pageSize = 100, string token = "") =>
        _town.RequireAsync(
            _town.Methods.ListSettlements,
            new V1.ListSettlementsRequest(Listing(facility)) { PageSize = pageSize, PageToken = token }, caller);

    private static V1.ListSettlementsRequest Listing(string facility) => new()
    {
        FacilityId = facility,
        SettledFrom = Timestamp.FromDateTimeOffset(ManualClock.Start.AddDays(-1)),
        SettledTo = Timestamp.FromDateTimeOffset(ManualClock.Start.AddDays(1)),
    };
}
