using SettlementGrid.Faults.Hostile.Wire;

namespace SettlementGrid.Api.Tests.Flooding;

/// <summary>The frames that are found do not depend on the pieces in which the bytes come.</summary>
public sealed class FrameScanTests
{
    private static readonly byte[] s_connection =
    [
        .. Frames.Preface,
        .. Frames.SettingsOf((Frames.InitialWindowSetting, 1 << 20)),
        .. Frames.Frame(Frames.Settings, Frames.Ack, 0),
        .. Frames.Frame(Frames.Headers, Frames.EndHeaders, 1, Frames.Post("/a", "b", "application/grpc")),
        .. Frames.Frame(Frames.Data, 0, 1, new byte[300]),
        .. Frames.Frame(Frames.Data, Frames.EndStream, 1),
        .. Frames.Frame(Frames.Ping, 0, 0, "PRI * HT"u8), // A payload that looks like a beginning is none.
        .. Frames.Frame(8, 0, int.MaxValue, [0, 0, 0, 1]),
        .. Frames.Frame(0xfe, 0xff, 3, new byte[9]),
        .. Frames.Number(Frames.ResetStream, 1, 8),
    ];

    private static readonly FrameHeader[] s_frames =
    [
        new(FrameKind.Settings, 6, 0, 0),
        new(FrameKind.Settings, 0, 1, 0),
        new(FrameKind.Headers, Frames.Post("/a", "b", "application/grpc").Length, 4, 1),
        new(FrameKind.Data, 300, 0, 1),
        new(FrameKind.Data, 0, 1, 1),
        new(FrameKind.Ping, 8, 0, 0),
        new(FrameKind.WindowUpdate, 4, 0, int.MaxValue),
        new((FrameKind)0xfe, 9, 0xff, 3),
        new(FrameKind.ResetStream, 4, 0, 1),
    ];

    [Fact]
    public void Several_frames_in_one_piece_are_found_in_their_order()
    {
        Assert.Equal(s_frames, Scanned([s_connection]));
    }

    [Fact]
    public void A_cut_at_any_byte_changes_nothing()
    {
        for (var at = 0; at <= s_connection.Length; at++)
        {
            Assert.Equal(s_frames, Scanned([s_connection[..at], s_connection[at..]]));
        }
    }

    [Fact]
    public void Bytes_that_come_one_by_one_are_the_same_frames()
    {
        Assert.Equal(s_frames, Scanned(s_connection.Select(one => new[] { one })));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_frames_in_random_pieces_are_the_frames_of_one_piece(int seed)
    {
        var draw = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var bytes = RandomConnection(draw, out var expected);
            var pieces = new List<byte[]>();
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(draw.Next(draw.Next(2) == 0 ? 12 : 20_000), bytes.Length - at);
                pieces.Add(bytes[at..(at += length)]);
            }

            Assert.Equal(expected, Scanned([bytes]));
            Assert.Equal(expected, Scanned(pieces));
        }
    }

    [Fact]
    public void The_largest_payload_there_can_be_is_stepped_over()
    {
        const int longest = (1 << 24) - 1;
        byte[] largest = [0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1, .. new byte[longest]];
        var bytes = (byte[])[.. Frames.Preface, .. largest, .. Frames.Frame(Frames.Ping, 0, 0, new byte[8])];

        Assert.Equal(
            [new FrameHeader(FrameKind.Data, longest, 0, 1), new(FrameKind.Ping, 8, 0, 0)],
            Scanned(bytes.Chunk(4_096)));
    }

    [Fact]
    public void The_bit_before_a_stream_number_is_no_part_of_it()
    {
        byte[] reserved = [0, 0, 0, (byte)FrameKind.Data, 0, 0x80, 0, 0, 5];

        Assert.Equal([new FrameHeader(FrameKind.Data, 0, 0, 5)], Scanned([[.. Frames.Preface, .. reserved]]));
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")]
    public void Nothing_is_found_where_the_preface_is_another(string beginning)
    {
        var bytes = (byte[])[.. System.Text.Encoding.ASCII.GetBytes(beginning), .. s_connection];
        var scan = new FrameScan(beginsWithPreface: true);

        Assert.Empty(Scanned(bytes.Chunk(5), scan));
        Assert.True(scan.IsOther);
        Assert.False(scan.IsHttp2);
    }

    [Fact]
    public void What_a_server_sends_has_no_preface()
    {
        var scan = new FrameScan(beginsWithPreface: false);

        Assert.Equal(s_frames, Scanned([s_connection[Frames.Preface.Length..]], scan));
        Assert.True(scan.IsHttp2);
    }

    private static List<FrameHeader> Scanned(IEnumerable<byte[]> pieces, FrameScan? scan = null)
    {
        scan ??= new FrameScan(beginsWithPreface: true);
        var found = new List<FrameHeader>();
        foreach (var piece in pieces)
        {
            ReadOnlySpan<byte> bytes = piece;
            while (scan.TryNext(ref bytes, out var frame))
            {
                found.Add(frame);
            }

            Assert.True(bytes.IsEmpty);
        }

        return found;
    }

    private static byte[] RandomConnection(Random draw, out List<FrameHeader> expected)
    {
        var bytes = new List<byte>(Frames.Preface.ToArray());
        expected = [];
        for (var count = draw.Next(1, 30); count > 0; count--)
        {
            // Mostly none or few bytes, sometimes the largest that Kestrel takes.
            var payload = new byte[draw.Next(8) == 0 ? draw.Next(Frames.PayloadMax + 1) : draw.Next(20)];
            draw.NextBytes(payload);
            var (kind, flags, stream) = ((byte)draw.Next(12), (byte)draw.Next(256), draw.Next());
            bytes.AddRange(Frames.Frame(kind, flags, stream, payload));
            expected.Add(new FrameHeader((FrameKind)kind, payload.Length, flags, stream));
        }

        return [.. bytes];
    }
}
