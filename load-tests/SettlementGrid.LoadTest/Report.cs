using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SettlementGrid.LoadTest.Measuring;
using Spectre.Console;

namespace SettlementGrid.LoadTest;

/// <summary>A run in rows of name and value, for the terminal, as Markdown and as JSON.</summary>
public sealed class Report
{
    static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    readonly List<(string Name, string Value, object? Figure)> _rows = [];
    readonly string _title;

    public Report(
        LoadSettings settings, LoadResult result, long found, bool verified, ServerFigures? cost, int waited)
    {
        _title = settings.IsOpen ? "Open loop" : "Closed loop";
        var measured = settings.Measured.TotalSeconds;
        if (settings.IsOpen)
            Add("arrivals per second", $"{settings.Rate:n0}{(settings.Day ? " at the peak of a hospital day" : ", Poisson")}",
                settings.Rate);
        Add("in flight · connections", $"{settings.InFlight} · {settings.Connections}", settings.InFlight);
        Add("persons · seed", $"{settings.Persons:n0} · {settings.Seed}", settings.Persons);
        Add("repeats · previews · reversals",
            $"{settings.DuplicatePercent} · {settings.PreviewPercent} · {settings.ReversalPercent} %", null);
        Add("measured after a warm-up of", $"{measured:0.#} s · {settings.WarmUp.TotalSeconds:0.#} s", measured);
        Add("settlements per second", $"{result.Settled / measured:n0}", result.Settled / measured);
        Add("calls per second, of every kind", $"{result.Calls / measured:n0}", result.Calls / measured);
        Add("p50", result.Latency.At(0.5));
        Add("p90", result.Latency.At(0.9));
        Add("p99", result.Latency.At(0.99));
        Add("p99.9", result.Latency.At(0.999));
        Add("max", result.Latency.Max);
        if (settings.IsOpen)
            Add("waited here for a free caller, at most", $"{waited:n0}", waited);
        Add("repeated calls answered equally", $"{result.Repeated:n0}", result.Repeated);
        if (settings.PreviewPercent > 0)
            Add("previewed again, the account had moved", $"{result.Moved:n0}", result.Moved);
        Add("not answered with a settlement", result.Refused.Count == 0
            ? "none"
            : string.Join(", ", result.Refused.Select(one => $"{one.Key} {one.Value:n0}")), result.Refused);
        if (cost is not null)
            AddCost(cost, measured, result.Calls);
        Add("audit", $"all {found:n0} acknowledged facts found with equal figures, sums equal"
            + (verified ? ", ledger verified" : ""), found);
        Add("machine", $"{Environment.ProcessorCount} processors, "
            + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription}, "
            + $".NET {Environment.Version}; generator, server and database on it", Environment.ProcessorCount);
        Add("version", ThisAssemblyVersion(), ThisAssemblyVersion());
    }

    public void Print()
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders();
        table.AddColumn("what");
        table.AddColumn("figure");
        foreach (var (name, value, _) in _rows)
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        AnsiConsole.Write(table);
    }

    public Task WriteMarkdownAsync(FileInfo file, DateTimeOffset at)
    {
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"# {_title}, {at:yyyy-MM-dd HH:mm} UTC")
            .AppendLine()
            .AppendLine("| what | figure |")
            .AppendLine("| --- | --- |");
        foreach (var (name, value, _) in _rows)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {value} |");
        file.Directory?.Create();
        return File.WriteAllTextAsync(file.FullName, text.ToString().ReplaceLineEndings("\n"));
    }

    public Task WriteJsonAsync(FileInfo file, DateTimeOffset at)
    {
        var figures = _rows.Where(row => row.Figure is not null).ToDictionary(row => row.Name, row => row.Figure);
        file.Directory?.Create();
        return File.WriteAllTextAsync(
            file.FullName, JsonSerializer.Serialize(new { title = _title, at, figures }, s_indented) + "\n");
    }

    void AddCost(ServerFigures cost, double measured, long calls)
    {
        Add("processor seconds: server · database · generator",
            $"{cost.Server:0.0} · {cost.Database:0.0} · {cost.Generator:0.0} of {measured * Environment.ProcessorCount:0.0}",
            new[] { cost.Server, cost.Database, cost.Generator });
        Add("µs a call: server · database · generator",
            $"{PerCall(cost.Server):0} · {PerCall(cost.Database):0} · {PerCall(cost.Generator):0}", PerCall(cost.Server));
        Add("rows a commit", $"{cost.Rows / Math.Max(1, cost.Commits):0.0}", cost.Rows / Math.Max(1, cost.Commits));
        Add("write-ahead log a row", $"{cost.WalBytes / Math.Max(1, cost.Rows):0} bytes", cost.WalBytes / Math.Max(1, cost.Rows));
        Add("server stopped by its garbage collector",
            $"{cost.GcPauses * 1_000:0} ms in {cost.Collections:0} collections", cost.GcPauses);
        Add("allocated by the server a call", $"{cost.AllocatedBytes / Math.Max(1, calls) / 1024:0.0} KiB",
            cost.AllocatedBytes / Math.Max(1, calls));
        Add("server's resident memory", $"{cost.ResidentBytes >> 20} MiB", cost.ResidentBytes);

        double PerCall(double seconds) => seconds * 1_000_000 / Math.Max(1, calls);
    }

    void Add(string name, string value, object? figure) => _rows.Add((name, value, figure));

    void Add(string name, long microseconds) => Add(name, $"{microseconds / 1000.0:0.00} ms", microseconds / 1000.0);

    static string ThisAssemblyVersion() =>
        System.Reflection.CustomAttributeExtensions
            .GetCustomAttribute<System.Reflection.AssemblyInformationalVersionAttribute>(typeof(Report).Assembly)
            ?.InformationalVersion ?? "";
}
