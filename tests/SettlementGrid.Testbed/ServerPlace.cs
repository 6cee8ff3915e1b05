using System.Net;
using System.Net.Sockets;
using SettlementGrid.Postgres;

namespace SettlementGrid.Testbed;

/// <summary>Where a server lives: its data folder and its two ports, the same after every restart.</summary>
public sealed record ServerPlace(string DataFolder, int HttpPort, int GrpcPort)
{
    /// <summary>JSON over HTTP/1.1.</summary>
    public Uri Http => new($"http://127.0.0.1:{HttpPort}");

    /// <summary>gRPC over cleartext HTTP/2.</summary>
    public Uri Grpc => new($"http://127.0.0.1:{GrpcPort}");

    /// <summary>Further options of the command line.</summary>
    public IReadOnlyList<string> Options { get; init; } = ["--no-sample"];

    /// <summary>The server's own program, beside this one.</summary>
    public const string Server = "SettlementGrid.Server";

    /// <summary>
    /// The program that is started: the server, or another that is started and asked in the same way.
    /// </summary>
    public string Program { get; init; } = Server;

    /// <summary>Where the program is: beside this one, unless it is built elsewhere.</summary>
    public string ProgramFolder { get; init; } = AppContext.BaseDirectory;

    /// <summary>What its command line begins with.</summary>
    public IReadOnlyList<string> Command { get; init; } = ["run"];

    /// <summary>Variables that it is started with besides this process's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether its database is a ledger that the server's commands read.</summary>
    public bool HoldsLedger { get; init; } = true;

    /// <summary>False: another server's database, and its data folder; both are left as they are.</summary>
    public bool OwnsData { get; init; } = true;

    /// <summary>For one more server on the database that a server here keeps.</summary>
    public ServerPlace Beside() => Moved() with
    {
        Options = ["--no-sample", "--postgres", Data.Connection.Read()],
        OwnsData = false,
        KeepsData = false,
    };

    /// <summary>Whether the data stay when the server is disposed: they were there before.</summary>
    public bool KeepsData { get; init; }

    public DataDirectory Data => DataDirectory.Open(DataFolder);

    /// <summary>A new empty folder that the database's user can enter, and two ports that are free now.</summary>
    public static ServerPlace Fresh()
    {
        var (http, grpc) = (Listen(), Listen());
        var place = new ServerPlace(TemporaryPostgres.NewFolder(), PortOf(http), PortOf(grpc));
        http.Stop();
        grpc.Stop();
        return place;
    }

    /// <summary>A folder that stays, made if it is not there, and two ports that are free now.</summary>
    public static ServerPlace On(string dataFolder) =>
        new ServerPlace(DataDirectory.Open(dataFolder).FullPath, 0, 0) { KeepsData = true }.Moved();

    /// <summary>The same data on two other ports.</summary>
    public ServerPlace Moved()
    {
        var (http, grpc) = (Listen(), Listen());
        var place = this with { HttpPort = PortOf(http), GrpcPort = PortOf(grpc) };
        http.Stop();
        grpc.Stop();
        return place;
    }

    static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
