using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Peers;

/// <summary>
/// The cluster's program as a contestant. It is built by itself (`./grid silo`, `./grid bench --silos`) and not with
/// this one, because its packages do not restore everywhere.
/// </summary>
static class SiloPrograms
{
    const string Program = "SettlementGrid.Silo";

    public const string NotBuilt =
        "the cluster's program is not built: ./grid bench --silos builds it where its packages restore";

    // Any free ones: several clusters' programs may run on this machine.
    static readonly string[] s_ports = ["--silo-port", "0", "--gateway-port", "0"];

    /// <summary>
    /// One silo on fresh data; or two, and a gateway behind them in the list. Empty: the program is not built.
    /// </summary>
    public static async Task<IReadOnlyList<RunningServer>> StartAsync(bool withGateway)
    {
        if (Find() is not { } folder)
            return [];
        var fresh = ServerPlace.Fresh();
        var started = new List<RunningServer>();
        try
        {
            started.Add(await StartAsync(fresh, folder));
            if (withGateway)
            {
                started.Add(await StartAsync(started[0].Place.Beside(), folder));
                started.Add(await StartAsync(started[0].Place.Beside(), folder, "--gateway"));
            }
            return started;
        }
        catch
        {
            await LoadSite.EndAsync(started);
            throw;
        }
    }

    static Task<RunningServer> StartAsync(ServerPlace place, string folder, params string[] more) =>
        RunningServer.StartAsync(place with
        {
            Program = Program,
            ProgramFolder = folder,
            Command = [],
            Options = [.. place.Options, .. s_ports, .. more],
        });

    /// <summary>Where its build lies in the checkout that this program was built in.</summary>
    static string? Find()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "SettlementGrid.sln")))
            root = root.Parent;
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        // As this one: its configuration and framework.
        var folder = root is null ? null : Path.Combine(
            root.FullName, "src", Program, "bin", own.Parent!.Name, own.Name);
        return folder is not null && File.Exists(Path.Combine(folder, Program + ".dll")) ? folder : null;
    }
}
