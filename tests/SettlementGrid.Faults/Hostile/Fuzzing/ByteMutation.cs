using System.Buffers.Binary;
using Google.Protobuf.Reflection;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>Damage to a message's bytes and to the frame around them.</summary>
static class ByteMutation
{
    const int DepthMax = 5_000;
    const int RepeatsMax = 4_000;
    const byte StartGroup = 3;
    const byte Bytes = 2;

    static readonly (string What, Func<byte[], MessageDescriptor, Random, byte[]> Apply)[] s_all =
    [
        ("bit flipped", (bytes, _, draw) => Changed(bytes, draw, one => (byte)(one ^ 1 << draw.Next(8)))),
        ("byte replaced", (bytes, _, draw) => Changed(bytes, draw, _ => (byte)draw.Next(256))),
        ("cut off", (bytes, _, draw) => bytes[..draw.Next(bytes.Length + 1)]),
        ("noise put in", (bytes, _, draw) => Inserted(bytes, draw, Noise(draw))),
        ("noise alone", (_, _, draw) => Noise(draw)),
        ("a piece twice", (bytes, _, draw) =>
        {
            var from = draw.Next(bytes.Length + 1);
            return Inserted(bytes, draw, bytes[from..draw.Next(from, bytes.Length + 1)]);
        }),
        ("pieces in other order", (bytes, _, draw) =>
        {
            var at = draw.Next(bytes.Length + 1);
            return [.. bytes[at..], .. bytes[..at]];
        }),
        ("wrong length inside", (bytes, _, draw) => WrongLength(bytes, draw)),
        ("unknown wire type", (bytes, type, draw) =>
            [.. bytes, .. Tag(FieldOf(type, draw), draw.Next(6, 8)), .. Noise(draw)]),
        ("group without end", (bytes, type, draw) => [.. bytes, .. Tag(FieldOf(type, draw), StartGroup)]),
        ("end without group", (bytes, type, draw) => [.. bytes, .. Tag(FieldOf(type, draw), 4)]),
        ("groups in groups", (bytes, _, draw) => [.. bytes, .. Deep(draw)]),
        ("messages in messages", (bytes, type, draw) => [.. bytes, .. Nested(FieldOf(type, draw), draw)]),
        ("huge varint", (bytes, type, draw) =>
            [.. bytes, .. Tag(FieldOf(type, draw), 0), .. Enumerable.Repeat((byte)0xff, draw.Next(9, 40)), 1]),
        ("huge length", (bytes, type, draw) =>
            [.. bytes, .. Tag(FieldOf(type, draw), Bytes), .. Varint((ulong)draw.NextInt64())]),
        ("not UTF-8", (bytes, type, draw) => [.. bytes, .. Text(type, draw)]),
        ("a field by the thousand", (bytes, type, draw) => Repeated(bytes, FieldOf(type, draw), draw)),
        ("field 0", (bytes, _, _) => [.. bytes, 0, 0]),
        ("largest field number", (bytes, _, draw) =>
            [.. bytes, .. Tag(536_870_911, 0), .. Varint((ulong)draw.NextInt64())]),
        ("every field as another type", (bytes, type, draw) =>
            [.. bytes, .. Tag(FieldOf(type, draw), draw.Next(2) == 0 ? 1 : 5), .. Noise(draw)]),
    ];

    /// <summary>A message's bytes, damaged in one way.</summary>
    public static (byte[] Bytes, string What) Apply(byte[] message, MessageDescriptor type, Random draw)
    {
        var (what, apply) = s_all[draw.Next(s_all.Length)];
        return (apply(message, type, draw), what);
    }

