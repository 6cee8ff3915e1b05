using System.Text;

namespace SettlementGrid.LoadTest.Wire;

/// <summary>
/// Reads what an answer's header block says of the call's end. The connection asked for a dynamic table of no size, so
/// fields are literals or static ones; servers that compress strings with Huffman's code are not read.
/// </summary>
static class AnswerHeaders
{
    const int StatusName = 8;
    const int StatusLast = 14;

    /// <exception cref="InvalidDataException">Not HPACK as this reads it.</exception>
    public static void Read(ReadOnlySpan<byte> block, Http2Call call)
    {
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0x80) != 0)
            {
                Number(ref block, 7);
                continue;
            }
            if ((first & 0xe0) == 0x20)
            {
                Number(ref block, 5);
                continue;
            }
            var index = Number(ref block, (first & 0x40) != 0 ? 6 : 4);
            var name = index == 0 ? Text(ref block) : default;
            var value = Text(ref block);
            if (index is >= StatusName and <= StatusLast)
                call.HttpStatus = int.Parse(value);
            else if (name.SequenceEqual("grpc-status"u8))
                call.GrpcStatus = int.Parse(value);
            else if (name.SequenceEqual("settlementgrid-reason"u8))
                call.Reason = Encoding.ASCII.GetString(value);
        }
    }

    static int Number(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        var most = (1 << prefixBits) - 1;
        var value = block[0] & most;
        block = block[1..];
        if (value < most)
            return value;
        for (var shift = 0; ; shift += 7)
        {
            var next = block[0];
            block = block[1..];
            value = checked(value + ((next & 0x7f) << shift));
            if ((next & 0x80) == 0)
                return value;
        }
    }

    static ReadOnlySpan<byte> Text(ref ReadOnlySpan<byte> block)
    {
        var compressed = (block[0] & 0x80) != 0;
        var length = Number(ref block, 7);
        var text = block[..length];
        block = block[length..];
        return compressed ? throw new InvalidDataException("The answer's headers are Huffman-coded.") : text;
    }
}
