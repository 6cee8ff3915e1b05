using System.CommandLine;
using System.Diagnostics;
using Npgsql;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>`psql`: PostgreSQL's own client on the ledger, with the server up or down.</summary>
public sealed class PsqlCommand
{
    private readonly DatabaseChoice _database = new();

    private readonly Option<bool> _superuser = new("--superuser")
    {
        Description = "as the embedded database's superuser 以超级用户身份",
    };

    private readonly Argument<string[]> _rest = new("arguments")
    {
        Description = "given to psql as they are, after -- (such as -- -c 'SELECT 1')",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        var psql = new PsqlCommand();
        var command = new Command("psql", "Open PostgreSQL's client on the ledger. 打开数据库客户端");
        psql._database.AddTo(command);
        command.Options.Add(psql._superuser);
        command.Arguments.Add(psql._rest);
        command.SetAction((parsed, cancellation) => RunAsync(
            psql._database.In(parsed),
            parsed.GetValue(psql._superuser),
            parsed.GetValue(psql._rest) ?? [],
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        DatabasePlace place, bool superuser, string[] arguments, CancellationToken cancellation)
    {
        await using var database = await Database.UseAsync(place, Terminal.Say, cancellation);
        var program = database.Embedded is { } embedded ? embedded.Binaries.Psql : ChildProgram.Find("psql");
        if (program is null)
        {
            throw new CannotStartException(
                "psql is not installed (npm's PostgreSQL brings none). Debian: apt-get install postgresql-client. "
                + $"The connection is in {Path.Combine(place.Directory, "connection")}.");
        }

        var start = new ProcessStartInfo(program) { UseShellExecute = false };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // By environment, not by argument: the password must not show in the process list.
        var connection = new NpgsqlConnectionStringBuilder(
            superuser && database.Embedded is { } own ? own.SuperuserConnectionString : database.ConnectionString);
        start.Environment["PGHOST"] = connection.Host;
        start.Environment["PGPORT"] = $"{connection.Port}";
        start.Environment["PGUSER"] = connection.Username;
        start.Environment["PGPASSWORD"] = connection.Password;
        start.Environment["PGDATABASE"] = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
        using var process = Process.Start(start)!;

        // Ctrl-C belongs to psql (it cancels the statement); this program ends when psql does.
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
