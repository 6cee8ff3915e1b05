using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Deploy.Tests.Systemd;

/// <summary>
/// Servers on one database, started from the unit file as systemd would start them, and a `systemctl` for them.
/// </summary>
sealed class RunningUnits : IAsyncDisposable
{
    public const int Servers = 3;

    readonly string _root = TemporaryPostgres.NewFolder();
    readonly UnitFile _unit = UnitFile.Read(Repository.Deploy("systemd", "settlementgrid@.service"));
    readonly List<UnitProcess> _processes = [];
    readonly List<GrpcConnection> _connections = [];
    readonly List<Uri> _addresses = [];
    TemporaryPostgres? _postgres;

    /// <summary>To each server.</summary>
    public IReadOnlyList<GrpcConnection> Connections => _connections;

    /// <summary>Of each server's gRPC.</summary>
    public IReadOnlyList<Uri> Addresses => _addresses;

    /// <summary>For programs beside the servers' own.</summary>
    public string Root => _root;

    /// <param name="release">a folder with the program, which all of them run.</param>
    public static async Task<RunningUnits> StartAsync(string release)
    {
        var units = new RunningUnits();
        try
        {
            await units.StartAllAsync(release);
            return units;
        }
        catch
        {
            await units.DisposeAsync();
            throw;
        }
    }

    /// <summary>What every start from now on runs, as `install` does it: servers that run go on as they are.</summary>
    public void Install(string release)
    {
        var current = $"{_root}/opt/settlementgrid/current";
        File.Delete(current);
        Directory.CreateSymbolicLink(current, release);
    }

    /// <summary>What systemctl does for our scripts.</summary>
    public async Task<string> CarryOutAsync(IReadOnlyList<string> command)
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

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        foreach (var process in _processes)
            await process.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    async Task StartAllAsync(string release)
    {
        _postgres = await TemporaryPostgres.StartAsync(_ => { }, CancellationToken.None);
        Directory.CreateDirectory($"{_root}/etc/settlementgrid");
        Directory.CreateDirectory($"{_root}/opt/settlementgrid");
        await File.WriteAllTextAsync($"{_root}/etc/settlementgrid/postgres", _postgres.ConnectionString + "\n");
        Install(release);
        for (var i = 1; i <= Servers; i++)
        {
            var place = ServerPlace.Fresh();
            Directory.Delete(place.DataFolder);
            await File.WriteAllTextAsync(
                $"{_root}/etc/settlementgrid/{i}.env",
                $"PORT={place.HttpPort}\nGRPC_PORT={place.GrpcPort}\nOPTIONS=\n");
            _addresses.Add(place.Grpc);
            _connections.Add(new GrpcConnection(place.Grpc));
            var process = new UnitProcess(_unit, $"{i}", _root);
            _processes.Add(process);
            await process.StartAsync();
        }
    }
}
