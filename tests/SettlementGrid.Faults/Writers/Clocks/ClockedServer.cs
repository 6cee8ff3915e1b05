using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers.Clocks;

/// <summary>A server like any other whose clock is moved while it runs. Disposing ends it.</summary>
sealed class ClockedServer : IAsyncDisposable
{
    readonly string _file;
    int _moves;

    ClockedServer(RunningServer server, string file)
    {
        (Server, _file) = (server, file);
        Connection = new GrpcConnection(server.Place.Grpc);
    }

    public RunningServer Server { get; }

    public GrpcConnection Connection { get; }

    /// <summary>Starts at a place of its own or beside another server; its clock is right at first.</summary>
    public static async Task<ClockedServer> StartAsync(ServerPlace place)
    {
        var file = Path.Combine(place.DataFolder, $"clock-{place.GrpcPort}");
        await File.WriteAllTextAsync(file, "+0 0");
        var clocked = place with
        {
            Program = "SettlementGrid.MovedClock",
            Options = [.. place.Options, "--clock-file", file],
        };
        return new ClockedServer(await RunningServer.StartAsync(clocked), file);
    }

    /// <summary>The clock shows so much more than the true time. Returns when it does.</summary>
    public Task MoveAsync(TimeSpan offset) => ShowAsync($"+{(long)offset.TotalMilliseconds}");

    /// <summary>The clock shows this moment and goes no further. Returns when it does.</summary>
    public Task StandAsync(DateTimeOffset moment) => ShowAsync($"={moment.ToUnixTimeMilliseconds()}");

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await Server.DisposeAsync();
    }

    async Task ShowAsync(string clock)
    {
        // Numbered, so that a clock that comes back to where it was is waited for too.
        var text = $"{clock} {++_moves}";
        await File.WriteAllTextAsync(_file + ".new", text);
        File.Move(_file + ".new", _file, overwrite: true);
        await Server.PrintedAsync($"The clock shows {text}.");
    }
}
