using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace SettlementGrid.LoadTest.Reporting;

/// <summary>
/// What is told of audited figures: rows of name and value, then tables; for the terminal, as Markdown and as JSON.
/// </summary>
public sealed class Report(string title)
{
    static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    readonly List<(string Name, string Value, object? Figure)> _rows = [];
    readonly List<(string Heading, string[] Columns, IReadOnlyList<string[]> Lines, object? Figures)> _tables = [];
    readonly List<string> _notes = [];

    /// <param name="figure">The value for programs; null: it says nothing that the others do not.</param>
    public void Add(string name, string value, object? figure) => _rows.Add((name, value, figure));

    public void AddMilliseconds(string name, long microseconds) =>
        Add(name, $"{microseconds / 1000.0:0.00} ms", microseconds / 1000.0);

    public void AddTable(string heading, string[] columns, IReadOnlyList<string[]> lines, object? figures) =>
        _tables.Add((heading, columns, lines, figures));

    /// <summary>A paragraph under the tables.</summary>
    public void AddNote(string note) => _notes.Add(note);

    /// <summary>Prints, and writes the files that the settings name.</summary>
    public async Task PublishAsync(LoadSettings settings, DateTimeOffset at)
    {
        Print();
        if (settings.Report is { } markdown)
            await WriteAsync(markdown, Markdown(at));
        if (settings.Json is { } json)
            await WriteAsync(json, JsonSerializer.Serialize(Figures(at), s_indented) + "\n");
    }

    public void Print()
    {
        if (_rows.Count > 0)
            Print(title, ["what", "figure"], _rows.Select(row => new[] { row.Name, row.Value }), showColumns: false);
        foreach (var (heading, columns, lines, _) in _tables)
            Print(heading, columns, lines, showColumns: true);
        foreach (var note in _notes)
            AnsiConsole.WriteLine(note);
    }

    public string Markdown(DateTimeOffset at)
    {
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"# {title}, {at:yyyy-MM-dd HH:mm} UTC");
        if (_rows.Count > 0)
            AppendTable(text, ["what", "figure"], _rows.Select(row => new[] { row.Name, row.Value }));
        foreach (var (heading, columns, lines, _) in _tables)
        {
            text.AppendLine().Append("## ").AppendLine(heading);
            AppendTable(text, columns, lines);
        }
        foreach (var note in _notes)
            text.AppendLine().AppendLine(note);
        return text.ToString().ReplaceLineEndings("\n");
    }

    static void Print(string heading, string[] columns, IEnumerable<string[]> lines, bool showColumns)
    {
        var table = new Table { Title = new TableTitle(Markup.Escape(heading)) }.Border(TableBorder.Rounded);
        foreach (var column in columns)
            table.AddColumn(Markup.Escape(column));
        if (!showColumns)
            table.HideHeaders();
        foreach (var line in lines)
            table.AddRow([.. line.Select(Markup.Escape)]);
        AnsiConsole.Write(table);
    }

    static void AppendTable(StringBuilder text, string[] columns, IEnumerable<string[]> lines)
    {
        text.AppendLine()
            .Append("| ").AppendJoin(" | ", columns).AppendLine(" |")
            .Append('|').Insert(text.Length, " --- |", columns.Length).AppendLine();
        foreach (var line in lines)
            text.Append("| ").AppendJoin(" | ", line.Select(one => one.ReplaceLineEndings("<br>"))).AppendLine(" |");
    }

    object Figures(DateTimeOffset at) => new
    {
        title,
        at,
        figures = _rows.Where(row => row.Figure is not null).ToDictionary(row => row.Name, row => row.Figure),
        tables = _tables.Where(table => table.Figures is not null)
            .ToDictionary(table => table.Heading, table => table.Figures),
    };

    static Task WriteAsync(FileInfo file, string text)
    {
        file.Directory?.Create();
        return File.WriteAllTextAsync(file.FullName, text);
    }
}
