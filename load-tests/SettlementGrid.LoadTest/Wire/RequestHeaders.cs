using System.Text;

namespace SettlementGrid.LoadTest.Wire;

/// <summary>
/// The header block of a unary gRPC call in HPACK (RFC 7541), as real clients send it: the first call of a path teaches
/// the server its fields, later ones name them by index, one byte each. One instance a connection; not thread-safe.
/// </summary>
sealed class RequestHeaders(string authority)
{
    // Static table, appendix A.
    const int Authority = 1;
    const int MethodPost = 3;
    const int PathName = 4;
    const int SchemeHttp = 6;
    const int ContentTypeName = 31;
    const int StaticEntries = 61;

    const byte Indexed = 0x80;
    const byte LiteralWithIndexing = 0x40;

    readonly List<(string Name, string Value)> _taught = [];

    /// <summary>How many fields the server has been taught.</summary>
    public int Taught => _taught.Count;

    /// <summary>The block of one call. What it teaches counts as taught: it must be sent, and in this order.</summary>
    public byte[] Of(string path)
    {
        var block = new List<byte> { Indexed | MethodPost, Indexed | SchemeHttp };
        Field(block, ":path", PathName, path);
        Field(block, ":authority", Authority, authority);
        Field(block, "content-type", ContentTypeName, "application/grpc");
        Field(block, "te", 0, "trailers");
        return [.. block];
    }

    void Field(List<byte> block, string name, int nameIndex, string value)
    {
        // The newest entry has the lowest index after the static ones.
        var known = _taught.LastIndexOf((name, value));
        if (known >= 0)
        {
            Number(block, Indexed, 7, StaticEntries + _taught.Count - known);
            return;
        }
        Number(block, LiteralWithIndexing, 6, nameIndex);
        if (nameIndex == 0)
            Text(block, name);
        Text(block, value);
        _taught.Add((name, value));
    }

    static void Text(List<byte> block, string text)
    {
        Number(block, 0, 7, text.Length);
        block.AddRange(Encoding.ASCII.GetBytes(text));
    }

    static void Number(List<byte> block, byte flags, int prefixBits, int value)
    {
        var most = (1 << prefixBits) - 1;
        if (value < most)
        {
            block.Add((byte)(flags | value));
            return;
        }
        block.Add((byte)(flags | most));
        for (value -= most; value >= 0x80; value >>= 7)
            block.Add((byte)(value | 0x80));
        block.Add((byte)value);
    }
}
