using Npgsql;

namespace SettlementGrid.Ledger.Starting;

/// <summary>
/// Where connections come from: a bounded pool for reading, single ones for writing. Every one works under
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

    readonly NpgsqlDataSource _reading;
    readonly NpgsqlDataSource _writing;

    public Sessions(string connectionString)
    {
        _reading = Source(new NpgsqlConnectionStringBuilder(Common(connectionString).ConnectionString)
        {
            Pooling = true,
            MaxPoolSize = LedgerLimits.ReadConnectionsMax,
            MaxAutoPrepare = 32,
            AutoPrepareMinUsages = 2,
        });
        _writing = Source(new NpgsqlConnectionStringBuilder(Common(connectionString).ConnectionString)
        {
            Pooling = false,
            // A whole batch in one write: it is never half sent while the process is stopped between two.
            WriteBufferSize = 1 << 20,
        });
    }

    public ValueTask<NpgsqlConnection> ForReading(CancellationToken cancellation) =>
        _reading.OpenConnectionAsync(cancellation);

    public ValueTask<NpgsqlConnection> ForWriting(CancellationToken cancellation) =>
        _writing.OpenConnectionAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _reading.DisposeAsync();
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
