using System.Collections.Concurrent;
using Google.Protobuf;
using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Servers.Tests;

/// <summary>
/// A plan or register entry published at one server holds at all of them, from one position of the ledger on.
/// </summary>
[Collection(ThreeServers.Collection)]
public sealed class Catalog_moved_tests(ThreeServers servers)
{
    const int Seed = 20260604;
    const int Callers = 24;
    const int SettledBetween = 300;

    [Fact]
    public async Task A_plan_published_at_one_server_counts_at_both_from_one_position_on()
    {
        const string PlanId = "servers-puhui";
        var town = new Town("P", Seed, 100);
        await EnrolAsync(town, PlanId);
        var settled = new ConcurrentBag<(Settlement Settlement, bool AfterAnswer)>();
        var (published, enough, next) = (false, false, 0);
        var reached = new SemaphoreSlim(0);
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref enough))
            {
                var number = Interlocked.Increment(ref next);
                var after = Volatile.Read(ref published);
                var to = number % 2 == 0 ? servers.ToA : servers.ToB;
                settled.Add((await to.SettleAsync(town.Bill(number)), after));
                reached.Release();
            }
        })).ToList();

        await CountedAsync(reached, callers);
        await PublishAsync(servers.ToA, PlanId);
        Volatile.Write(ref published, true);
        await CountedAsync(reached, callers);
        Volatile.Write(ref enough, true);
        await Task.WhenAll(callers);

        var inOrder = settled.OrderBy(one => one.Settlement.LedgerPosition).ToList();
        var first = inOrder.FindIndex(one => Counts(one.Settlement, PlanId));
        Assert.InRange(first, 1, inOrder.Count - 1);
        Assert.All(inOrder[first..], one => Assert.True(Counts(one.Settlement, PlanId)));
        Assert.All(inOrder.Where(one => one.AfterAnswer), one => Assert.True(Counts(one.Settlement, PlanId)));

        // The third server has decided nothing meanwhile: it explains, lists and previews under the plan too.
        var last = inOrder[^1].Settlement;
        var asked = new GetSettlementRequest { SettlementId = last.SettlementId };
        Assert.Equal(
            (await servers.ToA.CallAsync(GrpcMethods.GetSettlement, asked)).Required.ToByteArray(),
            (await servers.ToC.CallAsync(GrpcMethods.GetSettlement, asked)).Required.ToByteArray());
        Assert.True(Counts((await servers.ToC.CallAsync(GrpcMethods.Preview, town.Bill(next + 1))).Required, PlanId));
        reached.Dispose();
    }

    [Fact]
    public async Task What_was_published_at_one_server_is_read_and_previewed_at_the_others_at_once()
    {
        for (var round = 0; round < 3; round++)
        {
            var planId = $"servers-read-{round}";
            var town = new Town($"V{round}", Seed, 1);
            await EnrolAsync(town, planId);
            Assert.False(Counts((await servers.ToB.CallAsync(GrpcMethods.Preview, town.Bill(1))).Required, planId));
            await PublishAsync(servers.ToA, planId);

            // B previews, C explains what B settled before it has met the plan itself.
            Assert.True(Counts((await servers.ToB.CallAsync(GrpcMethods.Preview, town.Bill(1))).Required, planId));
            var settled = await servers.ToB.SettleAsync(town.Bill(1));
            var found = (await servers.ToC.CallAsync(
                GrpcMethods.GetSettlement, new GetSettlementRequest { SettlementId = settled.SettlementId })).Required;
            Assert.Equal(settled.ToByteArray(), found.ToByteArray());
            Assert.Contains(
                (await servers.ToC.CallAsync(Methods.ListPlans, new ListPlansRequest())).Required.Plans,
                plan => plan.PlanId == planId && plan.Version == 1);

            var facility = new Facility
            {
                FacilityId = $"H150502009{round:d2}", Name = "九院", RegionId = "150502", Level = 2, Public = true,
            };
            Assert.Equal(1, (await servers.ToC.CallAsync(
                Methods.PutFacilities, new PutFacilitiesRequest { Facilities = { facility } })).Required.Added);
            Assert.Equal(facility, (await servers.ToA.CallAsync(
                Methods.GetFacility, new GetFacilityRequest { FacilityId = facility.FacilityId })).Required);
        }
    }

    [Fact]
    public async Task Two_regions_that_publish_different_texts_of_one_plan_at_once_get_a_version_each()
    {
        for (var round = 0; round < 10; round++)
        {
            var planId = $"servers-race-{round}";
            var versions = await Task.WhenAll(
                PublishAsync(servers.ToA, planId, 10), PublishAsync(servers.ToB, planId, 20),
                PublishAsync(servers.ToC, planId, 20));
            Assert.Equal([1, 2], versions.Distinct().Order());
            Assert.Equal(versions[1], versions[2]);
        }
    }

    static bool Counts(Settlement settlement, string planId) => settlement.Layers.Any(layer => layer.PlanId == planId);

    static async Task CountedAsync(SemaphoreSlim reached, List<Task> callers)
    {
        for (var count = 0; count < SettledBetween; count++)
        {
            var one = reached.WaitAsync(ServersLimits.AnswerMax);
            // A caller that failed ends the wait with its failure.
            await await Task.WhenAny([one, .. callers]);
            Assert.True(await one, "no settlement in time");
        }
    }

    async Task EnrolAsync(Town town, string planId)
    {
        var call = new PutEnrolleesRequest();
        for (var person = 0; person < town.Persons; person++)
        {
            var enrollee = town.Enrollee(person);
            enrollee.Coverages.Add(new Coverage { PlanId = planId, From = "2025-01-01", To = "2025-12-31" });
            call.Enrollees.Add(enrollee);
        }
        Assert.Equal(
            town.Persons, (await servers.ToA.CallAsync(GrpcMethods.PutEnrollees, call)).Required.Enrolled);
    }

    static Task<int> PublishAsync(GrpcConnection connection, string planId, int percent = 50) =>
        TrialPlan.PublishAsync(connection, TrialPlan.Text(planId, percent));
}
