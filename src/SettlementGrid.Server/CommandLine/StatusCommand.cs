using System.CommandLine;
using Npgsql;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Servers;

namespace SettlementGrid.Server.CommandLine;

/// <summary>`status`: is the server ready, and is its database up? Starts and changes nothing.</summary>
public sealed class StatusCommand
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    private readonly DatabaseChoice _database = new();

    private readonly ServerAsked _server = new();

    public static Command Create()
    {
        var status = new StatusCommand();
        var command = new Command("status", "Say whether the server and its database are up; exit status 1 if not. 状态");
        status._server.AddTo(command);
        status._database.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var server = status._server.In(parsed);
            var (ready, state) = await ServerAsked.AskAsync(server, AnswerMax, cancellation);
            Terminal.Answer($"server    {state ?? "none"} on {server.GetLeftPart(UriPartial.Authority)}");
            await AskDatabaseAsync(status._database.In(parsed), cancellation);
            return ready ? ExitCode.Fine : ExitCode.No;
        });
        return command;
    }

    private static async Task AskDatabaseAsync(DatabasePlace place, CancellationToken cancellation)
    {
        var file = new ConnectionFile(Path.Combine(place.Directory, "connection"));
        if (place.Postgres is null && !file.Exists)
        {
            Terminal.Answer($"database  none yet in {place.Directory}");
            return;
        }

        try
        {
            await using var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(place.Postgres ?? file.Read())
                {
                    Pooling = false,
                    Timeout = (int)AnswerMax.TotalSeconds,
                }.ConnectionString);
            await connection.OpenAsync(cancellation);
            await using var command = new NpgsqlCommand(
                "SELECT pg_size_pretty(pg_database_size(current_database()))", connection);
            var size = await command.ExecuteScalarAsync(cancellation);
            Terminal.Answer(
                $"database  PostgreSQL {connection.PostgreSqlVersion} on {connection.Host}:{connection.Port}, "
                + $"{connection.Database}, {size}" + (place.Postgres is null ? $", in {place.Directory}" : ""));
            await ShowServersAsync(connection, cancellation);
        }
        catch (Exception silent) when (silent is NpgsqlException or TimeoutException)
        {
            Terminal.Answer($"database  does not answer: {silent.Message}");
        }
    }

    // A database that no server of this version has opened yet has no leases.
    private static async Task ShowServersAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var there = new NpgsqlCommand("SELECT to_regclass('ledger.servers') IS NOT NULL", connection);
        if (await there.ExecuteScalarAsync(cancellation) is not true)
        {
            return;
        }

        var list = await LeaseTable.ReadAsync(connection, cancellation);
        Terminal.Answer($"servers   {list.Servers.Count(one => one.IsAlive)} alive on this database");
        foreach (var line in list.Servers.Count == 0 ? [] : LeaseLines.Of(list))
        {
            Terminal.Answer("  " + line);
        }
    }
}
