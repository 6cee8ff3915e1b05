using Google.Protobuf;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Servers.Tests;

/// <summary>
/// What two servers answer that are asked for the same at the same instant: one outcome, told by both.
/// </summary>
[Collection(ThreeServers.Collection)]
public sealed class Same_instant_tests(ThreeServers servers)
{
    const int Seed = 20260602;
    const int AtOnce = 32;

    [Fact]
    public async Task One_encounter_under_two_request_ids_is_settled_once_and_the_loser_is_told_the_winner()
    {
        var town = new Town("K", Seed, 50);
        await town.EnrollAsync(servers.ToA);

        await RaceAsync(ServersLimits.RacesOfAKind, async number =>
        {
            var (bill, other) = (town.Bill(number), town.Bill(number));
            other.RequestId += "-again";
            var (a, b) = await BothAsync(
                servers.ToA.CallAsync(GrpcMethods.Settle, bill), servers.ToB.CallAsync(GrpcMethods.Settle, other));
            var (settled, refused) = a.Response is null ? (b, a) : (a, b);
            Assert.Equal("ENCOUNTER_ALREADY_SETTLED", refused.Reason);
            Assert.Contains(settled.Required.SettlementId, refused.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Settling_and_cancelling_at_once_ends_reversed_or_barred_and_both_agree()
    {
        var town = new Town("L", Seed, 50);
        await town.EnrollAsync(servers.ToA);
        var (reversed, barred) = (0, 0);

        await RaceAsync(ServersLimits.RacesOfAKind, async number =>
        {
            var bill = town.Bill(number);
            var (settle, cancel) = await BothAsync(
                servers.ToA.CallAsync(GrpcMethods.Settle, bill),
                servers.ToB.CallAsync(
                    GrpcMethods.Cancel,
                    new CancelRequest
                    {
                        FacilityId = bill.FacilityId, RequestId = bill.RequestId, EnrolleeId = bill.EnrolleeId,
                    }));
            if (cancel.Required.Outcome == CancelOutcome.Reversed)
            {
                Interlocked.Increment(ref reversed);
                Assert.Equal(settle.Required.SettlementId, cancel.Required.Reversal.ReversesSettlementId);
            }
            else
            {
                Interlocked.Increment(ref barred);
                Assert.Equal("REQUEST_ID_BARRED", settle.Reason);
            }
        });

        Assert.Equal(ServersLimits.RacesOfAKind, reversed + barred);
        for (var person = 0; person < town.Persons; person++)
            Assert.Equal(
                0, (await servers.ToC.AccountAsync(town.PersonId(person))).Accumulators.Sum(one => one.PaidFen));
    }

    [Fact]
    public async Task One_reversal_asked_of_two_servers_under_two_ids_is_carried_out_once()
    {
        var town = new Town("M", Seed, 20);
        await town.EnrollAsync(servers.ToA);

        await RaceAsync(ServersLimits.RacesOfAKind / 4, async number =>
        {
            var settled = await servers.ToC.SettleAsync(town.Bill(number));
            var (a, b) = await BothAsync(
                servers.ToA.CallAsync(GrpcMethods.Reverse, Reversal(settled, "-a")),
                servers.ToB.CallAsync(GrpcMethods.Reverse, Reversal(settled, "-b")));
            var (reversed, refused) = a.Response is null ? (b, a) : (a, b);
            Assert.Equal(SettlementKind.Reversal, reversed.Required.Kind);
            Assert.Equal(("ALREADY_REVERSED", GrpcStatus.AlreadyExists), (refused.Reason, refused.Status));
        });

        for (var person = 0; person < town.Persons; person++)
            Assert.Equal(
                0, (await servers.ToB.AccountAsync(town.PersonId(person))).Accumulators.Sum(one => one.PaidFen));
    }

    static ReverseRequest Reversal(Settlement settled, string suffix) => new()
    {
        RequestId = settled.RequestId + suffix,
        FacilityId = settled.FacilityId,
        SettlementId = settled.SettlementId,
        Reason = "race",
    };

    /// <summary>Both on their way before either is waited for.</summary>
    static async Task<(GrpcAnswer<TOne>, GrpcAnswer<TOther>)> BothAsync<TOne, TOther>(
        ValueTask<GrpcAnswer<TOne>> one, ValueTask<GrpcAnswer<TOther>> other)
        where TOne : class
        where TOther : class
    {
        var (first, second) = (one.AsTask(), other.AsTask());
        return (await first, await second);
    }

    static Task RaceAsync(int races, Func<int, Task> race) => Parallel.ForAsync(
        0, races, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) => await race(number));
}
