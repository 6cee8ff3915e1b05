using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Faults.Running;

/// <summary>Hospitals of one town that settle, with what they saw; accounts are read back beside them.</summary>
public sealed class Load : IAsyncDisposable
{
    readonly Fund _before;
    readonly ReadingBack _reading;

    Load(Town town, Hospitals hospitals, Fund before, ReadingBack reading) =>
        (Town, Hospitals, _before, _reading) = (town, hospitals, before, reading);

    public Town Town { get; }

    public Hospitals Hospitals { get; }

    /// <summary>Begins at once.</summary>
    public static async Task<Load> StartAsync(
        Town town, IReadOnlyList<RunningServer> servers, Habits habits, Verdict verdict, int seed)
    {
        Fund before;
        using (var connection = new GrpcConnection(servers[0].Place.Grpc))
            before = await Fund.ReadAsync(connection);
        var addresses = servers.Select(server => server.Place.Grpc).ToList();
        var hospitals = new Hospitals(town, addresses, habits);
        return new Load(town, hospitals, before,
            new ReadingBack(town, hospitals, addresses, verdict, new Random(seed)));
    }

    /// <summary>Waits for every answer under way; accounts are read back no more.</summary>
    public async Task<IReadOnlyList<Receipt>> FinishAsync()
    {
        var receipts = await Hospitals.FinishAsync();
        await _reading.DisposeAsync();
        return receipts;
    }

    /// <summary>What the fund moved by since before the load, according to this server.</summary>
    public async Task<Fund> MovedAsync(GrpcConnection connection) => await Fund.ReadAsync(connection) - _before;

    public async ValueTask DisposeAsync()
    {
        await _reading.DisposeAsync();
        Hospitals.Dispose();
    }
}

/// <summary>What the town's one fund says.</summary>
public readonly record struct Fund(long PaidFen, long Cases)
{
    const string Region = "150502";

    public static async Task<Fund> ReadAsync(GrpcConnection connection)
    {
        var request = new GetPositionRequest { RegionId = Region, PlanId = Town.PlanId, Year = Town.Year };
        var position = (await Patiently.AskAsync(connection, GrpcMethods.GetPosition, request)).Required;
        return new Fund(position.PaidFen, position.Cases);
    }

    public static Fund operator -(Fund now, Fund before) => new(now.PaidFen - before.PaidFen, now.Cases - before.Cases);
}
