using System.Diagnostics;
using System.Globalization;
using SettlementGrid.Faults.Running;

namespace SettlementGrid.Faults.Reporting;

/// <summary>The faults that were asked for, one after the other, with progress for whoever watches.</summary>
static class Sitting
{
    /// <summary>True: nothing was found.</summary>
    public static async Task<bool> RunAsync(
        IReadOnlyList<Fault> faults, int seed, TimeSpan lasts, double? minutes)
    {
        var since = Stopwatch.GetTimestamp();
        void Say(string line) => Console.Error.WriteLine($"{Stopwatch.GetElapsedTime(since):hh\\:mm\\:ss}  {line}");
        string Again(string name) => $"./grid faults --only {name} --seed {seed}"
            + (minutes is { } given ? string.Create(CultureInfo.InvariantCulture, $" --minutes {given}") : "");
        Console.Error.WriteLine($"seed 种子 {seed}");
        var ran = new List<(Fault, Verdict)>();
        await using (var runner = new FaultRunner())
        {
            foreach (var fault in faults)
            {
                Say($"{fault.Name} ({ran.Count + 1} of {faults.Count}): {fault.What} {fault.WhatChinese}");
                var verdict = await runner.RunAsync(fault, seed, lasts, line => Say($"  {line}"));
                Say(verdict.Skipped is { } reason ? $"  skipped 跳过: {reason}"
                    : verdict.IsClean ? $"  well 正常, {verdict.Took.TotalSeconds:0.0} s"
                    : $"  {verdict.Findings.Count} findings 发现问题; again: {Again(fault.Name)}");
                ran.Add((fault, verdict));
            }
        }
        FaultTable.Print(ran, Console.Out);
        Console.WriteLine($"again 重复: {Again(string.Join(',', faults.Select(fault => fault.Name)))}");
        return ran.All(one => one.Item2.IsClean);
    }
}
