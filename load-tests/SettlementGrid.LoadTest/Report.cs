using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Spectre.Console;

namespace SettlementGrid.LoadTest;

/// <summary>A run in rows of name and value, for the terminal and as Markdown.</summary>
public sealed class Report
{
    readonly List<(string Name, string Value)> _rows = [];

    public Report(LoadSettings settings, LoadResult result, int audited, IReadOnlyCollection<string> differences)
    {
        var measured = settings.Measured.TotalSeconds;
        Add("in flight · connections", $"{settings.InFlight} · {settings.Connections}");
        Add("persons · seed · duplicates", $"{settings.Persons:n0} · {settings.Seed} · {settings.DuplicatePercent} %");
        Add("measured after a warm-up of", $"{measured:0.#} s · {settings.WarmUp.TotalSeconds:0.#} s");
        Add("settlements per second", $"{result.Settled / measured:n0}");
        Add("repeated calls answered equally", $"{result.Repeated:n0}");
        Add("repeated calls answered otherwise", $"{result.RepeatedOtherwise:n0}");
        Add("p50", Milliseconds(result.Latency.At(0.5)));
        Add("p99", Milliseconds(result.Latency.At(0.99)));
        Add("p99.9", Milliseconds(result.Latency.At(0.999)));
        Add("max", Milliseconds(result.Latency.Max));
        Add("not answered with a settlement", result.Refused.Count == 0
            ? "none"
            : string.Join(", ", result.Refused.Select(one => $"{one.Key} {one.Value:n0}")));
        Add("audit: found again with equal figures", $"{audited - differences.Count:n0} of {audited:n0} "
            + $"looked up, {result.Receipts.Count:n0} acknowledged");
        Add("machine", $"{Environment.ProcessorCount} processors, "
            + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription}, "
            + $".NET {Environment.Version}; generator, server and database on it");
    }

    public void Print()
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders();
        table.AddColumn("what");
        table.AddColumn("figure");
        foreach (var (name, value) in _rows)
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        AnsiConsole.Write(table);
    }

    public async Task WriteAsync(FileInfo file, DateTimeOffset at)
    {
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"# Closed loop, {at:yyyy-MM-dd HH:mm} UTC")
            .AppendLine()
            .AppendLine("| what | figure |")
            .AppendLine("| --- | --- |");
        foreach (var (name, value) in _rows)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {value} |");
        file.Directory?.Create();
        await File.WriteAllTextAsync(file.FullName, text.ToString().ReplaceLineEndings("\n"));
    }

    void Add(string name, string value) => _rows.Add((name, value));

    static string Milliseconds(long microseconds) => $"{microseconds / 1000.0:0.00} ms";
}
