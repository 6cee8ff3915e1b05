using Npgsql;
using SettlementGrid.Api.Methods;
using SettlementGrid.Ledger;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Server.Servers;
using SettlementGrid.Server.Tests.Running;

namespace SettlementGrid.Server.Tests.Servers;

/// <summary>The list of live servers: by the database's clock, bounded, and never in a server's way.</summary>
[Collection(SharedPostgresTests.Name)]
public sealed class LeaseTests(SharedPostgres shared) : IAsyncLifetime
{
    private static readonly ServerSelf Self = new("host", 1, "0.1.0", "http://127.0.0.1:1", "127.0.0.1:2");
    private static readonly ServerFigures Figures = new("ready", 7, 3, 12.5, 0);

    private string _database = "";
    private NpgsqlDataSource _source = null!;
    private LeaseTable _table = null!;

    public async Task InitializeAsync()
    {
        _database = await shared.Postgres.NewDatabaseAsync(default);
        await using (await PostgresLedger.Open(
            _database, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, default))
        {
            // Only its schema is wanted.
        }

        _source = WorkingSource.Of(_database);
        _table = new LeaseTable(_source);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task A_row_is_what_the_server_last_said_of_itself()
    {
        var id = await NoteAsync(null);
        await NoteAsync(id, Figures with { State = "cannot commit", FundMark = 9 });

        var lease = Assert.Single((await _table.ReadAsync(default)).Servers);

        Assert.Equal((id, Self, true), (lease.Id, lease.Self, lease.IsAlive));
        Assert.Equal(("cannot commit", 9L, 3L, 12.5),
            (lease.Figures.State, lease.Figures.FundMark, lease.Figures.CatalogRevision, lease.Figures.CallsPerSecond));
        Assert.True(lease.SeenAt > lease.StartedAt);
    }

    [Fact]
    public async Task A_silent_server_is_shown_as_such_and_taken_off_after_an_hour_by_whoever_writes_next()
    {
        var (silent, gone, living) = (await NoteAsync(null), await NoteAsync(null), await NoteAsync(null));
        await SetBackAsync(silent, "16 seconds");
        await SetBackAsync(gone, "61 minutes");

        await NoteAsync(living);

        var list = (await _table.ReadAsync(default)).Servers;
        Assert.Equal([(silent, false), (living, true)], list.Select(one => (one.Id, one.IsAlive)));
    }

    [Fact]
    public async Task A_server_that_was_taken_off_while_it_hung_comes_back_under_its_own_id()
    {
        var id = await NoteAsync(null);
        await SetBackAsync(id, "2 hours");
        await NoteAsync(null);

        Assert.Equal(id, await NoteAsync(id));

        Assert.Equal(2, (await _table.ReadAsync(default)).Servers.Count);
    }

    [Fact]
    public async Task A_clock_that_runs_ahead_shows_and_changes_no_time_in_the_list()
    {
        var (_, ahead) = await _table.NoteAsync(null, Self, Figures, new Ahead(TimeSpan.FromHours(1)), default);

        Assert.InRange(ahead, 3_540_000, 3_660_000);
        var list = await _table.ReadAsync(default);
        Assert.InRange(list.Now - Assert.Single(list.Servers).SeenAt, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_working_role_can_write_no_row_but_through_the_functions()
    {
        await using var command = _source.CreateCommand("UPDATE ledger.servers SET host = 'other'");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    private async Task<long> NoteAsync(long? id, ServerFigures? figures = null) =>
        (await _table.NoteAsync(id, Self, figures ?? Figures, TimeProvider.System, default)).Id;

    private async Task SetBackAsync(long id, string by)
    {
        await using var owner = NpgsqlDataSource.Create(_database);
        await using var command = owner.CreateCommand(
            $"UPDATE ledger.servers SET seen_at = seen_at - interval '{by}' WHERE id = {id}");
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private sealed class Ahead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
