using System.CommandLine;
using SettlementGrid.Simulation.Broken;
using SettlementGrid.Simulation.World;

namespace SettlementGrid.Simulation.Running;

/// <summary>`./grid simulate`: many seeds, or one with its history.</summary>
sealed class SimulateCommand(TimeProvider clock, TextWriter answers, TextWriter progress)
{
    const int SeedsUsual = 1_000;
    const int Clean = 0;
    const int Broken = 1;
    const int Misused = 2;
    static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(2);

    readonly Option<int> _seeds = new("--seeds")
    {
        Description = "how many seeds are run 种子数",
        HelpName = "N",
        DefaultValueFactory = _ => SeedsUsual,
    };

    readonly Option<int> _from = new("--from")
    {
        Description = "the first of them 起始种子",
        HelpName = "SEED",
        DefaultValueFactory = _ => 1,
    };

    readonly Option<int?> _seed = new("--seed")
    {
        Description = "this seed alone, with all of its history 只运行一个种子并显示全过程",
        HelpName = "N",
    };

    readonly Option<string?> _broken = new("--broken")
    {
        Description = "a build with an error in it, which must be found 运行带有已知错误的版本",
        HelpName = "NAME",
    };

    readonly Option<int> _threads = new("--threads")
    {
        Description = "seeds at a time, one a processor 并行数",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public RootCommand Create()
    {
        var root = new RootCommand(
            $"""
            Accounts, mailboxes and group commit of two servers as they ship, over a database of its own, on one thread
            in virtual time, all from one seed: replies are lost, requests come late, servers crash and stop, the
            database refuses, hangs and restarts, clocks jump, plans and rosters change under way. After each seed the
            invariants I1 to I7 and I10 are checked and every amount is computed again. A failing seed fails again the
            same way. Exit status 1 if anything is found, also with --broken.
            单线程、虚拟时间、由一个种子决定全过程：丢回执、延迟、故障、崩溃重启、双机并行；每个种子结束后核对全部不变式并
            重算每笔金额。失败的种子可原样重放。发现问题时退出状态为 1。

              ./grid simulate                                  {SeedsUsual:N0} seeds 常规
              ./grid simulate --seeds 10000                    ten thousand 一万个种子
              ./grid simulate --seed 17                        one, with its history 重放并显示全过程
              ./grid simulate --broken unsorted-batch          is it found? 检验能否发现错误

            Broken builds 带有已知错误的版本:
            {string.Join('\n', Build.Broken.Select(b => $"  {b.Name,-28} {b.En} {b.Zh}"))}
            """);
        foreach (var option in new Option[] { _seeds, _from, _seed, _broken, _threads })
            root.Options.Add(option);
        root.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
        return root;
    }

    int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetValue(_broken);
        if ((name is null ? Build.Real : Build.Named(name)) is not { } build)
        {
            progress.WriteLine($"There is no build {name}; --help names them. 没有该版本");
            return Misused;
        }
        var (seeds, threads) = (parsed.GetValue(_seeds), parsed.GetValue(_threads));
        if (seeds < 1 || threads < 1)
        {
            progress.WriteLine("--seeds and --threads are at least 1. 至少为 1");
            return Misused;
        }
        return parsed.GetValue(_seed) is { } seed
            ? One(build, seed)
            : Many(new Sweep(build, parsed.GetValue(_from), seeds, threads), build, seeds, cancellation);
    }

    int One(Build build, int seed)
    {
        try
        {
            var run = SimulatedRun.Of(seed, build, answers.WriteLine);
            answers.WriteLine(
                $"seed {seed} is clean: {run.Attempts:N0} calls, {run.Head.Position:N0} entries in "
                + $"{run.Head.CommitNumber:N0} commits, {run.Steps:N0} steps 未发现问题");
            return Clean;
        }
        catch (Exception fault)
        {
            answers.WriteLine(new Finding(seed, fault));
            return Broken;
        }
    }

    int Many(Sweep sweep, Build build, int seeds, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        using (clock.CreateTimer(
            _ => progress.WriteLine(
                $"{sweep.Done:N0} of {seeds:N0} seeds, {PerMinute(sweep, start):N0} a minute"),
            null, ProgressEvery, ProgressEvery))
            sweep.Run(cancellation);
        answers.WriteLine(new SweepReport(sweep, build, clock.GetElapsedTime(start)).Text);
        if (sweep.Found is not { } found)
            return Clean;
        foreach (var line in SweepReport.LastLines(found.Seed, build))
            answers.WriteLine(line);
        answers.WriteLine(found);
        answers.WriteLine("Replay it, with all of its history 重放: " + SweepReport.Replay(found.Seed, build));
        return Broken;
    }

    double PerMinute(Sweep sweep, long start) => sweep.Done / clock.GetElapsedTime(start).TotalMinutes;
}
