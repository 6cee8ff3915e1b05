using SettlementGrid.Enrollees.Canonical;

namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>Edges of the reading that no entry of ours has.</summary>
public sealed class Reading_tests
{
    static byte[] Long(int bytes, byte last) => [.. Enumerable.Repeat((byte)0x80, bytes - 1), last];

    [Fact]
    public void A_number_has_at_most_ten_bytes_and_sixty_four_bits()
    {
        Assert.Equal(1UL << 63, new CanonicalReader(Long(10, 1)).Number());
        Assert.Equal(1UL << 56, new CanonicalReader(Long(9, 1)).Number());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader(Long(10, 2)).Number());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader(Long(11, 1)).Number());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader(Long(2, 0)).Number());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader([0x80]).Number());
    }

    [Fact]
    public void A_count_is_never_more_than_what_is_left()
    {
        Assert.Equal(2, new CanonicalReader([2, 0, 0]).Count());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader([3, 0, 0]).Count());
        Assert.Throws<InvalidDataException>(() =>
        {
            var reader = new CanonicalReader([0, 0, 3, 0, 0]);
            reader.Byte();
            reader.Byte();
            return reader.Count();
        });
    }

    [Fact]
    public void Texts_that_stand_in_many_rows_are_one_object()
    {
        var (short64, long65) = (new string('a', 64), new string('a', 65));
        Assert.Same(Read(short64), Read(short64));
        Assert.Same(Read("plan"), Read("plan"));
        Assert.NotSame(Read(long65), Read(long65));
        Assert.Equal(long65, Read(long65));

        static string Read(string text)
        {
            var writer = new CanonicalWriter();
            writer.Text(text);
            return new CanonicalReader(writer.Written).Text();
        }
    }

    [Fact]
    public void A_state_is_read_of_persons_and_known_formats_only()
    {
        byte[] body = [.. Entries.All["settled"].Body];
        Assert.Equal("p-1", Entry.ReadAccount(body).EnrolleeId);
        Assert.Throws<InvalidDataException>(() => Entry.ReadAccount(Entries.All["plan-published"].Body));
        body[0] = 99;
        Assert.Throws<InvalidDataException>(() => Entry.ReadAccount(body));
    }
}
