using SettlementGrid.Faults.Checking;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;
using SettlementGrid.Testbed.Proxying;

namespace SettlementGrid.Faults.Running;

/// <summary>
/// One run of one fault: its seed and length, the servers it was given, and every load it started. Ends what was
/// started in it; the shared servers stay.
/// </summary>
public sealed class FaultRun : IAsyncDisposable
{
    readonly Action<string> _say;
    readonly List<Load> _loads = [];
    readonly List<RunningServer> _own = [];
    readonly List<IAsyncDisposable> _ending = [];
    IReadOnlyList<RunningServer> _shared = [];

    public FaultRun(Site site, int seed, TimeSpan lasts, Action<string> say)
    {
        (Site, Seed, Lasts, _say) = (site, seed, lasts, say);
        Draw = new Random(seed);
        Began = TimeProvider.System.GetUtcNow();
    }

    public int Seed { get; }

    /// <summary>
    /// Every choice of the fault: the same seed chooses the same again, though never at the same microsecond.
    /// </summary>
    public Random Draw { get; }

    /// <summary>How long harm is done; what is started before and checked after it comes on top.</summary>
    public TimeSpan Lasts { get; }

    /// <summary>Whether this is the short run of the tests.</summary>
    public bool IsSlice => Lasts <= FaultLimits.SliceRun;

    public Verdict Verdict { get; } = new();

    public Site Site { get; }

    public DateTimeOffset Began { get; }

    /// <summary>Servers that the closing check asks: all must be well by then.</summary>
    public IReadOnlyList<RunningServer> Servers => [.. _shared, .. _own];

    public IReadOnlyList<Load> Loads => _loads;

    /// <summary>A line of progress.</summary>
    public void Say(string line) => _say(line);

    /// <summary>So many of the site's servers, up.</summary>
    public async Task<IReadOnlyList<RunningServer>> ServersAsync(int count) => _shared = await Site.ServersAsync(count);

    /// <summary>A server that reaches the site's database through a proxy alone, beside one that does not.</summary>
    public async Task<(RunningServer Server, DatabaseProxy Proxy)> ProxiedAsync()
    {
        var (server, proxy) = await Site.ProxiedAsync();
        _shared = [Site.Servers[0], server];
        return (server, proxy);
    }

    /// <summary>One server more, of this run alone; through a proxy where the connection says so.</summary>
    public async Task<RunningServer> OwnServerAsync(ServerPlace place)
    {
        var server = await RunningServer.StartAsync(place);
        _own.Add(server);
        return server;
    }

    /// <summary>Disposed when the run ends.</summary>
    public T Ending<T>(T ends)
        where T : IAsyncDisposable
    {
        _ending.Add(ends);
        return ends;
    }

    /// <summary>Enrolls a town of this run alone and lets its hospitals settle, at these servers.</summary>
    /// <param name="habits">Null: a closed loop.</param>
    public async Task<Load> LoadAsync(
        IReadOnlyList<RunningServer> servers, Habits? habits = null, int persons = FaultLimits.Persons)
    {
        var town = await TownAsync(servers[0], persons);
        var load = await Load.StartAsync(town, servers, habits ?? FaultLimits.Closed, Verdict, Seed + _loads.Count);
        _loads.Add(load);
        return load;
    }

    /// <summary>Persons on the roster whose names no other run has.</summary>
    public async Task<Town> TownAsync(RunningServer server, int persons)
    {
        // Milliseconds name it apart from towns of earlier runs on the same ledger.
        var town = new Town($"F{Began.ToUnixTimeMilliseconds() % 1_000_000_000}-{_loads.Count}", Seed, persons);
        using var connection = new GrpcConnection(server.Place.Grpc);
        await town.EnrollAsync(connection);
        return town;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var load in _loads)
            await load.DisposeAsync();
        foreach (var server in _own)
            await Site.EndAsync(server);
        foreach (var ending in _ending)
            await ending.DisposeAsync();
    }
}
