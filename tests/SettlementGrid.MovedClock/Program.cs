using System.CommandLine;
using SettlementGrid.MovedClock;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;

// `run` as the server has it, under a clock that can be moved; all other commands are the server's own.
var clockFile = new Option<string>("--clock-file") { Description = "says what the clock shows", Required = true };
var options = new RunCommand();
var run = new Command("run", "The server under a clock that a file moves.") { clockFile };
options.AddTo(run);
run.SetAction(async (parsed, cancellation) =>
{
    var settings = options.In(parsed);
    using var clock = new MovedClock(
        parsed.GetValue(clockFile)!, text => Terminal.Answer($"The clock shows {text}."));
    await ServerRun.RunAsync(settings, clock, front => RunCommand.Announce(front, settings), cancellation);
    return ExitCode.Fine;
});
var commands = CommandTree.Create();
commands.Subcommands.Remove(commands.Subcommands.Single(command => command.Name == run.Name));
commands.Subcommands.Add(run);
return await CommandTree.RunAsync(commands, args);
