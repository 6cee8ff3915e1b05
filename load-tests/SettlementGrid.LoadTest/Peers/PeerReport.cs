using System.Globalization;
using System.Text;
using System.Text.Json;
using SettlementGrid.LoadTest.Measuring;
using Spectre.Console;

namespace SettlementGrid.LoadTest.Peers;

/// <summary>The comparison as a table that says what each row is; for the terminal, as Markdown and as JSON.</summary>
public sealed class PeerReport
{
    static readonly string[] s_heads =
    [
        "what", "settlements/s (least–most)", "ours ÷ it", "p50 · p99 ms", "µs a call: server · db · generator",
    ];

    static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    readonly PeerSettings _settings;
    readonly IReadOnlyDictionary<Contestant, List<PeerRow>> _rows;
    readonly IReadOnlyDictionary<Contestant, string> _absent;
    readonly Machine _machine;
    readonly DateTimeOffset _at;

    public PeerReport(
        PeerSettings settings, IReadOnlyDictionary<Contestant, List<PeerRow>> rows,
        IReadOnlyDictionary<Contestant, string> absent, Machine machine, DateTimeOffset at) =>
        (_settings, _rows, _absent, _machine, _at) = (settings, rows, absent, machine, at);

    public void Print()
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var head in s_heads)
            table.AddColumn(head);
        foreach (var one in _settings.Contestants)
            table.AddRow([.. Cells(one).Select(Markup.Escape)]);
        AnsiConsole.Write(table);
        foreach (var line in Below())
            AnsiConsole.WriteLine(line);
    }

    public async Task WriteAsync(FileInfo? markdown, FileInfo? json)
    {
        if (markdown is not null)
        {
            markdown.Directory?.Create();
            await File.WriteAllTextAsync(markdown.FullName, Markdown());
        }
        if (json is not null)
        {
            json.Directory?.Create();
            await File.WriteAllTextAsync(json.FullName, Json() + "\n");
        }
    }

    string Markdown()
    {
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"# Beside peers, {_at:yyyy-MM-dd HH:mm} UTC")
            .AppendLine()
            .AppendLine("| " + string.Join(" | ", s_heads) + " |")
            .AppendLine("|" + string.Concat(Enumerable.Repeat(" --- |", s_heads.Length)));
        foreach (var one in _settings.Contestants)
            text.AppendLine("| " + string.Join(" | ", Cells(one)) + " |");
        text.AppendLine();
        foreach (var line in Below())
            text.AppendLine(CultureInfo.InvariantCulture, $"- {line}");
        return text.ToString().ReplaceLineEndings("\n");
    }

    string Json() => JsonSerializer.Serialize(
        new
        {
            title = "Beside peers",
            at = _at,
            rounds = _settings.Rounds,
            seconds = _settings.Load.Measured.TotalSeconds,
            contestants = _settings.Contestants.ToDictionary(one => $"{one}", one => new
            {
                what = Contestants.Names(one).English,
                absent = _absent.GetValueOrDefault(one),
                median = Median(one, row => row.PerSecond),
                ratio = Ratio(one),
                rounds = _rows[one],
            }),
            machine = _machine,
        },
        s_indented);

    string[] Cells(Contestant one)
    {
        var name = Contestants.Names(one).Short;
        if (_rows[one].Count == 0)
            return [name, _absent.GetValueOrDefault(one, "not measured"), "", "", ""];
        var rows = _rows[one];
        var remark = rows.Find(row => row.PerSecond == rows.Max(other => other.PerSecond))!.Remark;
        return
        [
            name,
            $"{Median(one, row => row.PerSecond):n0} "
                + $"({rows.Min(row => row.PerSecond):n0}–{rows.Max(row => row.PerSecond):n0})"
                + (remark.Length > 0 ? $", {remark}" : ""),
            one == _settings.Contestants[0] ? "1" : $"{Ratio(one):0.00}",
            Median(one, row => row.P50) is { } p50 ? $"{p50:0.0} · {Median(one, row => row.P99):0.0}" : "–",
            $"{Figure(row => row.Server)} · {Figure(row => row.Database)} · {Figure(row => row.Generator)}",
        ];

        string Figure(Func<PeerRow, double?> of) => Median(one, of) is { } figure ? $"{figure:0}" : "–";
    }

    IEnumerable<string> Below()
    {
        foreach (var (shortly, english, chinese) in _settings.Contestants.Select(Contestants.Names))
            yield return $"{shortly}: {english}. {chinese}。";
        yield return $"Medians of {_settings.Rounds} rounds in alternating order, each on fresh data: "
            + $"{_settings.Load.Measured.TotalSeconds:0.#} s after {_settings.Load.WarmUp.TotalSeconds:0.#} s of the "
            + $"same load, {_settings.Load.InFlight} calls in flight over {_settings.Load.Connections} connections, "
            + $"{_settings.Load.Persons:n0} persons, {_settings.Load.DuplicatePercent} % repeated calls"
            + (Has(Contestant.StoredFunction) ? $"; (a) has {_settings.DatabaseConnections} connections" : "")
            + (Has(Contestant.Batches) ? $"; (d) writes {_settings.BatchRows:n0} rows" : "") + ". "
            + "\"ours ÷ it\" is the median of the rounds' ratios. "
            + "每项取各轮中位数，轮次交替顺序。";
        yield return $"Before each measurement {_settings.Compared} bills were settled, and every answer was equal to "
            + "ours in every field but time, position and hash. 金额逐笔一致方予比较。";
        yield return "Every settlement that was acknowledged was found again afterwards, one by one, and ours and silos' "
            + "ledgers were verified besides; (a)'s were held against its tables by number and sums.";
        yield return $"{_machine.InWords}; commit {(_machine.Commit.Length > 0 ? _machine.Commit : "unknown")}.";
    }

    bool Has(Contestant one) => _settings.Contestants.Contains(one);

    /// <summary>Of the rounds' own ratios: each compares what was measured within a minute or two.</summary>
    double? Ratio(Contestant one)
    {
        var ours = _rows[_settings.Contestants[0]];
        return Middle(ours.Zip(_rows[one], (a, b) => (double?)(a.PerSecond / b.PerSecond)));
    }

    double? Median(Contestant one, Func<PeerRow, double?> of) => Middle(_rows[one].Select(of));

    static double? Middle(IEnumerable<double?> figures)
    {
        var sorted = figures.OfType<double>().Order().ToList();
        return sorted.Count == 0 ? null
            : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
