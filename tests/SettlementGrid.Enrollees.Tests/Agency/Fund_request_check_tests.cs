using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Tests.Agency;

/// <summary>What is refused of a fund record without looking at any fund: each field at its edge.</summary>
public sealed class Fund_request_check_tests
{
    static readonly DateOnly Today = new(2026, 3, 2);

    static readonly FundRecordRequest Good = new(
        "q1", "150500", "plan-a", 2026, FundRecordKind.Premium, new Money(1), 0, Today);

    public static TheoryData<string?, FundRecordRequest> Requests => new()
    {
        { null, Good },
        { "request_id", Good with { RequestId = "", RegionId = "" } },
        { "region_id", Good with { RegionId = "1505", PlanId = "" } },
        { "plan_id", Good with { PlanId = "", Year = 1 } },
        { null, Good with { Year = Limits.FundYearMin } },
        { null, Good with { Year = Limits.FundYearMax } },
        { "year", Good with { Year = Limits.FundYearMin - 1, Kind = 0 } },
        { "year", Good with { Year = Limits.FundYearMax + 1 } },
        { null, Good with { Kind = FundRecordKind.Return } },
        { "kind", Good with { Kind = 0, Amount = default } },
        { "kind", Good with { Kind = (FundRecordKind)8 } },
        { "amount_fen", Good with { Amount = default, Persons = -1 } },
        { "amount_fen", Good with { Amount = new Money(-1) } },
        { null, Good with { Amount = new Money(Limits.AmountFenMax) } },
        { "amount_fen", Good with { Amount = new Money(Limits.AmountFenMax + 1) } },
        { null, Good with { Persons = Limits.FundPersonsMax } },
        { "persons", Good with { Persons = -1, ReceivedOn = Today.AddDays(1) } },
        { "persons", Good with { Persons = Limits.FundPersonsMax + 1 } },
        { "received_on", Good with { ReceivedOn = Today.AddDays(1) } },
        { null, Good with { ReceivedOn = new DateOnly(Limits.FundYearMin, 1, 1) } },
        { "received_on", Good with { ReceivedOn = new DateOnly(Limits.FundYearMin - 1, 12, 31) } },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_fund_record_is_checked_field_by_field(string? field, FundRecordRequest request)
    {
        var refusal = RequestChecks.Check(request, Today);
        Assert.Equal(field, refusal is null ? null
            : refusal.Numbers.GetValueOrDefault("field") ?? refusal.Numbers.Keys.Single());
    }
}
