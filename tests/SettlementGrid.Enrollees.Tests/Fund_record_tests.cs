using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>Recording a fund's money: once per request id, never under a plan that nobody published.</summary>
public sealed class Fund_record_tests
{
    static readonly FundRecordRequest Premium = new(
        "premium-1", "150500", GivenPlans.Tongliao, 2025, FundRecordKind.Premium, Money.Yuan(202_624_372.44m),
        2_217_285, new DateOnly(2025, 1, 20));

    readonly ManualClock _clock = new();

    [Fact]
    public async Task A_record_is_a_fact_of_its_funds_stream()
    {
        var (ledger, funds) = await Funds();
        var recorded = await Stored(funds, Premium);
        Assert.Equal(new StreamKey(StreamKind.Fund, $"150500/{GivenPlans.Tongliao}/2025"), recorded.Entry.Stream);
        Assert.Equal(Premium, Assert.IsType<Fact.FundRecorded>(recorded.Fact).Request);
        Assert.Equal(recorded.Entry, (await ledger.Find(Premium.Id, default))!.Entry);
        Assert.Equal(2, (await Stored(funds, Premium with { RequestId = "premium-2" })).Entry.Version);
    }

    [Fact]
    public async Task The_same_request_is_answered_with_the_first_record()
    {
        var (ledger, funds) = await Funds();
        var first = await Stored(funds, Premium);
        _clock.Advance(TimeSpan.FromHours(1));
        var again = await Stored(funds, Premium);
        Assert.Equal((first.Entry, first.Position), (again.Entry, again.Position));
        Assert.Equal(first.Position, (await ledger.ReadHead(default)).Position);
    }

    /// <summary>Around midnight two servers' clocks differ by a day.</summary>
    [Fact]
    public async Task What_a_server_with_a_faster_clock_recorded_is_answered_again()
    {
        var (ledger, funds) = await Funds();
        var ahead = new ManualClock();
        ahead.Advance(TimeSpan.FromDays(1));
        var tomorrows = Premium with { ReceivedOn = BeijingTime.DayOf(ahead.GetUtcNow()) };
        Assert.Equal(RefusalReason.DateOutOfRange, await Refused(funds, tomorrows));
        var first = await Stored(new FundWriting(ledger, await Given.Catalogs(ledger), ahead), tomorrows);
        Assert.Equal(first.Position, (await Stored(funds, tomorrows)).Position);
        Assert.Equal(
            RefusalReason.RequestIdReused, await Refused(funds, tomorrows with { Amount = new Money(1) }));
    }

    [Theory]
    [InlineData("150500", null)]
    [InlineData("150502", null)]
    [InlineData("150000", RefusalReason.MalformedRequest)]
    [InlineData("150102", RefusalReason.MalformedRequest)]
    [InlineData("410902", RefusalReason.MalformedRequest)]
    public async Task A_plan_has_funds_in_its_pooling_region_and_under_it(string region, RefusalReason? reason)
    {
        var (ledger, funds) = await Funds();
        var before = (await ledger.ReadHead(default)).Position;
        var (recorded, refusal) = await funds.Record(Premium with { RegionId = region }, default);
        Assert.Equal(reason, refusal?.Reason);
        Assert.Equal(recorded is null ? before : before + 1, (await ledger.ReadHead(default)).Position);
    }

    public static TheoryData<FundRecordRequest> Others =>
    [
        Premium with { Amount = Premium.Amount + new Money(1) }, Premium with { Persons = 0 },
        Premium with { Kind = FundRecordKind.Supplement }, Premium with { Year = 2026 },
        Premium with { PlanId = "unpublished" }, Premium with { ReceivedOn = new DateOnly(2025, 1, 21) },
    ];

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Other_content_under_the_same_id_is_refused(FundRecordRequest other)
    {
        var (ledger, funds) = await Funds();
        var first = await Stored(funds, Premium);
        Assert.Equal(RefusalReason.RequestIdReused, await Refused(funds, other));
        Assert.Equal(first.Position, (await ledger.ReadHead(default)).Position);
    }

    [Fact]
    public async Task A_request_id_is_the_regions_own()
    {
        var (_, funds) = await Funds();
        var city = await Stored(funds, Premium);
        Assert.Equal(city.Position + 1, (await Stored(funds, Premium with { RegionId = "150502" })).Position);
    }

