using SettlementGrid.Postgres;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Deploy.Tests.Systemd;

/// <summary>
/// Three servers on one database, started from the unit file as systemd would start them, restarted one after the other by
/// the script that an operator uses, while hospitals settle.
/// </summary>
public sealed class RollingRestartTests : IAsyncLifetime
{
    const int Servers = 3;
    const int PerSecond = 500;

    // One server away is for seconds; no bill waits for it, and so many never pile up.
    static readonly Habits s_habits = new(InFlight: 2_000, AnswerMax: 2 * TestbedLimits.CallMax) { PerSecond = PerSecond };

    readonly string _root = TemporaryPostgres.NewFolder();
    readonly UnitFile _unit = UnitFile.Read(Repository.Deploy("systemd", "settlementgrid@.service"));
    readonly List<UnitProcess> _processes = [];
    readonly List<GrpcConnection> _connections = [];
    readonly List<Uri> _addresses = [];
    TemporaryPostgres? _postgres;

    public async Task InitializeAsync()
    {
        _postgres = await TemporaryPostgres.StartAsync(_ => { }, CancellationToken.None);
        Directory.CreateDirectory($"{_root}/etc/settlementgrid");
        Directory.CreateDirectory($"{_root}/opt/settlementgrid");
        await File.WriteAllTextAsync($"{_root}/etc/settlementgrid/postgres", _postgres.ConnectionString + "\n");
        Directory.CreateSymbolicLink($"{_root}/opt/settlementgrid/current", AppContext.BaseDirectory);
        for (var i = 1; i <= Servers; i++)
        {
            var place = ServerPlace.Fresh();
            Directory.Delete(place.DataFolder);
            await File.WriteAllTextAsync(
                $"{_root}/etc/settlementgrid/{i}.env", $"PORT={place.HttpPort}\nGRPC_PORT={place.GrpcPort}\nOPTIONS=\n");
            _addresses.Add(place.Grpc);
            _connections.Add(new GrpcConnection(place.Grpc));
            var process = new UnitProcess(_unit, $"{i}", _root);
            _processes.Add(process);
            await process.StartAsync();
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        foreach (var process in _processes)
            await process.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Rolling_restart_under_load_fails_no_call_beyond_a_retry_and_loses_nothing()
    {
        var town = new Town("ROLL", Seed: 61, Persons: 2_000);
        await town.EnrollAsync(_connections[0]);
        var began = TimeProvider.System.GetUtcNow();
        var systemctl = await ServiceCommands.MakeAsync($"{_root}/bin", CarryOutAsync);
        using var hospitals = new Hospitals(town, _addresses, s_habits);

        var (status, said) = await systemctl.RunAsync(
            Repository.Deploy("systemd", "rolling-restart"), TimeSpan.FromMinutes(3));
        var receipts = await hospitals.FinishAsync();

        Assert.True(status == 0, said);
        Assert.Equal(Servers, said.Split("restarting settlementgrid@").Length - 1);
        Assert.InRange(hospitals.MostTries, 1, 2);
        Assert.Equal(hospitals.Sent, receipts.Count);
        Assert.True(hospitals.Sent > PerSecond, $"only {hospitals.Sent} bills were sent");
        var audit = new Audit(_connections[0], town);
        var minute = TimeSpan.FromMinutes(1);
        Assert.Empty(await audit.ListAllAsync(
            receipts, began - minute, TimeProvider.System.GetUtcNow() + minute));
        Assert.Empty(await audit.AddUpAsync(receipts));
    }

    [Fact]
    public async Task Server_that_does_not_come_back_ends_the_rolling_restart()
    {
        var systemctl = await ServiceCommands.MakeAsync($"{_root}/bin", async command =>
        {
            if (command[0] == "restart" && command[1].Contains("@2", StringComparison.Ordinal))
                throw new InvalidOperationException("it ended");
            return await CarryOutAsync(command);
        });

        var (status, said) = await systemctl.RunAsync(
            Repository.Deploy("systemd", "rolling-restart"), TimeSpan.FromMinutes(3));

        Assert.Equal(1, status);
        Assert.Contains("settlementgrid@2 did not come back", said, StringComparison.Ordinal);
        Assert.DoesNotContain("restarting settlementgrid@3", said, StringComparison.Ordinal);
    }

    async Task<string> CarryOutAsync(IReadOnlyList<string> command)
    {
        switch (command[0])
        {
            case "list-units":
                return string.Join('\n', Enumerable.Range(1, Servers)
                    .Select(i => $"settlementgrid@{i}.service loaded active running SettlementGrid server {i}")) + "\n";
            case "restart":
                var process = _processes[int.Parse(command[1].Split('@', '.')[1]) - 1];
                await process.StopAsync();
                await process.StartAsync();
                return "";
            default:
                throw new InvalidOperationException($"systemctl {string.Join(' ', command)} is not known here");
        }
    }
}