    /// <summary>A message in a frame that lies about it; now and then the frame is right.</summary>
    public static (byte[] Bytes, string What) Framed(byte[] message, Random draw)
    {
        var frame = Wire.Frames.Grpc(message);
        var kind = draw.Next(10);
        uint? length = kind switch
        {
            0 => (uint)message.Length + 1,
            1 => (uint)Math.Max(0, message.Length - 1),
            2 => uint.MaxValue,
            3 => (uint)draw.NextInt64(uint.MaxValue),
            _ => null,
        };
        if (length is { } stated)
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), stated);
            return (frame, $"prefix says {stated}");
        }
        switch (kind)
        {
            case 4:
                frame[0] = 1;
                return (frame, "compressed flag");
            case 5:
                frame[0] = (byte)draw.Next(2, 256);
                return (frame, "unknown flags");
            case 6:
                return ([.. frame, .. frame], "two messages");
            case 7:
                return (frame[..draw.Next(frame.Length)], "frame cut off");
            case 8:
                return ([.. frame, 0], "a byte after the frame");
            default:
                return ([], "no frame");
        }
    }

    static byte[] Changed(byte[] bytes, Random draw, Func<byte, byte> change)
    {
        if (bytes.Length == 0)
            return bytes;
        var changed = (byte[])bytes.Clone();
        var at = draw.Next(changed.Length);
        changed[at] = change(changed[at]);
        return changed;
    }

    static byte[] Inserted(byte[] bytes, Random draw, byte[] piece)
    {
        var at = draw.Next(bytes.Length + 1);
        return [.. bytes[..at], .. piece, .. bytes[at..]];
    }

    static byte[] Noise(Random draw)
    {
        var noise = new byte[draw.Next(1, 60)];
        draw.NextBytes(noise);
        return noise;
    }

    static byte[] WrongLength(byte[] bytes, Random draw)
    {
        // The byte after a tag of a string or message is its length; not every such byte is one, which does no harm.
        var tags = Enumerable.Range(0, Math.Max(0, bytes.Length - 1)).Where(i => (bytes[i] & 7) == Bytes).ToList();
        if (tags.Count == 0)
            return bytes;
        var changed = (byte[])bytes.Clone();
        changed[tags[draw.Next(tags.Count)] + 1] = (byte)draw.Next(256);
        return changed;
    }

    static byte[] Deep(Random draw)
    {
        var depth = draw.Next(90, DepthMax);
        var starts = Enumerable.Repeat(Tag(99, StartGroup), depth).SelectMany(tag => tag);
        return draw.Next(2) == 0
            ? [.. starts]
            : [.. starts, .. Enumerable.Repeat(Tag(99, 4), depth).SelectMany(tag => tag)];
    }

    static byte[] Nested(int field, Random draw)
    {
        byte[] inner = [];
        for (var depth = draw.Next(90, 400); depth > 0; depth--)
            inner = [.. Tag(field, Bytes), .. Varint((ulong)inner.Length), .. inner];
        return inner;
    }

    static byte[] Repeated(byte[] bytes, int field, Random draw)
    {
        byte[] one = [.. Tag(field, Bytes), 0];
        return [.. bytes, .. Enumerable.Repeat(one, draw.Next(1, RepeatsMax)).SelectMany(part => part)];
    }

    static byte[] Text(MessageDescriptor type, Random draw)
    {
        byte[][] wrong =
            [[0xff, 0xfe], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe5, 0xbc], [0x80]];
        var text = wrong[draw.Next(wrong.Length)];
        var texts = type.Fields.InDeclarationOrder().Where(one => one.FieldType == FieldType.String).ToList();
        var field = texts.Count == 0 ? 1 : texts[draw.Next(texts.Count)].FieldNumber;
        return [.. Tag(field, Bytes), (byte)text.Length, .. text];
    }

    static int FieldOf(MessageDescriptor type, Random draw)
    {
        var fields = type.Fields.InFieldNumberOrder();
        return fields.Count == 0 || draw.Next(8) == 0
            ? draw.Next(1, 2_000)
            : fields[draw.Next(fields.Count)].FieldNumber;
    }

    static byte[] Tag(int field, int wireType) => Varint((ulong)field << 3 | (uint)wireType);

    static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