    [Theory]
    [InlineData(0, RefusalReason.AmountOutOfRange)]
    [InlineData(-1, RefusalReason.AmountOutOfRange)]
    [InlineData(1, null)]
    [InlineData(Limits.AmountFenMax, null)]
    [InlineData(Limits.AmountFenMax + 1, RefusalReason.AmountOutOfRange)]
    public async Task An_amount_lies_above_zero_and_within_the_limit(long fen, RefusalReason? reason) =>
        Assert.Equal(reason, (await (await Funds()).Funds.Record(Premium with { Amount = new Money(fen) }, default))
            .Refusal?.Reason);

    public static TheoryData<FundRecordRequest, RefusalReason> Faulty => new()
    {
        { Premium with { RequestId = "" }, RefusalReason.MalformedRequest },
        { Premium with { RequestId = "a/b" }, RefusalReason.MalformedRequest },
        { Premium with { RegionId = "1505" }, RefusalReason.MalformedRequest },
        { Premium with { PlanId = "a/b" }, RefusalReason.MalformedRequest },
        { Premium with { Year = 1999 }, RefusalReason.MalformedRequest },
        { Premium with { Year = 3000 }, RefusalReason.MalformedRequest },
        { Premium with { Kind = 0 }, RefusalReason.MalformedRequest },
        { Premium with { Kind = (FundRecordKind)8 }, RefusalReason.MalformedRequest },
        { Premium with { Persons = -1 }, RefusalReason.AmountOutOfRange },
        { Premium with { ReceivedOn = new DateOnly(2026, 3, 3) }, RefusalReason.DateOutOfRange },
        { Premium with { ReceivedOn = new DateOnly(1999, 12, 31) }, RefusalReason.DateOutOfRange },
        { Premium with { PlanId = "nobody-published" }, RefusalReason.PlanUnknown },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task What_cannot_be_is_refused_and_leaves_nothing(FundRecordRequest request, RefusalReason reason)
    {
        var (ledger, funds) = await Funds();
        var before = await ledger.ReadHead(default);
        Assert.Equal(reason, await Refused(funds, request));
        Assert.Equal(before, await ledger.ReadHead(default));
    }

    [Fact]
    public async Task A_plan_that_another_server_published_is_known()
    {
        var ledger = new VolatileLedger(_clock);
        var funds = new FundWriting(ledger, await Given.Catalogs(ledger), _clock);
        Assert.Equal(RefusalReason.PlanUnknown, await Refused(funds, Premium));
        await GivenPlans.Publish(ledger, GivenPlans.TongliaoText, _clock.GetUtcNow());
        Assert.NotNull(await Stored(funds, Premium));
    }

    [Fact]
    public async Task Many_who_record_on_one_fund_at_once_are_all_recorded_once()
    {
        var (ledger, funds) = await Funds();
        var before = (await ledger.ReadHead(default)).Position;
        var requests = Enumerable.Range(0, 40).Select(i => Premium with { RequestId = "r" + i / 2 }).ToList();
        var answers = await Task.WhenAll(requests.Select(r => Task.Run(() => funds.Record(r, default).AsTask())));
        foreach (var answer in answers.Where(a => a.Refusal is not null))
            Assert.Equal(RefusalReason.Overloaded, answer.Refusal!.Reason);
        foreach (var request in requests)
            await Stored(funds, request);
        Assert.Equal(before + 20, (await ledger.ReadHead(default)).Position);
    }

    [Fact]
    public async Task A_ledger_that_is_away_refuses_as_unavailable()
    {
        var ledger = new VolatileLedger(_clock, entriesMax: 1);
        await GivenPlans.Publish(ledger, GivenPlans.TongliaoText, _clock.GetUtcNow());
        var funds = new FundWriting(ledger, await Given.Catalogs(ledger), _clock);
        Assert.Equal(RefusalReason.Unavailable, await Refused(funds, Premium));
    }

    [Fact]
    public void A_records_id_is_no_hospitals_request_id()
    {
        Assert.NotNull(RequestChecks.CheckId("facility_id", "fund/150500"));
        Assert.NotEqual(SettlementId.Of("150500", "r"), SettlementId.OfFundRecord("150500", "r"));
    }

    async Task<(ILedger Ledger, FundWriting Funds)> Funds()
    {
        var ledger = await Given.Ledger(_clock);
        return (ledger, new FundWriting(ledger, await Given.Catalogs(ledger), _clock));
    }

    static async Task<Recorded> Stored(FundWriting funds, FundRecordRequest request)
    {
        var (recorded, refusal) = await funds.Record(request, default);
        Assert.Null(refusal);
        return recorded!;
    }

    static async Task<RefusalReason> Refused(FundWriting funds, FundRecordRequest request)
    {
        var (recorded, refusal) = await funds.Record(request, default);
        Assert.Null(recorded);
        return refusal!.Reason;
    }
}
