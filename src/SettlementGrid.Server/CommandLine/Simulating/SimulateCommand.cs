using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Api;
using SettlementGrid.Api.Messages;
using SettlementGrid.Enrollees;
using SettlementGrid.Enrollees.Simulating;
using SettlementGrid.Plans;
using SettlementGrid.Server.Composition;
using Command = System.CommandLine.Command;

namespace SettlementGrid.Server.CommandLine.Simulating;

/// <summary>`plan simulate`: a plan file over a past year, with the server up or down; changes nothing.</summary>
public sealed class SimulateCommand
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);

    private readonly DatabaseChoice _database = new();

    private readonly Argument<FileInfo> _file = new("FILE")
    {
        Description = "a plan file, YAML; it need not be published 计划文件",
    };

    private readonly Option<int?> _year = new("--year")
    {
        Description = "the policy year; left out: this one, or the plan's last or first where it does not hold now 年度",
    };

    private readonly Option<string?> _region = new("--region")
    {
        Description = "with the regions under it; left out: the plan's pooling region 行政区划代码",
    };

    private readonly Option<bool> _showIds = new("--show-ids") { Description = "print enrollee ids in full 显示完整编号" };

    private readonly Option<bool> _json = new("--json") { Description = "print the outcome as JSON, for programs" };

    public static Command Create()
    {
        var simulate = new SimulateCommand();
        var command = new Command(
            "simulate",
            """
            Try a plan file over a year that was settled under another version: totals, layers, who would have been paid
            more or less. Every settlement of the region is rated again with the plan in the place of the one of its
            kind; nothing is stored. 测算：按另一方案重算一年的结算
            """);
        command.Arguments.Add(simulate._file);
        command.Options.Add(simulate._year);
        command.Options.Add(simulate._region);
        command.Options.Add(simulate._showIds);
        command.Options.Add(simulate._json);
        simulate._database.AddTo(command);
        command.SetAction(simulate.RunAsync);
        return command;
    }

    /// <summary>The year in which the plan was meant to hold that lies next to today.</summary>
    public static int DefaultYear(Plan plan, DateOnly today) => Math.Max(
        plan.Effective.From?.Year ?? today.Year, Math.Min(plan.Effective.To?.Year ?? today.Year, today.Year));

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (await PlanCommand.ReadAsync(parsed.GetValue(_file)!, cancellation) is not var (plan, _))
        {
            return ExitCode.No;
        }

        var clock = TimeProvider.System;
        var year = parsed.GetValue(_year) ?? DefaultYear(plan, BeijingTime.DayOf(clock.GetUtcNow()));
        var region = parsed.GetValue(_region) ?? plan.Region;
        if ((RequestChecks.CheckYear(year) ?? RequestChecks.CheckRegion(region)) is { } malformed)
        {
            Terminal.Say($"{malformed.Code}: {malformed.MessageZh}\n{malformed.MessageEn}");
            return ExitCode.Usage;
        }

        await using var database = await Database.UseAsync(_database.In(parsed), Terminal.Say, cancellation);
        await using var engine = await Engine.StartAsync(
            database.ConnectionString, clock, NullLogger.Instance, cancellation);
        var begun = clock.GetTimestamp();
        var (outcome, refusal) = await new YearSimulation(engine.Ledger, engine.Catalogs)
            .Run(plan, year, region, new Every(ProgressEvery, clock).Report, cancellation);
        if (outcome is null)
        {
            Terminal.Say($"{refusal!.Code}: {refusal.MessageZh}\n{refusal.MessageEn}");
            return ExitCode.No;
        }

        Tell(
            parsed.GetValue(_showIds) ? outcome : Masked(outcome), parsed.GetValue(_json), clock.GetElapsedTime(begun));
        return ExitCode.Fine;
    }

    private static void Tell(SimulationOutcome outcome, bool json, TimeSpan elapsed)
    {
        if (json)
        {
            Terminal.Answer(SimulationWriting.Json(outcome));
        }
        else
        {
            foreach (var line in SimulationSummary.Of(outcome))
            {
                Terminal.Answer(line);
            }
        }

        var rate = outcome.Settlements / Math.Max(elapsed.TotalSeconds, 0.001);
        Terminal.Say($"{outcome.Settlements:N0} settlements in {elapsed.TotalSeconds:0.0} s, {rate:N0} a second");
    }

    private static SimulationOutcome Masked(SimulationOutcome outcome) => outcome with
    {
        Largest = [.. outcome.Largest.Select(p => p with { EnrolleeId = PersonMask.Mask(p.EnrolleeId) })],
    };

    // One line a second at the most; reports come one after the other.
    private sealed class Every(TimeSpan pause, TimeProvider clock)
    {
        private long _last = clock.GetTimestamp();

        public ValueTask Report(SimulationProgress progress)
        {
            if (clock.GetElapsedTime(_last) >= pause)
            {
                _last = clock.GetTimestamp();
                var percent = 100.0 * progress.EntriesRead / Math.Max(1, progress.EntriesAll);
                Terminal.Say(
                    $"{percent,3:0} %  {progress.SettlementsDone:N0} of {progress.SettlementsAll:N0} settlements");
            }

            return ValueTask.CompletedTask;
        }
    }
}
