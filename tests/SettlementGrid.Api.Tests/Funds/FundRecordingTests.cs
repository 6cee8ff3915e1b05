using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.Funds.Agency;

namespace SettlementGrid.Api.Tests.Funds;

public sealed class FundRecordingTests
{
    [Fact]
    public async Task Record_sent_again_is_the_same_record_and_counts_once()
    {
        await using var agency = await OpenAsync();

        var first = await agency.RecordAsync(Premium("150502", 400_000));
        var again = await agency.RecordAsync(Premium("150502", 400_000));

        Assert.Equal(first, again);
        Assert.Equal(("p-1", "150502", 400_000, 3L), (first.RequestId, first.RegionId, first.AmountFen, first.Persons));
        Assert.Equal((26, 64), (first.RecordId.Length, first.EntryHash.Length));
        Assert.Equal(400_000, (await agency.PositionAsync("150502")).PremiumFen);
    }

    [Fact]
    public async Task Request_id_with_other_content_is_refused_and_another_regions_is_its_own()
    {
        await using var agency = await OpenAsync();
        await agency.RecordAsync(Premium("150502", 400_000));

        var other = await agency.Handlers.RecordPremium(Premium("150502", 400_001), CallOf());
        var elsewhere = await agency.Handlers.RecordPremium(Premium("150521", 400_001), CallOf());

        Assert.Equal("REQUEST_ID_REUSED", other.Refusal?.Reason);
        Assert.NotNull(elsewhere.Response);
        Assert.Equal(800_001, (await agency.PositionAsync("150500")).PremiumFen);
    }

    [Fact]
    public async Task Tongliaos_premium_of_2025_recorded_in_two_parts_is_a_full_balance()
    {
        await using var agency = await OpenAsync();
        foreach (var (id, fen) in ((string, long)[])[("p-1", 20_262_437_244), ("p-2", 5_065_609_311)])
        {
            var part = Premium("150500", fen, id);
            part.Persons = 2_217_285;
            await agency.RecordAsync(part);
        }

        var position = await agency.PositionAsync("150500");

        Assert.Equal((25_328_046_555, 25_328_046_555), (position.PremiumFen, position.BalanceFen));
        Assert.Equal((2_217_285L, 0), (position.PremiumPersons, position.UsageBp));
        Assert.Equal(2_217_285L * 11_423, position.PremiumFen);
    }

    [Theory]
    [InlineData(V1.FundRecordKind.Supplement, 1_050, 1_050)]
    [InlineData(V1.FundRecordKind.Deduction, 950, 950)]
    [InlineData(V1.FundRecordKind.TransferToInsurer, 1_000, 1_000)]
    [InlineData(V1.FundRecordKind.Deposit, 1_000, 1_000)]
    [InlineData(V1.FundRecordKind.Prepayment, 1_000, 1_000)]
    [InlineData(V1.FundRecordKind.Return, 1_000, 950)]
    public async Task Kind_says_which_way_the_money_goes(V1.FundRecordKind kind, long premium, long balance)
    {
        await using var agency = await OpenAsync();
        await agency.RecordAsync(Premium("150502", 1_000));
        var record = Premium("150502", 50, "k-1");
        record.Kind = kind;
        await agency.RecordAsync(record);

        var position = await agency.PositionAsync("150502");

        Assert.Equal((premium, balance), (position.PremiumFen, position.BalanceFen));
        Assert.Equal(
            50,
            position.SupplementFen + position.DeductionFen + position.TransferredFen + position.DepositFen
                + position.PrepaymentFen + position.ReturnedFen);
    }

    [Theory]
    [InlineData("kind", "MALFORMED_REQUEST")]
    [InlineData("received_on", "MALFORMED_REQUEST")]
    [InlineData("region_id", "MALFORMED_REQUEST")]
    [InlineData("year", "MALFORMED_REQUEST")]
    [InlineData("request_id", "MALFORMED_REQUEST")]
    [InlineData("zero", "AMOUNT_OUT_OF_RANGE")]
    [InlineData("negative", "AMOUNT_OUT_OF_RANGE")]
    [InlineData("tomorrow", "DATE_OUT_OF_RANGE")]
    [InlineData("plan", "PLAN_UNKNOWN")]
    public async Task Record_that_cannot_be_is_refused_and_leaves_nothing(string fault, string reason)
    {
        await using var agency = await OpenAsync();
        var request = Premium("150502", 100);
        switch (fault)
        {
            case "kind": request.Kind = V1.FundRecordKind.Unspecified; break;
            case "received_on": request.ReceivedOn = "2025-1-1"; break;
            case "region_id": request.RegionId = "1505"; break;
            case "year": request.Year = 25; break;
            case "request_id": request.RequestId = ""; break;
            case "zero": request.AmountFen = 0; break;
            case "negative": request.AmountFen = -1; break;
            case "tomorrow": request.ReceivedOn = "2999-01-01"; break;
            case "plan": request.PlanId = "no-such-plan"; break;
        }

        var refused = await agency.Handlers.RecordPremium(request, CallOf());

        Assert.Equal(reason, refused.Refusal?.Reason);
        Assert.Equal(0, (await agency.PositionAsync("150502")).PremiumFen);
    }

    [Fact]
    public async Task County_records_for_its_own_region()
    {
        await using var agency = await OpenAsync();

        var own = await agency.Handlers.RecordPremium(Premium("150502", 100), CallOf(County("150502")));

        Assert.Equal("150502", Answered(own).RegionId);
    }
}
