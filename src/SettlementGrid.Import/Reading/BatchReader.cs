using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Reading;

/// <summary>
/// Cuts the file into batches, in bounded memory whatever its size. Lines up to a line reached before are judged (so
/// that a second row of a person is found) but given in no batch. Not thread-safe.
/// </summary>
sealed class BatchReader : IDisposable
{
    // A row is hardly shorter; only sizes a table that grows.
    const int RowBytesTypical = 60;

    readonly StreamReader _text;
    readonly LineReader _lines;
    readonly FirstLines _firstLines;
    readonly RowReader _rows;
    readonly long _reached;

    BatchReader(StreamReader text, LineReader lines, RowReader rows, long length, long reached)
    {
        (_text, _lines, _rows, _reached) = (text, lines, rows, reached);
        _firstLines = new FirstLines(length / RowBytesTypical);
    }

    /// <param name="reached">Rows up to this line are in the ledger already.</param>
    public static (BatchReader? Reader, Refusal? Refusal) Open(SourceFile file, CatalogSource catalogs, long reached)
    {
        var text = file.Open();
        var lines = new LineReader(text);
        lines.TryRead(out var header);
        var (columns, refusal) = Columns.Of(header);
        if (columns is not null)
            return (new BatchReader(text, lines, RowReader.Of(columns, catalogs), file.Length, reached), null);
        text.Dispose();
        return (null, refusal);
    }

    /// <summary>The next lines; null at the end of the file.</summary>
    public Batch? Next()
    {
        var batch = new Batch();
        while (!batch.IsFull && _lines.TryRead(out var line))
        {
            batch.LastLine = _lines.Number;
            if (line.IsWhiteSpace())
                continue;
            var isDone = _lines.Number <= _reached;
            if (Judge(line, isDone ? null : batch) is { } refusal && !isDone)
                batch.Rejects.Add(new Reject(_lines.Number, refusal, line.ToString()));
        }
        batch.BytesRead = _text.BaseStream.Position;
        return batch.LastLine > 0 ? batch : null;
    }

    public void Dispose() => _text.Dispose();

    /// <param name="batch">Null: the row is only judged.</param>
    Refusal? Judge(ReadOnlySpan<char> line, Batch? batch)
    {
        if (_lines.WasTooLong)
            return Broken(
                $"行超过 {Limits.LineCharsMax} 个字符（所列原文不全）",
                $"The line has more than {Limits.LineCharsMax} characters (the original given is cut)");
        Span<Range> ranges = stackalloc Range[_rows.ColumnCount + 1];
        var row = CsvLine.Of(line, ranges);
        if (row.IsBroken)
            return Broken("引号不成对或位置不对", "Quotes are not closed or out of place");
        if (row.Count != _rows.ColumnCount)
            return Broken($"应有 {_rows.ColumnCount} 列", $"The row must have {_rows.ColumnCount} fields");
        // A row that does not hold takes no key: a corrected row may follow it.
        if (_rows.Read(row) is { } refusal)
            return refusal;
        if (_firstLines.IsFull)
            return Broken($"文件超过 {Limits.RowsMax} 行，请拆分", $"The file has more than {Limits.RowsMax} rows; split it");
        var first = _rows.Key(row, _firstLines).Take(_lines.Number);
        if (first > 0)
            return Broken($"与第 {first} 行重复（以第 {first} 行为准）", $"Stands twice; line {first} counts");
        if (batch is not null)
            _rows.AddTo(batch, _lines.Number, line);
        return null;
    }

    static Refusal Broken(string zh, string en) => new(RefusalReason.MalformedRequest, zh, en);
}
