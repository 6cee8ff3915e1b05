using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Agency;

/// <summary>What is refused without looking at any account: each field at its edge, named in the refusal.</summary>
public sealed class Request_check_tests
{
    static readonly DateOnly Today = new(2026, 3, 2);
    static readonly string Long = new('x', 65);
    static readonly string Longest = new('x', 64);
    static readonly string Text500 = new('文', 500);

    static readonly SettleRequest Good = Given.Request("r1", "anna", 1_000, 400);

    public static TheoryData<string, SettleRequest> Malformed => new()
    {
        { "request_id", Good with { RequestId = "" } },
        { "request_id", Good with { RequestId = Long, FacilityId = Long } },
        { "facility_id", Good with { FacilityId = Long, EncounterId = Long } },
        { "encounter_id", Good with { EncounterId = "a/b", EnrolleeId = "" } },
        { "enrollee_id", Good with { EnrolleeId = "安娜", Bill = Good.Bill with { Total = new Money(-1) } } },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void The_first_malformed_id_is_named(string field, SettleRequest request)
    {
        var refusal = RequestChecks.Check(request, Today);
        Assert.Equal(RefusalReason.MalformedRequest, refusal?.Reason);
        Assert.Equal(field, refusal!.Numbers["field"]);
    }

    [Fact]
    public void Ids_of_the_longest_and_of_every_allowed_character_pass() => Assert.Null(RequestChecks.Check(Good with
    {
        RequestId = Longest, FacilityId = "azAZ09._:-", EncounterId = "-", EnrolleeId = "0",
    }, Today));

    static Bill With(Func<Bill, Bill> change) => change(Good.Bill);

    static readonly Money TooMuch = new(Limits.AmountFenMax + 1);

    public static TheoryData<string, Bill> Amounts => new()
    {
        { "total_fen", With(b => b with { Total = new Money(-1), Eligible = new Money(-1) }) },
        { "total_fen", With(b => b with { Total = TooMuch, Eligible = TooMuch }) },
        { "eligible_fen", With(b => b with { Eligible = new Money(-1), BasicPaid = new Money(-1) }) },
        { "basic_paid_fen", With(b => b with { BasicPaid = new Money(-1), OverCapEligible = new Money(-1) }) },
        { "over_cap_eligible_fen",
            With(b => b with { OverCapEligible = new Money(-1), PriorPlansPaid = new Money(-1) }) },
        { "over_cap_eligible_fen", With(b => b with { OverCapEligible = TooMuch }) },
        { "prior_plans_paid_fen",
            With(b => b with { PriorPlansPaid = new Money(-1), AssistancePaid = new Money(-1) }) },
        { "assistance_paid_fen", With(b => b with { AssistancePaid = new Money(-1), Unreasonable = new Money(-1) }) },
        { "unreasonable_fen", With(b => b with { Unreasonable = new Money(-1), Eligible = b.Total + new Money(1) }) },
        { "eligible_fen", With(b => b with { Eligible = b.Total + new Money(1), BasicPaid = b.Total + new Money(2) }) },
        { "basic_paid_fen", With(b => b with { BasicPaid = b.Eligible + new Money(1), OverCapEligible = b.Eligible }) },
        {
            "over_cap_eligible_fen",
            With(b => b with { OverCapEligible = new Money(60_001), PriorPlansPaid = new Money(60_001) })
        },
        {
            "basic_paid_fen + prior_plans_paid_fen + assistance_paid_fen",
            With(b => b with
            {
                PriorPlansPaid = new Money(30_000), AssistancePaid = new Money(30_001),
                Unreasonable = b.Total + new Money(1),
            })
        },
        { "unreasonable_fen", With(b => b with { Unreasonable = b.Total + new Money(1) }) },
    };

    [Theory]
    [MemberData(nameof(Amounts))]
    public void The_first_amount_that_cannot_be_is_named(string field, Bill bill)
    {
        var refusal = RequestChecks.Check(Good with { Bill = bill }, Today);
        Assert.Equal(RefusalReason.AmountOutOfRange, refusal?.Reason);
        Assert.Equal(field, refusal!.Numbers.Keys.First());
        Assert.All(refusal.Numbers.Keys.Skip(1), limit => Assert.Contains("_fen", limit));
    }

    [Fact]
    public void Amounts_at_their_bounds_pass()
    {
        Assert.Null(Checked(With(b => b with
        {
            PriorPlansPaid = new Money(30_000), AssistancePaid = new Money(30_000), OverCapEligible = new Money(60_000),
            Unreasonable = b.Total,
        })));
        var most = new Money(Limits.AmountFenMax);
        Assert.Null(Checked(With(b => b with { Total = most, Eligible = most, BasicPaid = most })));
        Assert.Null(Checked(With(b => b with { Total = default, Eligible = default, BasicPaid = default })));
        Assert.Null(Checked(With(b => b with { AdmittedOn = Today, DischargedOn = Today })));
        var first = new DateOnly(2000, 1, 1);
        Assert.Null(Checked(With(b => b with { AdmittedOn = first, DischargedOn = first })));

        static Refusal? Checked(Bill bill) => RequestChecks.Check(Good with { Bill = bill }, Today);
    }

    [Fact]
    public void A_date_is_refused_with_both_dates()
    {
        var refusal = RequestChecks.Check(Good with
        {
            Bill = Good.Bill with { AdmittedOn = new DateOnly(2026, 3, 2), DischargedOn = new DateOnly(2026, 3, 1) },
        }, Today);
        Assert.Equal(RefusalReason.DateOutOfRange, refusal?.Reason);
        Assert.Contains("admitted_on is after discharged_on", RequestChecks.Check(Good with
        {
            Bill = Good.Bill with { AdmittedOn = Today.AddDays(2), DischargedOn = Today.AddDays(1) },
        }, Today)!.MessageEn);
        Assert.Equal(("2026-03-02", "2026-03-01"), (refusal!.Numbers["admitted_on"], refusal.Numbers["discharged_on"]));
    }

    [Theory]
    [InlineData("", "f", "r", "request_id")]
    [InlineData("r", "", "r", "facility_id")]
    [InlineData("", "", "\0", "request_id")]
    [InlineData("r", "", "\0", "facility_id")]
    [InlineData("r", "f", "a\u001fb", "reason")]
    [InlineData("r", "f", "\0", "reason")]
    [InlineData("r", "f", " 录入有误", null)]
    [InlineData("r", "f", "", null)]
    public void A_reversal_is_checked_field_by_field(string id, string facility, string reason, string? field) =>
        Assert.Equal(field,
            RequestChecks.Check(new ReverseRequest(id, facility, default, reason))?.Numbers["field"]);

    [Fact]
    public void A_text_has_at_most_500_characters()
    {
        Assert.Null(RequestChecks.Check(new ReverseRequest("r", "f", default, Text500)));
        Assert.NotNull(RequestChecks.Check(new ReverseRequest("r", "f", default, Text500 + "x")));
    }

    static RosterPut Put(Func<RosterEntry, RosterEntry> change, string id = "anna") =>
        new(id, change(Given.Roster(GivenPlans.Tongliao)));

    static DaySpan Span(int from, int to) => new(Given.Day.AddDays(from), Given.Day.AddDays(to));

    public static TheoryData<string?, RosterPut> Puts => new()
    {
        { null, Put(e => e) },
        { "enrollee_id", Put(e => e with { RegionId = "" }, "") },
        { "region_id", Put(e => e with { RegionId = "15050", Coverages = Many(33) }) },
        { null, Put(e => e with { Coverages = Many(32) }) },
        { "coverages", Put(e => e with { Coverages = Many(33), Identities = Identities(33) }) },
        { null, Put(e => e with { Identities = Identities(32) }) },
        { "identities", Put(e => e with { Identities = Identities(33), Coverages = [new Coverage("a b", default)] }) },
        { "coverages",
            Put(e => e with
            {
                Coverages = [new("a", Span(1, 0))], Identities = [new(IdentityKind.Orphan, Span(1, 0))],
            }) },
        { "plan_id", Put(e => e with { Coverages = [.. Many(1), new Coverage("a b", Span(1, 0))] }) },
        { "coverages", Put(e => e with { Coverages = [.. Many(1), new Coverage("a", Span(1, 0))] }) },
        { null, Put(e => e with { Coverages = [new Coverage("a", Span(0, 0)), new Coverage("a", Span(1, 2))] }) },
        { "identities",
            Put(e => e with
            {
                Identities = [new(IdentityKind.Orphan, default), new(IdentityKind.Orphan, Span(1, 0))],
            }) },
        { null, Put(e => e with { Identities = [new(IdentityKind.Orphan, Span(0, 0))] }) },
    };

    static Coverage[] Many(int count) => [.. Enumerable.Repeat(new Coverage("a", default), count)];

    static Identity[] Identities(int count) =>
        [.. Enumerable.Repeat(new Identity(IdentityKind.Orphan, default), count)];

    [Theory]
    [MemberData(nameof(Puts))]
    public void A_roster_entry_is_checked_field_by_field(string? field, RosterPut put) =>
        Assert.Equal(field, RequestChecks.Check(put)?.Numbers["field"]);

    static readonly FacilityProfile Clinic = new("clinic-7", "第七诊所", "150502", 2, true, true, true, true);

    public static TheoryData<string?, FacilityProfile> Profiles => new()
    {
        { null, Clinic },
        { null, Clinic with { RegionId = "", Level = 1 } },
        { null, Clinic with { Name = Text500, Level = 3 } },
        { "facility_id", Clinic with { FacilityId = "a b", Name = "\n" } },
        { "name", Clinic with { Name = "a\nb", RegionId = "x" } },
        { "region_id", Clinic with { RegionId = "x", Level = 4 } },
        { "level", Clinic with { Level = 0 } },
        { "level", Clinic with { Level = 4 } },
    };

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_facility_is_checked_field_by_field(string? field, FacilityProfile profile) =>
        Assert.Equal(field, RequestChecks.Check(profile)?.Numbers["field"]);

    static readonly OpeningBalance Balance = new("anna",
        new AccumulatorKey(GivenPlans.Tongliao, "critical", new Period(2025)), default, default, default, "旧系统");

    public static TheoryData<string?, OpeningBalance> Balances => new()
    {
        { null, Balance },
        { "enrollee_id", Balance with { EnrolleeId = "", Key = Balance.Key with { PlanId = "" } } },
        { "plan_id", Balance with { Key = Balance.Key with { PlanId = "", LayerId = "" } } },
        { "layer_id", Balance with { Key = Balance.Key with { LayerId = "" }, Source = "\n" } },
        { "source", Balance with { Source = "\n", Position = new Money(-1) } },
        { "position_fen", Balance with { Position = new Money(-1), Paid = new Money(-1) } },
        { "paid_fen", Balance with { Paid = new Money(-1), BasicPaid = new Money(-1) } },
        { "basic_paid_fen", Balance with { BasicPaid = new Money(-1), Key = Balance.Key with { LayerId = "no" } } },
        { "layer_id", Balance with { Key = Balance.Key with { LayerId = "no" } } },
    };

    [Theory]
    [MemberData(nameof(Balances))]
    public void An_opening_balance_is_checked_field_by_field(string? field, OpeningBalance balance)
    {
        var refusal = RequestChecks.Check(balance, GivenPlans.Shipped);
        Assert.Equal(field, refusal is null ? null
            : refusal.Numbers.GetValueOrDefault("field") ?? refusal.Numbers.Keys.Single());
    }
}
