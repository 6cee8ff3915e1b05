using SettlementGrid.Faults.Running;
using Spectre.Console;

namespace SettlementGrid.Faults.Reporting;

/// <summary>What is printed at the end: one line a fault, then the sum that matters.</summary>
static class FaultTable
{
    public static void Print(IReadOnlyList<(Fault Fault, Verdict Verdict)> ran, TextWriter to)
    {
        // Wide enough for every column: a pipe has no width of its own.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(to) });
        console.Profile.Width = Math.Max(console.Profile.Width, 120);
        var table = new Table().Border(TableBorder.Minimal);
        table.AddColumns(new TableColumn("fault\n故障").NoWrap(), new TableColumn("no.\n编号"));
        foreach (var figure in (string[])
        [
            "acknowledged\n已确认", "sent again\n重发", "lost\n丢失", "double\n重复", "differing\n不符",
            "longest\n最长未答", "took\n用时", "findings\n问题",
        ])
        {
            table.AddColumn(new TableColumn(figure).RightAligned());
        }
        foreach (var (fault, verdict) in ran)
        {
            table.AddRow(
                fault.Name, string.Join(' ', fault.Numbers), $"{verdict.Acknowledged}", $"{verdict.SentAgain}",
                $"{verdict.Lost}", $"{verdict.Double}", $"{verdict.Differing}",
                $"{verdict.LongestUnanswered.TotalSeconds:0.0} s", $"{verdict.Took.TotalSeconds:0.0} s",
                verdict.Skipped is null ? $"{verdict.Findings.Count}" : "skipped");
        }
        console.Write(table);
        foreach (var (fault, verdict) in ran)
        {
            if (verdict.Skipped is { } reason)
                to.WriteLine($"{fault.Name} skipped 跳过: {reason}");
            foreach (var finding in verdict.Findings)
                to.WriteLine($"{fault.Name}: {finding}");
        }
        to.WriteLine($"{ran.Sum(one => one.Verdict.Lost)} lost, {ran.Sum(one => one.Verdict.Double)} double, "
            + $"{ran.Sum(one => one.Verdict.Differing)} differing");
    }
}
