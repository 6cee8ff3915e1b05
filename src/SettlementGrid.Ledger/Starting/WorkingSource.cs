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
    public static NpgsqlDataSource Of(string connectionString)
    {
        var common = Sessions.Common(connectionString);
        common.Options = $"{common.Options} -c role={AppRole.Name}".Trim();
        common.MaxPoolSize = LedgerLimits.WorkingConnectionsMax;
        return NpgsqlDataSource.Create(common.ConnectionString);
    }
}
