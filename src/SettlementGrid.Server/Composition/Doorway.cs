using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Server.Auditing;
using SettlementGrid.Server.Callers;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// Who may come in, and what is kept of it: callers' identity and the audit, both over the working role. Disposing
/// writes the audit's last second; nothing may be called any more by then.
/// </summary>
public sealed class Doorway : IAsyncDisposable
{
    private const Roles MetricsReaders = Roles.Auditor | Roles.Operator;

    private readonly NpgsqlDataSource _source;
    private readonly CallerIdentity _identity;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _auditing;

    public Doorway(string connectionString, bool keysRequired, TimeProvider clock, ILoggerFactory logs)
    {
        _source = WorkingSource.Of(connectionString);
        _identity = new CallerIdentity(keysRequired, new Credentials(_source, clock), clock);
        Calls = new IdentifiedCalls(_identity);
        Table = new AuditTable(_source);
        var trail = new AuditTrail(Table, clock, logs.CreateLogger<AuditTrail>());
        Audit = new AuditHook(() => trail.HasRoom, trail.Note);
        _auditing = trail.RunAsync(_stop.Token);
    }

    public IdentifiedCalls Calls { get; }

    public AuditTable Table { get; }

    public AuditHook Audit { get; }

    /// <summary>
    /// /metrics shows figures of the whole business, and needs to exactly while the database is away.
    /// </summary>
    /// <exception cref="TimeoutException">It cannot be known now who asks.</exception>
    public async ValueTask<bool> MayReadMetricsAsync(HttpContext context) =>
        (await _identity.IdentifyForMetricsAsync(context)).Caller is { } caller
        && (caller.Roles & MetricsReaders) != Roles.None;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _auditing;
        _stop.Dispose();
        _identity.Dispose();
        await _source.DisposeAsync();
    }
}
