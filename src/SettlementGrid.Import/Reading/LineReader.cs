namespace SettlementGrid.Import.Reading;

/// <summary>
/// Lines of a text one by one, without their line break (LF or CRLF), in a buffer of fixed size whatever the file
/// holds. Not thread-safe; a line is valid until the next is read.
/// </summary>
sealed class LineReader(TextReader text)
{
    readonly char[] _buffer = new char[2 * Limits.LineCharsMax];
    int _start;
    int _end;
    bool _atEnd;

    /// <summary>Of the line read last; the first is 1.</summary>
    public long Number { get; private set; }

    /// <summary>
    /// The line read last was longer than <see cref="Limits.LineCharsMax"/>; only its beginning was given.
    /// </summary>
    public bool WasTooLong { get; private set; }

    public bool TryRead(out ReadOnlySpan<char> line)
    {
        WasTooLong = false;
        var length = NextBreak();
        if (length < 0 && _end == _start)
        {
            line = default;
            return false;
        }
        Number++;
        if (length >= 0)
        {
            line = WithoutReturn(_buffer.AsSpan(_start, length));
            _start += length + 1;
        }
        else if (_atEnd)
        {
            line = WithoutReturn(_buffer.AsSpan(_start, _end - _start));
            _start = _end;
        }
        else
        {
            // Copied, because skipping the rest of the line reads over the buffer.
            line = _buffer.AsSpan(_start, Limits.LineCharsMax).ToArray();
            SkipLine();
            WasTooLong = true;
            return true;
        }
        if (line.Length > Limits.LineCharsMax)
        {
            WasTooLong = true;
            line = line[..Limits.LineCharsMax];
        }
        return true;
    }

    /// <summary>
    /// Where the line breaks, from its start; −1: not within what the buffer can hold, or the text ends.
    /// </summary>
    int NextBreak()
    {
        var searched = _start;
        while (true)
        {
            var found = _buffer.AsSpan(searched, _end - searched).IndexOf('\n');
            if (found >= 0)
                return searched + found - _start;
            searched = _end;
            if (_atEnd || _start == 0 && _end == _buffer.Length)
                return -1;
            if (_end == _buffer.Length)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (searched, _end, _start) = (searched - _start, _end - _start, 0);
            }
            Fill();
        }
    }

    void SkipLine()
    {
        while (true)
        {
            var found = _buffer.AsSpan(_start, _end - _start).IndexOf('\n');
            if (found >= 0)
            {
                _start += found + 1;
                return;
            }
            _start = _end = 0;
            if (_atEnd)
                return;
            Fill();
        }
    }

    void Fill()
    {
        var count = text.Read(_buffer.AsSpan(_end));
        _atEnd = count == 0;
        _end += count;
    }

    static ReadOnlySpan<char> WithoutReturn(ReadOnlySpan<char> line) => line is [.., '\r'] ? line[..^1] : line;
}
