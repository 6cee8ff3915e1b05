using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Api;
using SettlementGrid.Ledger;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Server.Auditing;
using SettlementGrid.Server.Tests.Postgres;
using SettlementGrid.Server.Tests.Running;
using SettlementGrid.Testing;

namespace SettlementGrid.Server.Tests.Callers;

/// <summary>
/// The audit in memory: what is folded, what waits while the database takes nothing, what is given up.
/// </summary>
[Collection(SharedPostgresTests.Name)]
public sealed class AuditTrailTests(SharedPostgres shared)
{
    private readonly ManualClock _clock = new();
    private readonly Lines _log = new();

    [Fact]
    public async Task Repeats_of_a_minute_are_one_record_over_several_writings_and_servers()
    {
        var database = await NewDatabaseAsync(withLedger: true);
        await using var source = WorkingSource.Of(database);
        var (one, other) = (Trail(source), Trail(source));
        for (var i = 0; i < 5; i++)
        {
            one.Note(Call("reader", at: i));
            await one.WriteAsync();
            other.Note(Call("reader", at: i + 10));
        }

        await other.WriteAsync();
        one.Note(Call("reader", at: 60));
        one.Note(Call("reader", at: 61, outcome: "NOT_PERMITTED"));
        await one.WriteAsync();
        Assert.Equal(
            "OK 10 01:00:00-01:00:14 subject 0, "
                + "NOT_PERMITTED 1 01:01:01-01:01:01 subject 61, OK 1 01:01:00-01:01:00 subject 60",
            await DatabaseFolder.AskAsync<string>(
                database,
                """
                SELECT string_agg(outcome || ' ' || count || ' '
                    || to_char(first_at AT TIME ZONE 'UTC', 'HH24:MI:SS') || '-'
                    || to_char(last_at AT TIME ZONE 'UTC', 'HH24:MI:SS') || ' ' || subject, ', '
                    ORDER BY minute, outcome) FROM ledger.audit
                """));
        Assert.Empty(_log.Written);
    }

    [Fact]
    public async Task What_cannot_be_written_waits_and_nothing_is_lost()
    {
        // A database without the table refuses as one that is down does.
        var database = await NewDatabaseAsync(withLedger: false);
        await using var source = WorkingSource.Of(database);
        var trail = Trail(source);
        for (var second = 0; second < 3; second++)
        {
            trail.Note(Call("reader", at: second));
            await trail.WriteAsync();
        }

        Assert.Contains("cannot be written now and waits", Assert.Single(_log.Written), StringComparison.Ordinal);
        await OpenLedgerAsync(database);
        await trail.WriteAsync();
        await trail.WriteAsync();
        Assert.Equal(3, await DatabaseFolder.AskAsync<long>(database, "SELECT sum(count)::bigint FROM ledger.audit"));
        Assert.Contains("written again", _log.Written[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Full_audit_lets_no_audited_call_in_keeps_room_for_those_under_way_and_counts_what_it_drops()
    {
        var database = await NewDatabaseAsync(withLedger: false);
        await using var source = WorkingSource.Of(database);
        var trail = Trail(source);
        for (var i = 0; i < ServerLimits.AuditFoldsMax; i++)
        {
            Assert.Equal(i < ServerLimits.AuditFoldsMax / 2, trail.HasRoom);
            trail.Note(Call($"caller-{i}"));
        }

        trail.Note(Call("one too many"));
        trail.Note(Call("one too many"));
        trail.Note(Call("caller-0"));
        Assert.True(ServerLimits.AuditFoldsMax / 2 >= ApiLimits.CallsMax);
        await trail.WriteAsync();
        Assert.Contains(
            _log.Written, line => line.StartsWith("2 refused calls are not in the audit", StringComparison.Ordinal));
        Assert.False(trail.HasRoom);
    }

    private AuditTrail Trail(Npgsql.NpgsqlDataSource source) => new(new AuditTable(source), _clock, _log);

    private static AuditedCall Call(string caller, int at = 0, string outcome = "OK") => new(
        new Caller(caller, Roles.None), "EnrolleeService/GetAccount", outcome, $"subject {at}",
        ManualClock.Start.AddSeconds(at));

    private async Task<string> NewDatabaseAsync(bool withLedger)
    {
        var database = await shared.Postgres.NewDatabaseAsync(default);
        if (withLedger)
        {
            await OpenLedgerAsync(database);
        }

        return database;
    }

    private static async Task OpenLedgerAsync(string database)
    {
        await using var ledger = await PostgresLedger.Open(database, TimeProvider.System, NullLogger.Instance, default);
    }

    private sealed class Lines : ILogger<AuditTrail>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Written.Add(formatter(state, exception));
    }
}
