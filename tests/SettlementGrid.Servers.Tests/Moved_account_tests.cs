using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Servers.Tests;

/// <summary>
/// One server remembers a person, the other writes: readings, previews and refusals of the first are as new as the
/// ledger all the same.
/// </summary>
[Collection(ThreeServers.Collection)]
public sealed class Moved_account_tests(ThreeServers servers)
{
    const int Seed = 20260603;
    const int Alternations = 100;

    [Fact]
    public async Task Readings_previews_and_settlements_follow_what_the_other_server_just_acknowledged()
    {
        var town = new Town("N", Seed, 1);
        await town.EnrollAsync(servers.ToA);
        GrpcConnection[] ways = [servers.ToA, servers.ToB, servers.ToC];
        for (var number = 0; number < Alternations; number++)
        {
            var settled = await ways[number % 3].SettleAsync(town.Bill(number));
            Assert.Equal(number + 2, settled.AccountVersion);

            var account = await ways[(number + 1) % 3].AccountAsync(town.PersonId(0));
            Assert.Equal(settled.AccountVersion, account.AccountVersion);
            var bill = town.Bill(number + 1);
            var preview = (await ways[(number + 2) % 3].CallAsync(GrpcMethods.Preview, bill)).Required;
            Assert.Equal(settled.AccountVersion, preview.AccountVersion);
            // The preview of one server is kept by another.
            bill.PreviewToken = preview.PreviewToken;
            Assert.Equal(preview.PlansPaidFen,
                (await ways[number % 3].CallAsync(GrpcMethods.Preview, bill)).Required.PlansPaidFen);
        }
    }

    [Fact]
    public async Task A_preview_that_the_other_server_overtook_is_refused_as_moved()
    {
        var town = new Town("O", Seed, 1);
        await town.EnrollAsync(servers.ToA);
        // Beyond the start at once, so that what the plan pays depends on what came before.
        var (bill, other) = (Large(town.Bill(1)), Large(town.Bill(2)));
        bill.PreviewToken = (await servers.ToB.CallAsync(GrpcMethods.Preview, bill)).Required.PreviewToken;
        await servers.ToA.SettleAsync(other);

        var moved = await servers.ToB.CallAsync(GrpcMethods.Settle, bill);

        Assert.Equal("ACCOUNT_MOVED", moved.Reason);
        bill.PreviewToken = (await servers.ToB.CallAsync(GrpcMethods.Preview, bill)).Required.PreviewToken;
        Assert.Equal(3, (await servers.ToA.SettleAsync(bill)).AccountVersion);
    }

    [Fact]
    public async Task A_refusal_goes_by_the_roster_that_was_put_at_the_other_server()
    {
        var town = new Town("R", Seed, 1);
        await town.EnrollAsync(servers.ToA);
        await servers.ToB.SettleAsync(town.Bill(1));
        var uncovered = town.Enrollee(0);
        uncovered.Coverages.Clear();
        for (var round = 0; round < 5; round++)
        {
            await PutAsync(servers.ToA, uncovered);
            Assert.Equal("NOT_COVERED", (await servers.ToB.CallAsync(GrpcMethods.Settle, town.Bill(round + 2))).Reason);
            Assert.Empty((await servers.ToC.AccountAsync(town.PersonId(0))).Coverages);
            await PutAsync(servers.ToA, town.Enrollee(0));
            await servers.ToB.SettleAsync(town.Bill(round + 2));
        }
    }

    [Fact]
    public async Task An_encounter_goes_by_what_was_settled_and_reversed_at_the_other_server()
    {
        var town = new Town("T", Seed, 1);
        await town.EnrollAsync(servers.ToA);
        var again = town.Bill(1);
        again.RequestId += "-again";
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            var bill = town.Bill(1);
            bill.RequestId += $"-{attempt}";
            var settled = await servers.ToA.SettleAsync(bill);
            var refused = await servers.ToB.CallAsync(GrpcMethods.Settle, again);
            Assert.Equal("ENCOUNTER_ALREADY_SETTLED", refused.Reason);
            Assert.Contains(settled.SettlementId, refused.Message, StringComparison.Ordinal);

            var reversal = new ReverseRequest
            {
                RequestId = $"reversal-{attempt}", FacilityId = settled.FacilityId,
                SettlementId = settled.SettlementId, Reason = "wrong",
            };
            await Required(servers.ToC.CallAsync(GrpcMethods.Reverse, reversal));
            Assert.Equal(
                reversal.RequestId,
                (await Required(servers.ToB.CallAsync(GrpcMethods.Reverse, reversal))).RequestId);
        }
        Assert.Equal(12, (await servers.ToB.SettleAsync(again)).AccountVersion);
    }

    [Fact]
    public async Task Funds_and_lists_of_one_server_hold_what_the_other_acknowledged()
    {
        var town = new Town("U", Seed, 10);
        await town.EnrollAsync(servers.ToA);
        var since = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1);
        var receipts = new List<Receipt>();
        for (var number = 0; number < 20; number++)
        {
            var settled = await (number % 2 == 0 ? servers.ToA : servers.ToB).SettleAsync(town.Bill(number));
            receipts.Add(Receipt.Of(number, settled));
            var here = await PositionAsync(servers.ToC);
            Assert.True(here.LedgerPosition >= settled.LedgerPosition,
                $"{here.LedgerPosition} < {settled.LedgerPosition}");
            // Any server at any mark: equal to the fen.
            Assert.Equal(here, await PositionAsync(servers.ToA, here.LedgerPosition));
            Assert.Equal(here, await PositionAsync(servers.ToB, here.LedgerPosition));
        }
        var listed = new HashSet<string>();
        var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1);
        for (var facility = 0; facility < Town.Facilities; facility++)
            await foreach (var one in new Audit(servers.ToC, town).ListAsync(Town.FacilityId(facility), since, until))
                listed.Add(one.RequestId);
        Assert.All(receipts, receipt => Assert.Contains(town.Bill(receipt.Number).RequestId, listed));
    }

    static SettleRequest Large(SettleRequest bill)
    {
        (bill.TotalFen, bill.EligibleFen) = (6_000_000, 5_000_000);
        return bill;
    }

    static async Task PutAsync(GrpcConnection connection, Enrollee enrollee) => await Required(
        connection.CallAsync(GrpcMethods.PutEnrollees, new PutEnrolleesRequest { Enrollees = { enrollee } }));

    static async Task<Position> PositionAsync(GrpcConnection connection, long? asOf = null)
    {
        var request = new GetPositionRequest { RegionId = "150502", PlanId = Town.PlanId, Year = Town.Year };
        if (asOf is { } mark)
            request.AsOfLedgerPosition = mark;
        return await Required(connection.CallAsync(GrpcMethods.GetPosition, request));
    }

    static async Task<T> Required<T>(ValueTask<GrpcAnswer<T>> answer)
        where T : class => (await answer).Required;
}
