using FsCheck;
using FsCheck.Fluent;
using SettlementGrid.Enrollees.Canonical;

namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>
/// Bytes that were not written by us: either they are refused as damaged, or they decode to an entry with another hash,
/// which the chain then shows. Never another exception, never a hang.
/// </summary>
public sealed class Damaged_bytes_tests
{
    public static TheoryData<string> Names =>
        [.. Entries.OfFormat1.Keys.Select(name => "1 " + name), .. Entries.All.Keys.Select(name => "2 " + name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_truncation_is_refused(string name)
    {
        var body = Named(name).Body;
        for (var length = 0; length < body.Length; length++)
            Assert.Throws<InvalidDataException>(() => Entry.Read(body[..length]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_byte_too_many_is_refused(string name) =>
        Assert.Throws<InvalidDataException>(() => Entry.Read([.. Named(name).Body, 0]));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_flipped_bit_is_refused_or_gives_another_hash(string name)
    {
        var entry = Named(name);
        for (var at = 0; at < entry.Body.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var body = entry.Body.ToArray();
                body[at] ^= (byte)(1 << bit);
                AssertRefusedOrOther(entry, body);
            }
        }
    }

    [Fact]
    public void Any_bytes_at_all_are_refused_or_read() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        bytes =>
        {
            AssertRefusedOrOther(null, [1, .. bytes]);
            AssertRefusedOrOther(null, [2, .. bytes]);
        }).QuickCheckThrowOnFailure();

    static Entry Named(string name) => (name[0] == '1' ? Entries.OfFormat1 : Entries.All)[name[2..]];

    static void AssertRefusedOrOther(Entry? original, byte[] body)
    {
        try
        {
            var read = Entry.Read(body);
            Assert.NotEqual(original?.Hash, read.Hash);
            // What could be read could have been written: one value has one form.
            Assert.Equal(
                body,
                EntryCodec.Encode(
                    read.Format, read.Stream, read.Version, read.At, read.Previous, read.After, read.Fact));
        }
        catch (InvalidDataException)
        {
            // Refused.
        }
    }
}
