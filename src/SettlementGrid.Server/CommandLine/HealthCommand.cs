using System.CommandLine;

namespace SettlementGrid.Server.CommandLine;

/// <summary>
/// `health`: whether the server on this machine settles, as an exit status and nothing else. For containers and load
/// balancers that ask every few seconds, in images that hold no curl; a person asks `status`.
/// </summary>
public sealed class HealthCommand
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(3);

    private readonly ServerAsked _server = new();

    public static Command Create()
    {
        var health = new HealthCommand();
        var command = new Command("health", "Exit status 0 if the server on this machine is ready, 1 if not. 健康检查");
        health._server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (ready, _) = await ServerAsked.AskAsync(health._server.In(parsed), AnswerMax, cancellation);
            return ready ? ExitCode.Fine : ExitCode.No;
        });
        return command;
    }
}
