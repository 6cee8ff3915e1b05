using System.Buffers.Binary;
using System.Text;

namespace SettlementGrid.Testbed.Proxying;

/// <summary>
/// Reads what a client says to PostgreSQL just far enough to know a message that binds a prepared statement with a
/// given text in it. One for each line; bytes come in pieces of any size.
/// </summary>
sealed class ClientMessages(string inStatement)
{
    const int HeaderBytes = 5;

    // The names come first in both messages; a statement's text shows what it is within its first lines.
    const int KeptBytesMax = 1_024;

    const int TlsRequest = 80877103;

    readonly HashSet<string> _statements = [];
    readonly byte[] _header = new byte[HeaderBytes];
    readonly byte[] _kept = new byte[KeptBytesMax];
    int _headerBytes;
    int _keptBytes;
    int _left;
    bool _started;

    /// <summary>Whether these bytes end a message that binds such a statement.</summary>
    public bool Bind(ReadOnlySpan<byte> bytes)
    {
        var binds = false;
        while (bytes.Length > 0)
        {
            if (_left == 0)
            {
                if (!ReadHeader(ref bytes))
                    return binds;
                continue;
            }
            var taken = Math.Min(_left, bytes.Length);
            var kept = Math.Min(taken, _kept.Length - _keptBytes);
            bytes[..kept].CopyTo(_kept.AsSpan(_keptBytes));
            (_keptBytes, _left) = (_keptBytes + kept, _left - taken);
            bytes = bytes[taken..];
            if (_left == 0)
                binds |= EndsMessage();
        }
        return binds;
    }

    bool ReadHeader(ref ReadOnlySpan<byte> bytes)
    {
        // The first message of a line has no type, only a length.
        var size = _started ? HeaderBytes : HeaderBytes - 1;
        var taken = Math.Min(size - _headerBytes, bytes.Length);
        bytes[..taken].CopyTo(_header.AsSpan(_headerBytes));
        _headerBytes += taken;
        bytes = bytes[taken..];
        if (_headerBytes < size)
            return false;
        _left = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(size - 4)) - 4;
        (_headerBytes, _keptBytes) = (0, 0);
        return true;
    }

    bool EndsMessage()
    {
        if (!_started)
        {
            _started = BinaryPrimitives.ReadInt32BigEndian(_kept) != TlsRequest;
            return false;
        }
        var words = Encoding.UTF8.GetString(_kept, 0, _keptBytes).Split('\0', 3);
        switch ((char)_header[0])
        {
            case 'P' when words.Length > 1 && words[1].Contains(inStatement, StringComparison.Ordinal):
                _statements.Add(words[0]);
                return false;
            case 'B' when words.Length > 1:
                return _statements.Contains(words[1]);
            default:
                return false;
        }
    }
}
