using System.Buffers.Binary;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Reading;

/// <summary>
/// Takes PostgreSQL's binary COPY of (position, body) apart into runs. Each run keeps the buffer it was read into; only
/// the row that a buffer's end cuts in two is copied. Not thread-safe.
/// </summary>
/// <param name="first">That the first row must have; every next one the next.</param>
sealed class CopiedRows(Stream copy, long first)
{
    /// <summary>Field count, length and value of the position, length of the body.</summary>
    const int RowHeader = 2 + 4 + 8 + 4;

    /// <summary>Signature, flags, length of an extension, which PostgreSQL leaves out.</summary>
    static readonly byte[] Header =
    [
        (byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xff, (byte)'\r', (byte)'\n', 0,
        0, 0, 0, 0, 0, 0, 0, 0,
    ];

    long _position = first;
    byte[] _buffer = GC.AllocateUninitializedArray<byte>(LedgerLimits.CopyBufferBytes);
    List<Range> _bodies = [];
    int _filled;
    int _taken;
    bool _begun;
    bool _ended;

    /// <summary>The next run; null: the rows are over.</summary>
    public async ValueTask<BodyRun?> Next(CancellationToken cancellation)
    {
        while (!_ended)
        {
            var needed = TakeRows();
            if (_ended)
                break;
            if (_taken + needed <= _buffer.Length)
                _filled += await Read(cancellation);
            else if (_bodies.Count > 0)
                return Cut(needed);
            else
                Move(needed);
        }
        return _bodies.Count > 0 ? Cut(0) : null;
    }

    async ValueTask<int> Read(CancellationToken cancellation)
    {
        var read = await copy.ReadAsync(_buffer.AsMemory(_filled), cancellation);
        return read > 0 ? read : throw new InvalidDataException("The copy of the ledger ends before its end.");
    }

    /// <summary>
    /// Takes the whole rows there are; gives how many bytes the next thing has, as far as it is known.
    /// </summary>
    int TakeRows()
    {
        if (!_begun)
        {
            if (_filled < Header.Length)
                return Header.Length;
            if (!_buffer.AsSpan(0, Header.Length).SequenceEqual(Header))
                throw new InvalidDataException("PostgreSQL sent a copy of another format.");
            (_begun, _taken) = (true, Header.Length);
        }
        while (true)
        {
            var left = _buffer.AsSpan(_taken, _filled - _taken);
            if (left.Length < 2)
                return RowHeader;
            if (BinaryPrimitives.ReadInt16BigEndian(left) < 0)
            {
                _ended = true;
                return 0;
            }
            if (left.Length < RowHeader)
                return RowHeader;
            var row = RowHeader + BinaryPrimitives.ReadInt32BigEndian(left[14..]);
            if (left.Length < row)
                return row;
            if (BinaryPrimitives.ReadInt64BigEndian(left[6..]) is var found && found != _position + _bodies.Count)
                throw new InvalidDataException(
                    $"The ledger has nothing at position {_position + _bodies.Count}; {found} comes next.");
            _bodies.Add((_taken + RowHeader)..(_taken + row));
            _taken += row;
        }
    }

    BodyRun Cut(int needed)
    {
        var run = new BodyRun(_position, _buffer, _bodies);
        _position += _bodies.Count;
        _bodies = new List<Range>(_bodies.Count);
        Move(needed);
        return run;
    }

    /// <summary>To a new buffer that holds what is needed next, with what of it is there.</summary>
    void Move(int needed)
    {
        var left = _buffer.AsSpan(_taken, _filled - _taken);
        var buffer = GC.AllocateUninitializedArray<byte>(Math.Max(LedgerLimits.CopyBufferBytes, needed));
        left.CopyTo(buffer);
        (_buffer, _filled, _taken) = (buffer, left.Length, 0);
    }
}
