using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Crash.Tests;

/// <summary>A reversal in the middle of a year, through the real program.</summary>
[Collection(OneServer.Collection)]
public sealed class Reversal_tests(OneServer one)
{
    const int OrdinaryPerson = 1;
    readonly Town _town = new("R", 3, 2);

    [Fact]
    public async Task Reversing_the_first_of_three_adjusts_the_others_and_shows_the_account_as_it_is_then()
    {
        await _town.EnrollAsync(one.Connection);
        // 20,000 yuan each, start 14,000: 3,600, then 60 % and 70 % parts, then 70 % and 80 %.
        var first = await SettleAsync("first");
        var second = await SettleAsync("second");
        var third = await SettleAsync("third");
        Assert.Equal([360_000, 1_300_000, 1_500_000], new[] { first, second, third }.Select(s => s.PlansPaidFen));
        var call = new ReverseRequest
        {
            RequestId = "undo", FacilityId = first.FacilityId, SettlementId = first.SettlementId, Reason = "test",
            DryRun = true,
        };

        var shown = (await one.Connection.CallAsync(GrpcMethods.Reverse, call)).Required;
        call.DryRun = false;
        var reversal = (await one.Connection.CallAsync(GrpcMethods.Reverse, call)).Required;

        Assert.Equal(-360_000, reversal.PlansPaidFen);
        Assert.Equal(
            [(second.SettlementId, -940_000, 940_000), (third.SettlementId, -200_000, 200_000)],
            reversal.Adjustments.Select(a => (a.AdjustsSettlementId, a.PlansPaidFen, a.EnrolleePaysFen)));
        var accumulator = Assert.Single(reversal.Accumulators);
        Assert.Equal((4_000_000, 1_660_000, 0, 38_000_000 - 1_660_000), (
            accumulator.PositionFen, accumulator.PaidFen, accumulator.DeductibleRemainingFen,
            accumulator.CapRemainingFen));
        Assert.Equal("", shown.SettlementId);
        Assert.Equal(
            reversal.Adjustments.Select(a => a.PlansPaidFen), shown.Adjustments.Select(a => a.PlansPaidFen));
        Assert.Equal(reversal, (await one.Connection.CallAsync(GrpcMethods.Reverse, call)).Required);
    }

    async Task<Settlement> SettleAsync(string requestId) => (await one.Connection.CallAsync(
        GrpcMethods.Settle,
        new SettleRequest
        {
            RequestId = requestId, EncounterId = requestId, FacilityId = Town.FacilityId(1),
            EnrolleeId = _town.PersonId(OrdinaryPerson), CareType = CareType.Inpatient, AdmittedOn = "2025-03-01",
            DischargedOn = "2025-03-09", TotalFen = 2_500_000, EligibleFen = 2_000_000,
        })).Required;
}
