using Npgsql;

namespace SettlementGrid.Ledger.Starting;

/// <summary>
/// Connections for what lies beside the entries (callers, audit). They work under the role that every session of the
/// server works under from their first statement on: what it may not do, a fault of ours cannot do either.
/// </summary>
public static class WorkingSource
{
    /// <summary>
    /// A pool of at most <see cref="LedgerLimits.WorkingConnectionsMax"/>, for the caller to dispose.
    /// </summary>
    public static NpgsqlDataSource Of(string connectionString) =>
        NpgsqlDataSource.Create(Text(connectionString, "", LedgerLimits.WorkingConnectionsMax));

    /// <summary>
    /// For a silo's providers, which make their own connections: they look for their tables by bare names.
    /// </summary>
    public static string ForOrleans(string connectionString) =>
        Text(connectionString, " -c search_path=orleans", LedgerLimits.OrleansConnectionsMax);

    static string Text(string connectionString, string more, int connectionsMax)
    {
        var common = Sessions.Common(connectionString);
        common.Options = $"{common.Options} -c role={AppRole.Name}{more}".Trim();
        common.MaxPoolSize = connectionsMax;
        return common.ConnectionString;
    }
}
