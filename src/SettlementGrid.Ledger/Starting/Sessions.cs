using Npgsql;

namespace SettlementGrid.Ledger.Starting;

/// <summary>
/// Where connections come from: a bounded pool for what turns ask, another for lists, so that lists, however slow and
/// however many were given up, take no turn's connection; single ones for writing. Every one works under
/// <see cref="AppRole"/> and asks for plans that do not depend on statistics: a plan made while the ledger was empty is
/// kept, and must still read a page, not the ledger, when it holds millions.
/// </summary>
sealed class Sessions : IAsyncDisposable
{
    // A peer that vanished in the middle of a batch may hold the head row's lock: it is noticed within 20 seconds.
    const string Setup = $"""
        SET ROLE {AppRole.Name};
        SET jit = off;
        SET plan_cache_mode = force_generic_plan;
        SET enable_seqscan = off;
        SET enable_sort = off;
        SET enable_bitmapscan = off;
        SET enable_hashjoin = off;
        SET enable_mergejoin = off;
        SET tcp_keepalives_idle = 10;
        SET tcp_keepalives_interval = 5;
        SET tcp_keepalives_count = 2;
        """;

    readonly NpgsqlDataSource _turns;
    readonly NpgsqlDataSource _lists;
    readonly NpgsqlDataSource _writing;

    public Sessions(string connectionString)
    {
        _turns = Pool(connectionString, LedgerLimits.TurnConnectionsMax);
        _lists = Pool(connectionString, LedgerLimits.ListConnectionsMax);
        _writing = Source(new NpgsqlConnectionStringBuilder(Common(connectionString).ConnectionString)
        {
            Pooling = false,
            // A whole batch in one write: it is never half sent while the process is stopped between two.
            WriteBufferSize = 1 << 20,
        });
    }

    /// <summary>For what a turn or a start waits for: few rows, by keys.</summary>
    public ValueTask<NpgsqlConnection> ForTurns(CancellationToken cancellation) =>
        _turns.OpenConnectionAsync(cancellation);

    /// <summary>For pages of the tail and of facilities, runs of bodies, checkpoints, verification.</summary>
    public ValueTask<NpgsqlConnection> ForLists(CancellationToken cancellation) =>
        _lists.OpenConnectionAsync(cancellation);

    public ValueTask<NpgsqlConnection> ForWriting(CancellationToken cancellation) =>
        _writing.OpenConnectionAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _turns.DisposeAsync();
        await _lists.DisposeAsync();
        await _writing.DisposeAsync();
    }

    /// <summary>
    /// What the operator gave, made whole; the login's own rights, before it becomes the working role.
    /// </summary>
    public static NpgsqlConnectionStringBuilder Common(string connectionString) => new(connectionString)
    {
        ApplicationName = "settlementgrid",
        NoResetOnClose = true,
        Enlist = false,
        Multiplexing = false,
        IncludeErrorDetail = false,
        Timeout = (int)LedgerLimits.ConnectTimeMax.TotalSeconds,
        CommandTimeout = (int)LedgerLimits.StatementTimeMax.TotalSeconds,
    };

    static NpgsqlDataSource Pool(string connectionString, int connectionsMax) =>
        Source(new NpgsqlConnectionStringBuilder(Common(connectionString).ConnectionString)
        {
            Pooling = true,
            MaxPoolSize = connectionsMax,
            MaxAutoPrepare = 32,
            AutoPrepareMinUsages = 2,
        });

    static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder builder)
    {
        var source = new NpgsqlDataSourceBuilder(builder.ConnectionString);
        source.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = new NpgsqlCommand(Setup, connection);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var command = new NpgsqlCommand(Setup, connection);
                await command.ExecuteNonQueryAsync();
            });
        return source.Build();
    }
}
