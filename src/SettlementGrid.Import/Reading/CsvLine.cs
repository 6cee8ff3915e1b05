using CsvHelper;

namespace SettlementGrid.Import.Reading;

/// <summary>
/// One line as fields. A line is a record: no field of ours may hold a line break, so a quote that is never closed
/// costs its own line and not the rest of the file. Lines without quotes (nearly all) are cut at the commas in place;
/// the others go through CsvHelper's parser.
/// </summary>
readonly ref struct CsvLine
{
    static readonly CsvReaderOptions OneLine = new()
    {
        HasHeader = false,
        MalformedData = CsvMalformedDataHandling.Skip,
        FieldCountMismatch = CsvFieldCountHandling.Allow,
    };

    readonly ReadOnlySpan<char> _line;
    readonly ReadOnlySpan<Range> _ranges;
    readonly string[]? _quoted;

    CsvLine(ReadOnlySpan<char> line, ReadOnlySpan<Range> ranges, string[]? quoted, bool isBroken)
    {
        _line = line;
        _ranges = ranges;
        _quoted = quoted;
        IsBroken = isBroken;
        Count = quoted?.Length ?? ranges.Length;
    }

    public int Count { get; }

    /// <summary>Quotes stand where they must not, or are not closed.</summary>
    public bool IsBroken { get; }

    public ReadOnlySpan<char> this[int index] => _quoted is null ? _line[_ranges[index]] : _quoted[index];

    /// <param name="ranges">
    /// Room for one field more than the row should have: a row with more fields shows by its count.
    /// </param>
    public static CsvLine Of(ReadOnlySpan<char> line, Span<Range> ranges)
    {
        if (line.Contains('"'))
        {
            var fields = Parse(line.ToString());
            return new CsvLine(line, default, fields ?? [], fields is null);
        }
        var count = line.Split(ranges, ',');
        return new CsvLine(line, ranges[..count], null, false);
    }

    static string[]? Parse(string line)
    {
        using var reader = CsvReader.FromText(line, OneLine);
        if (!reader.Read())
            return null;
        var fields = new string[reader.FieldCount];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = reader.GetString(i);
        return fields;
    }
}
