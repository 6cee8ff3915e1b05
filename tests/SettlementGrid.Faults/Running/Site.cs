using SettlementGrid.Postgres;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Proxying;

namespace SettlementGrid.Faults.Running;

/// <summary>
/// One PostgreSQL of this program's own and up to three servers on one database of it. Shared by faults that leave it
/// well: what is dead is started again for the next.
/// </summary>
public sealed class Site : IAsyncDisposable
{
    readonly List<RunningServer> _servers = [];
    readonly TemporaryPostgres _postgres;
    RunningServer? _proxied;
    DatabaseProxy? _proxy;

    Site(TemporaryPostgres postgres) => _postgres = postgres;

    /// <summary>Stops, kills and starts again; its superuser may do anything.</summary>
    public PostgresInstance Postgres => _postgres.Instance;

    /// <summary>The servers' login.</summary>
    public string Connection => _postgres.ConnectionString;

    /// <summary>The servers' database, as superuser.</summary>
    public string SuperuserConnection => new Npgsql.NpgsqlConnectionStringBuilder(Postgres.SuperuserConnectionString)
    {
        Database = new Npgsql.NpgsqlConnectionStringBuilder(Connection).Database,
        Pooling = false,
    }.ConnectionString;

    /// <summary>Those that were started, dead or alive.</summary>
    public IReadOnlyList<RunningServer> Servers => _servers;

    public static async Task<Site> StartAsync() =>
        new(await TemporaryPostgres.StartAsync(_ => { }, CancellationToken.None));

    /// <summary>One more empty database, for what must not be shared.</summary>
    public Task<string> NewDatabaseAsync() => _postgres.NewDatabaseAsync(CancellationToken.None);

    /// <summary>A place for a server on a database, with a data folder (log, anchor) of its own.</summary>
    public static ServerPlace Place(string connection) =>
        ServerPlace.Fresh() with { Options = ["--no-sample", "--postgres", connection] };

    /// <summary>Sees to it that the database and so many servers are up.</summary>
    public async Task<IReadOnlyList<RunningServer>> ServersAsync(int count)
    {
        await Postgres.StartAgainAsync(CancellationToken.None);
        // The first makes the schema; two that begin at once wait for each other.
        while (_servers.Count < count)
            _servers.Add(await RunningServer.StartAsync(Place(Connection)));
        await Task.WhenAll(_servers.Take(count).Where(one => !one.IsAlive).Select(one => one.StartAgainAsync()));
        return _servers[..count];
    }

    /// <summary>One more server that reaches the same database through a proxy alone.</summary>
    public async Task<(RunningServer Server, DatabaseProxy Proxy)> ProxiedAsync()
    {
        // The schema and whatever a start needs of the database does not go through the proxy.
        await ServersAsync(1);
        _proxy ??= new DatabaseProxy(Connection);
        _proxied ??= await RunningServer.StartAsync(Place(_proxy.ConnectionString));
        if (!_proxied.IsAlive)
            await _proxied.StartAgainAsync();
        return (_proxied, _proxy);
    }

    /// <summary>As superuser, on the servers' database.</summary>
    public async Task<object?> ExecuteAsync(string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(SuperuserConnection);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await EndAsync(server);
        if (_proxied is { } proxied)
            await EndAsync(proxied);
        if (_proxy is { } proxy)
            await proxy.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    /// <summary>Ends a server of <see cref="Place"/> and removes its folder.</summary>
    public static async Task EndAsync(RunningServer server)
    {
        if (server.IsAlive)
            await server.KillAsync();
        await server.DisposeAsync();
    }
}
