using System.CommandLine;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Auditing;
using SettlementGrid.Server.FundsView;

namespace SettlementGrid.Server.CommandLine;

/// <summary>
/// Every command there is, one row each. A new one is a file beside this with a Create(), and a row here.
/// </summary>
public static class CommandTree
{
    private static readonly Func<Command>[] Rows =
    [
        RunCommand.Create,
        ImportCommand.Create,
        VerifyCommand.Create,
        PlanCommand.Create,
        KeyCommand.Create,
        AuditCommand.Create,
        FundsCommand.Create,
        StatusCommand.Create,
        HealthCommand.Create,
        PsqlCommand.Create,
    ];

    public static RootCommand Create()
    {
        var root = new RootCommand(
            "SettlementGrid settles supplementary medical insurance at discharge. 补充医保出院即时结算");
        foreach (var row in Rows)
        {
            root.Subcommands.Add(row());
        }

        return root;
    }

    /// <summary>Parses and runs; the exit status is one of <see cref="ExitCode"/>.</summary>
    public static Task<int> RunAsync(string[] arguments) => RunAsync(Create(), arguments);

    /// <summary>The same with the commands of another program.</summary>
    public static async Task<int> RunAsync(RootCommand commands, string[] arguments)
    {
        var parsed = commands.Parse(arguments);
        var configuration = new InvocationConfiguration
        {
            // Ours says what to do instead of showing a stack.
            EnableDefaultExceptionHandler = false,

            // SIGTERM and Ctrl-C cancel the command, which then stops in its order and has this long for it.
            ProcessTerminationTimeout = ServerLimits.StopMax,
        };
        try
        {
            var status = await parsed.InvokeAsync(configuration);
            return parsed.Errors.Count > 0 ? ExitCode.Usage : status;
        }
        catch (Exception cannot) when (cannot is CannotStartException or PostgresUnavailableException)
        {
            Terminal.Say(cannot.Message);
            return ExitCode.CannotStart;
        }
        catch (OperationCanceledException)
        {
            Terminal.Say("interrupted");
            return ExitCode.No;
        }
    }
}
