using System.Diagnostics.Metrics;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Api.Methods;

namespace SettlementGrid.Server.Auditing;

/// <summary>
/// Folds audited calls in memory and writes them every <see cref="ServerLimits.AuditWriteInterval"/>: no call waits for
/// the audit's disk, and a crash loses the last second of it at the most.
/// </summary>
/// <remarks>
/// What waits is bounded by <see cref="ServerLimits.AuditFoldsMax"/> folds, which fill up only while the database does
/// not take them. Before that, methods whose every call is audited are no longer carried out (<see cref="HasRoom"/>):
/// nobody reads an account unseen. What still comes then (refusals) is counted as dropped, in the figures and in the
/// log. Safe from any thread.
/// </remarks>
public sealed class AuditTrail(AuditTable table, TimeProvider clock, ILogger<AuditTrail> log)
{
    private static readonly Meter s_meter = new("SettlementGrid.Audit");

    private static readonly Counter<long> s_dropped = s_meter.CreateCounter<long>(
        "audit.dropped", "{call}", "Refused calls that the audit had no room for.");

    private static readonly Counter<long> s_written = s_meter.CreateCounter<long>(
        "audit.written", "{record}", "Audit records added or made to grow.");

    private readonly Lock _lock = new();
    private Dictionary<AuditFold, AuditRecord> _waiting = [];
    private long _dropped;
    private bool _failing;
    private DateTimeOffset _forgetAt;

    /// <summary>Whether a call that must be audited may be carried out.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count < ServerLimits.AuditFoldsMax / 2;
            }
        }
    }

    public void Note(AuditedCall call)
    {
        lock (_lock)
        {
            Fold(AuditTable.Record(call));
        }
    }

    /// <summary>Writes every second until cancelled, then once more.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // So that the first one dropped is seen: increase() does not know that a series which begins with 1 was 0.
        s_dropped.Add(0);
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(ServerLimits.AuditWriteInterval, clock, stop)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await WriteAsync();
        }
    }

    /// <summary>Writes what waits; what cannot be written waits on.</summary>
    public async Task WriteAsync()
    {
        Dictionary<AuditFold, AuditRecord> taken;
        long dropped;
        lock (_lock)
        {
            (taken, _waiting) = (_waiting, []);
            (dropped, _dropped) = (_dropped, 0);
        }

        if (dropped > 0)
        {
            log.LogError("{Calls} refused calls are not in the audit: it had no room", dropped);
        }

        // Bounded: a database that hangs must not keep a stop waiting.
        using var bounded = new CancellationTokenSource(ServerLimits.AuditWriteMax, clock);
        foreach (var part in taken.Values.Chunk(ServerLimits.AuditBatchMax))
        {
            if (!await TryAsync(async () => await table.NoteAsync(part, bounded.Token)))
            {
                lock (_lock)
                {
                    foreach (var record in part)
                    {
                        Fold(record);
                    }
                }

                continue;
            }

            s_written.Add(part.Length);
        }

        var now = clock.GetUtcNow();
        if (now >= _forgetAt
            && await TryAsync(async () => await table.ForgetAsync(ServerLimits.AuditBatchMax, bounded.Token)))
        {
            _forgetAt = now + ServerLimits.AuditForgetInterval;
        }
    }

    private async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            if (_failing)
            {
                _failing = false;
                log.LogInformation("the audit is written again");
            }

            return true;
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            if (!_failing)
            {
                _failing = true;
                var why = failed is PostgresException refused ? $"SQLSTATE {refused.SqlState}" : failed.GetType().Name;
                log.LogWarning("the audit cannot be written now and waits: {Why}", why);
            }

            return false;
        }
    }

    // Under the lock.
    private void Fold(AuditRecord record)
    {
        if (_waiting.TryGetValue(record.Fold, out var there))
        {
            var first = there.FirstAt <= record.FirstAt ? there : record;
            _waiting[record.Fold] = first with
            {
                Count = there.Count + record.Count,
                LastAt = there.LastAt >= record.LastAt ? there.LastAt : record.LastAt,
            };
        }
        else if (_waiting.Count < ServerLimits.AuditFoldsMax)
        {
            _waiting.Add(record.Fold, record);
        }
        else
        {
            _dropped += record.Count;
            s_dropped.Add(record.Count);
        }
    }
}
