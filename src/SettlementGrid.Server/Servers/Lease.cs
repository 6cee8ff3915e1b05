using Npgsql;
using SettlementGrid.Api.Methods;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Metrics;

namespace SettlementGrid.Server.Servers;

/// <summary>
/// This server's own lease: its row is written every few seconds while it runs and taken off when it stops in order. A
/// row that cannot be written hinders nothing.
/// </summary>
public sealed class Lease : IAsyncDisposable
{
    private const string CallsMeasured = "api.calls";

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _clock;
    private readonly ILogger<Lease> _log;
    private long? _id;
    private long _since;
    private double _calls;
    private bool _failing;
    private bool _isClockOff;

    public Lease(string connectionString, TimeProvider clock, ILogger<Lease> log)
    {
        (_clock, _log) = (clock, log);
        _source = WorkingSource.Of(connectionString);
        _since = clock.GetTimestamp();
        Table = new LeaseTable(_source);
    }

    public LeaseTable Table { get; }

    /// <summary>Who this server is.</summary>
    public static ServerSelf Self(IReadOnlyList<Uri> addresses) => new(
        Environment.MachineName, Environment.ProcessId,
        typeof(Lease).Assembly.GetName().Version?.ToString(3) ?? "",
        addresses[0].GetLeftPart(UriPartial.Authority), addresses[^1].Authority);

    /// <summary>Writes the row until cancelled, then takes it off.</summary>
    public async Task RunAsync(
        ServerSelf self, Readiness readiness, Engine engine, MetricCollection metrics, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var figures = new ServerFigures(
                readiness.State, engine.Funds.Mark, engine.Catalogs.Current.Revision,
                CallsPerSecond(metrics.TotalOf(CallsMeasured)), ClockAheadMs: 0);
            await TryAsync(async bounded =>
            {
                (_id, var ahead) = await Table.NoteAsync(_id, self, figures, _clock, bounded);
                Compare(TimeSpan.FromMilliseconds(ahead));
            });
            await Task.Delay(ServerLimits.LeaseBeat, _clock, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_id is { } id)
        {
            await TryAsync(bounded => Table.ForgetAsync(id, bounded));
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private double CallsPerSecond(double calls)
    {
        var elapsed = _clock.GetElapsedTime(_since).TotalSeconds;
        var rate = elapsed > 0 ? (calls - _calls) / elapsed : 0;
        (_since, _calls) = (_clock.GetTimestamp(), calls);
        return Math.Max(0, rate);
    }

    // Clocks that differ by half a minute and more would let a server's settlement be late for a list that another
    // server has called final.
    private void Compare(TimeSpan ahead)
    {
        var isOff = ahead.Duration() > ServerLimits.ClockDifferenceMax;
        if (isOff && !_isClockOff)
        {
            _log.LogWarning(
                "this machine's clock is {Seconds:0.0} s ahead of the database's: set both by NTP", ahead.TotalSeconds);
        }

        _isClockOff = isOff;
    }

    private async Task TryAsync(Func<CancellationToken, Task> act)
    {
        using var bounded = new CancellationTokenSource(ServerLimits.LeaseBeat, _clock);
        try
        {
            await act(bounded.Token);
            _failing = false;
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            if (!_failing)
            {
                _failing = true;
                var why = failed is PostgresException refused ? $"SQLSTATE {refused.SqlState}" : failed.GetType().Name;
                _log.LogWarning("this server's row among the live servers cannot be written now: {Why}", why);
            }
        }
    }
}
