using Npgsql;
using SettlementGrid.Testbed;
using Xunit.Abstractions;

namespace SettlementGrid.Crash.Tests;

/// <summary>A superuser changes the ledger behind its back: verify names the place and ends with status 1.</summary>
public sealed class Tampering_tests(ITestOutputHelper output)
{
    [Fact]
    public async Task Verify_passes_on_what_was_settled_and_names_every_change_made_by_hand()
    {
        await using var server = await RunningServer.StartAsync();
        using var connection = new GrpcConnection(server.Place.Grpc);
        var town = new Town("T", 3, 20);
        await town.EnrollAsync(connection);
        var newest = 0L;
        for (var number = 1; number <= 50; number++)
            newest = (await connection.CallAsync(GrpcMethods.Settle, town.Bill(number))).Required.LedgerPosition;
        // The stop signs the ledger's last head; verify works with the server down.
        Assert.Equal(0, await server.StopAsync());
        var victim = town.Bill(25).EnrolleeId;

        await VerifiesAsync(server, null, "name a copy kept elsewhere (--anchor)");
        await ChangedAsync(
            server, victim,
            $"UPDATE ledger.entries SET layer_paid[1] = layer_paid[1] + 1 WHERE {Newest(victim)}",
            $"UPDATE ledger.entries SET layer_paid[1] = layer_paid[1] - 1 WHERE {Newest(victim)}");
        // One bit of the canonical bytes, where the amounts stand.
        var flip = $"UPDATE ledger.entries SET body = set_byte(body, length(body) / 2, "
            + $"get_byte(body, length(body) / 2) # 1) WHERE {Newest(victim)}";
        await ChangedAsync(server, victim, flip, flip);
        await ChangedAsync(
            server, $"position {newest}",
            "CREATE TABLE public.cut AS SELECT e.* FROM ledger.entries e JOIN ledger.commits c ON c.id = e.commit_id "
            + "ORDER BY c.first_position + e.ordinal DESC LIMIT 1; "
            + "DELETE FROM ledger.entries e USING public.cut c "
            + "WHERE e.commit_id = c.commit_id AND e.ordinal = c.ordinal",
            "INSERT INTO ledger.entries SELECT * FROM public.cut; DROP TABLE public.cut");
        await VerifiesAsync(server, null);
        // The newest commit cut off without a trace inside the database: only the signed anchor outside knows.
        await ChangedAsync(server, $"position {newest}", """
            CREATE TABLE public.gone AS SELECT * FROM ledger.commits ORDER BY number DESC LIMIT 1;
            DELETE FROM ledger.entries WHERE commit_id = (SELECT id FROM public.gone);
            DELETE FROM ledger.commits WHERE id = (SELECT id FROM public.gone);
            UPDATE ledger.head SET number = c.number, position = c.first_position + c.count - 1, hash = c.hash
            FROM (SELECT * FROM ledger.commits ORDER BY number DESC LIMIT 1) c;
            DROP TABLE public.gone
            """, null);
        // Without it nobody can know, and verify says so.
        File.Delete(Path.Combine(server.Place.DataFolder, "anchor"));
        await VerifiesAsync(server, null, "an end that was cut off, or a ledger written anew, would not show");
    }

    static string Newest(string person) =>
        $"stream_kind = 1 AND stream_id = '{person}' AND layer_paid IS NOT NULL AND cardinality(layer_paid) > 0 "
        + $"AND version = (SELECT max(version) FROM ledger.entries WHERE stream_kind = 1 AND stream_id = '{person}')";

    async Task ChangedAsync(RunningServer server, string? named, string change, string? undo)
    {
        await AsSuperuserAsync(server, change);
        await VerifiesAsync(server, change, named);
        if (undo is not null)
            await AsSuperuserAsync(server, undo);
    }

    async Task VerifiesAsync(RunningServer server, string? change, string? named = null)
    {
        var verified = await server.RunCommandAsync("verify");
        output.WriteLine($"{change ?? "(nothing changed)"}\n{verified.Output}\n");
        Assert.True(verified.ExitCode == (change is null ? 0 : 1), $"{change}: {verified.ExitCode}\n{verified.Output}");
        if (named is not null)
            Assert.Contains(named, verified.Output, StringComparison.Ordinal);
    }

    // As one who holds the database would: the triggers that refuse every change switched off.
    static async Task AsSuperuserAsync(RunningServer server, string sql)
    {
        await using var database = await SettlementGrid.Postgres.PostgresInstance.UseAsync(
            new SettlementGrid.Postgres.PostgresOptions(server.Place.DataFolder), _ => { }, CancellationToken.None);
        var login = new NpgsqlConnectionStringBuilder(database.SuperuserConnectionString)
        {
            Database = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database,
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(login.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SET session_replication_role = replica; {sql}", connection);
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync());
    }
}
