using Npgsql;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Tests.Postgres;

namespace SettlementGrid.Server.Tests.Running;

/// <summary>Fault 9: a database on which an acknowledged settlement could be lost is not served.</summary>
[Collection(SharedPostgresTests.Name)]
public sealed class SafetyTests(SharedPostgres shared) : IDisposable
{
    private readonly DatabaseFolder _folder = new();

    private string Superuser => shared.Postgres.Instance.SuperuserConnectionString;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("fsync")]
    [InlineData("full_page_writes")]
    [InlineData("synchronous_commit")]
    public async Task Start_is_refused_while_a_safeguard_is_off(string setting)
    {
        await ChangeAsync($"ALTER SYSTEM SET {setting} = off");
        try
        {
            var refused = await Assert.ThrowsAsync<CannotStartException>(StartAsync);
            Assert.Contains($"{setting} is off", refused.Message, StringComparison.Ordinal);
            Assert.Contains($"Set {setting} = on", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            await ChangeAsync($"ALTER SYSTEM RESET {setting}");
        }

        await using var server = await StartAsync();
    }

    [Fact]
    public async Task Safeguard_that_is_off_for_the_login_alone_is_seen()
    {
        await DatabaseFolder.DoAsync(Superuser, "ALTER ROLE settlementgrid SET synchronous_commit = off");
        try
        {
            var refused = await Assert.ThrowsAsync<CannotStartException>(StartAsync);
            Assert.Contains("synchronous_commit is off", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            await DatabaseFolder.DoAsync(Superuser, "ALTER ROLE settlementgrid RESET synchronous_commit");
        }
    }

    [Fact]
    public async Task Connection_that_leads_nowhere_is_said()
    {
        var nowhere = new NpgsqlConnectionStringBuilder(shared.Postgres.ConnectionString) { Database = "absent" };
        var refused = await Assert.ThrowsAsync<CannotStartException>(
            () => ServerInProcess.StartAsync(new(_folder.Path, nowhere.ConnectionString)));
        Assert.Contains("--postgres", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(nowhere.Password!, refused.Message, StringComparison.Ordinal);
    }

    private Task<ServerInProcess> StartAsync() =>
        ServerInProcess.StartAsync(new DatabasePlace(_folder.Path, shared.Postgres.ConnectionString));

    private async Task ChangeAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(Superuser) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        foreach (var statement in new[] { sql, "SELECT pg_reload_conf()" })
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }

        // The postmaster reads its files when the signal arrives; a session of afterwards tells when it has.
        var setting = sql.Split(' ')[3];
        var expected = sql.Contains("RESET", StringComparison.Ordinal) ? "on" : "off";
        for (var tries = 0; tries < 400; tries++)
        {
            if (await DatabaseFolder.AskAsync<string>(Superuser, $"SHOW {setting}") == expected)
            {
                return;
            }

            // Nothing but asking again tells.
            await Task.Delay(25);
        }

        Assert.Fail($"{setting} did not become {expected}");
    }
}
