using SettlementGrid.Enrollees.Tests.Turns;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

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
    [InlineData(1999, "year must be a year of four digits")]
    [InlineData(2000, null)]
    [InlineData(2999, null)]
    [InlineData(3000, "year must be a year of four digits")]
    public void A_policy_year_has_four_digits(int year, string? sentence)
    {
        var refusal = RequestChecks.CheckYear(year);
        Assert.Equal(sentence, refusal?.MessageEn);
        Assert.Equal(sentence is null ? null : "字段 year 应为四位年份", refusal?.MessageZh);
        Assert.Equal(sentence is null ? null : "year", refusal?.Numbers["field"]);
    }

    [Fact]
    public async Task Whoever_loses_the_fund_or_meets_a_full_queue_is_told_so()
    {
        var clock = new ManualClock();
        var ledger = new Disturbed(await Given.Ledger(clock));
        var writing = new FundWriting(ledger, await Given.Catalogs(ledger), clock);
        var request = Good with { PlanId = GivenPlans.Tongliao };
        var before = ledger.Appends;
        ledger.Next(_ => new AppendOutcome.VersionTaken(), Limits.DecisionsPerTurnMax);
        var (_, refusal) = await writing.Record(request, default);
        Assert.Equal(("该基金正被多处同时登记，请用同一请求重试", "Others keep recording on this fund; retry the same request"),
            (refusal!.MessageZh, refusal.MessageEn));
        Assert.Equal(before + Limits.DecisionsPerTurnMax, ledger.Appends);
        ledger.Next(_ => new AppendOutcome.Overloaded());
        (_, refusal) = await writing.Record(request, default);
        Assert.Equal(("系统繁忙，本次未登记；请用同一请求重试",
            "The ledger's queue is full; nothing was stored. Retry the same request"),
            (refusal!.MessageZh, refusal.MessageEn));
        ledger.Next(_ => new AppendOutcome.VersionTaken(), Limits.DecisionsPerTurnMax - 1);
        Assert.NotNull((await writing.Record(request, default)).Recorded);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_fund_record_is_checked_field_by_field(string? field, FundRecordRequest request)
    {
        var refusal = RequestChecks.Check(request) ?? RequestChecks.CheckReceived(request, Today);
        Assert.Equal(field, refusal is null ? null
            : refusal.Numbers.GetValueOrDefault("field") ?? refusal.Numbers.Keys.Single());
    }
}
