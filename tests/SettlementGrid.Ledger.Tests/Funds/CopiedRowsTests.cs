using System.Buffers.Binary;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Reading;

namespace SettlementGrid.Ledger.Tests;

public sealed class CopiedRowsTests
{
    [Theory]
    [InlineData(1, 40, 10)]
    [InlineData(3, 300, 2_000)]
    [InlineData(100_000, 300, 2_000)]
    [InlineData(7_777, 60_000, 12)]
    [InlineData(65_536, 200_000, 5)]
    public async Task Rows_come_out_as_they_went_in_however_they_are_cut_on_the_way(int piece, int longest, int count)
    {
        var dice = new Random(count);
        var bodies = Enumerable.Range(0, count).Select(_ => Body(dice, longest)).ToList();
        var rows = new CopiedRows(new Pieces(Copy(11, bodies), piece), 11);
        var found = new List<byte[]>();
        while (await rows.Next(default) is { } run)
        {
            Assert.Equal(11 + found.Count, run.First);
            for (var i = 0; i < run.Count; i++)
                found.Add(run[i].ToArray());
            Assert.Equal(10 + found.Count, run.Last);
        }
        Assert.Equal(bodies, found);
    }

    [Fact]
    public async Task A_missing_position_is_damage()
    {
        var rows = new CopiedRows(new MemoryStream(Copy(12, [[1]])), 11);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await rows.Next(default));
    }

    [Fact]
    public async Task A_copy_that_ends_early_is_damage()
    {
        var copy = Copy(11, [[1, 2, 3], [4]]);
        var rows = new CopiedRows(new MemoryStream(copy[..^3]), 11);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await rows.Next(default));
    }

    static byte[] Body(Random dice, int longest)
    {
        var body = new byte[dice.Next(1, longest)];
        dice.NextBytes(body);
        return body;
    }

    /// <summary>As PostgreSQL's manual describes it: COPY, "Binary Format".</summary>
    static byte[] Copy(long first, List<byte[]> bodies)
    {
        var copy = new MemoryStream();
        copy.Write("PGCOPY\n"u8);
        copy.Write([0xff, (byte)'\r', (byte)'\n', 0]);
        copy.Write(new byte[8]);
        var number = new byte[8];
        foreach (var body in bodies)
        {
            copy.Write([0, 2, 0, 0, 0, 8]);
            BinaryPrimitives.WriteInt64BigEndian(number, first++);
            copy.Write(number);
            BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
            copy.Write(number.AsSpan(0, 4));
            copy.Write(body);
        }
        copy.Write([0xff, 0xff]);
        return copy.ToArray();
    }

    /// <summary>Gives at most so many bytes at a time, as a socket may.</summary>
    sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
