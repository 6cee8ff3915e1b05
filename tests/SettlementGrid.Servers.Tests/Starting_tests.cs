using SettlementGrid.Api.V1;
using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Servers.Tests;

/// <summary>Servers that start at once, beside another, or where they must not; and who is told of whom.</summary>
[Collection(ThreeServers.Collection)]
public sealed class Starting_tests(ThreeServers servers)
{
    [Fact]
    public async Task Two_servers_that_start_at_once_on_an_empty_database_set_it_up_together()
    {
        await using var postgres = await TemporaryPostgres.StartAsync(_ => { }, default);
        string[] given = ["--no-sample", "--postgres", postgres.ConnectionString];
        var started = await Task.WhenAll(
            RunningServer.StartAsync(ServerPlace.Fresh() with { Options = given }),
            RunningServer.StartAsync(ServerPlace.Fresh() with { Options = given }));
        await using var one = started[0];
        await using var other = started[1];
        using var toOne = new GrpcConnection(one.Place.Grpc);
        using var toOther = new GrpcConnection(other.Place.Grpc);

        var plans = (await toOne.CallAsync(Methods.ListPlans, new ListPlansRequest())).Required.Plans;
        Assert.NotEmpty(plans);
        Assert.All(plans, plan => Assert.Equal(1, plan.Version));
        Assert.Equal(plans, (await toOther.CallAsync(Methods.ListPlans, new ListPlansRequest())).Required.Plans);
        var verified = await one.RunCommandAsync("verify", "--postgres", postgres.ConnectionString);
        Assert.True(verified.Succeeded, verified.Output);
    }

    [Fact]
    public async Task Operators_see_every_living_server_and_one_that_stopped_in_order_no_more()
    {
        var fourth = await RunningServer.StartAsync(servers.A.Place.Beside());
        await using (fourth)
        {
            var all = await ListedAsync(leases => leases.Count(one => one.Alive) == 4);
            RunningServer[] expected = [servers.A, servers.B, servers.C, fourth];
            Assert.Equal(
                expected.Select(one => one.ProcessId).Order(), all.Select(lease => lease.ProcessId).Order());
            Assert.Equal(
                expected.Select(one => one.Place.Grpc.Authority).Order(),
                all.Select(lease => lease.GrpcAddress).Order());
            Assert.All(all, lease => Assert.Equal("ready", lease.State));
            Assert.All(all, lease => Assert.InRange(lease.ClockAheadMs, -5_000, 5_000));
            var status = (await servers.B.RunCommandAsync("status", "--port", $"{servers.A.Place.HttpPort}")).Output;
            Assert.Contains("4 alive on this database", status, StringComparison.Ordinal);
            Assert.All(expected, one => Assert.Contains(
                $"http://127.0.0.1:{one.Place.HttpPort} ", status, StringComparison.Ordinal));

            Assert.Equal(0, await fourth.StopAsync());
        }

        // The database is not its own, and goes on; the row is gone with it.
        await ListedAsync(leases => leases.Count == 3);
    }

    [Fact]
    public void Servers_that_share_a_data_folder_keep_log_and_anchor_apart()
    {
        var folder = servers.A.Place.DataFolder;
        foreach (var own in (string[])[folder, Path.Combine(folder, "server-2"), Path.Combine(folder, "server-3")])
        {
            Assert.True(File.Exists(Path.Combine(own, "log", "server.jsonl")), own);
            Assert.True(File.Exists(Path.Combine(own, "anchor")), own);
        }
    }

    [Fact]
    public async Task A_second_server_on_one_anchor_file_is_refused_with_what_to_do()
    {
        var place = servers.A.Place.Beside();
        var anchor = Path.Combine(servers.A.Place.DataFolder, "anchor");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunningServer.StartAsync(place with { Options = [.. place.Options, "--anchor", anchor] }));

        Assert.Contains("Each server anchors into a file of its own", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Asks the second server until its list is as expected: rows are written every few seconds.</summary>
    async Task<IReadOnlyList<ServerLease>> ListedAsync(Func<IReadOnlyList<ServerLease>, bool> expected)
    {
        IReadOnlyList<ServerLease> list = [];
        for (var tries = 0; tries < 100; tries++)
        {
            list = (await servers.ToB.CallAsync(Methods.ListServers, new ListServersRequest())).Required.Servers;
            if (expected(list))
                return list;
            // Nothing outside tells when a server has written its row.
            await Task.Delay(100);
        }
        Assert.Fail("The list stays " + string.Join("; ", list));
        return list;
    }
}
