using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Values;

/// <summary>Ids, keys, tokens and hashes, computed once more by the rule that is written beside them.</summary>
public sealed class Key_tests
{
    static readonly SettlementId Id = SettlementId.Of("H15050200001", "r1");

    static byte[] Sha(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    static string Base32(byte[] hash)
    {
        var bits = string.Concat(hash.Take(16).Select(b => Convert.ToString(b, 2).PadLeft(8, '0'))) + "00";
        return string.Concat(Enumerable.Range(0, 26).Select(i =>
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Convert.ToInt32(bits.Substring(5 * i, 5), 2)]));
    }

    [Fact]
    public void Settlement_ids_are_hashes_of_their_parts()
    {
        Assert.Equal(Base32(Sha("H15050200001\0r1")), Id.ToString());
        Assert.Equal(Base32(Sha("H15050200001\0r1\0cancel")), SettlementId.OfCancel("H15050200001", "r1").ToString());
        Assert.Equal(Base32(Sha($"{Id}\0{SettlementId.Of("a", "b")}\0adjust")),
            SettlementId.OfAdjustment(Id, SettlementId.Of("a", "b")).ToString());
        Assert.Equal(Sha("H15050200001\0e1\02025")[..16], EncounterKey.Of("H15050200001", "e1", 2025).ToBytes());
        // The longest ids that are let in, of characters of the longest form.
        var (a, b) = (new string('长', 64), new string('期', 64));
        Assert.Equal(Base32(Sha($"{a}\0{b}")), SettlementId.Of(a, b).ToString());
        Assert.Equal(Sha($"{a}\0{b}\02025")[..16], EncounterKey.Of(a, b, 2025).ToBytes());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("340282366920938463463374607431768211455")]
    [InlineData("170141183460469231731687303715884105728")]
    [InlineData("85070591730234615865843651857942052868")]
    public void A_settlement_id_is_read_back_from_its_text_and_its_bytes(string bits)
    {
        var id = new SettlementId(UInt128.Parse(bits));
        Assert.Equal(26, id.ToString().Length);
        Assert.True(SettlementId.TryParse(id.ToString(), out var read));
        Assert.Equal(id, read);
        Assert.Equal(id, SettlementId.FromBytes(id.ToBytes()));
        var key = new EncounterKey(id.Bits);
        Assert.Equal(key, EncounterKey.FromBytes(key.ToBytes()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAB")] // the padding is not zero
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAD")]
    [InlineData("aAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1AAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void What_no_id_prints_is_no_id(string text)
    {
        Assert.False(SettlementId.TryParse(text, out var id));
        Assert.True(id == default || text.Length == 26);
    }

    static AdjudicationOutcome Paying(params (string Layer, long Fen)[] layers) => new(
        [.. layers.Select(l => new LayerResult("p", 1, l.Layer, new Period(2025), "", "", CarePlace.InRegion, default,
            default, default, [], new Money(l.Fen), default, default, null, LayerNote.None, ""))], [], [], "");

    [Fact]
    public void A_token_is_the_version_and_a_hash_of_what_each_layer_paid()
    {
        var digest = Sha("p/a\0\0\0\0\0\0\0\0\u0005p/b\0\0\0\0\0\0\0\u0001\0");
        var token = PreviewToken.Of(7, Paying(("a", 5), ("b", 256)));
        Assert.Equal(new PreviewToken(7, BinaryPrimitives.ReadUInt128BigEndian(digest)), token);
        Assert.NotEqual(token, PreviewToken.Of(7, Paying(("a", 5), ("b", 255))));
        Assert.NotEqual(token, PreviewToken.Of(7, Paying(("a", 5))));
        Assert.Equal(32, token.ToString().Length);
        Assert.True(PreviewToken.TryParse(token.ToString(), out var read));
        Assert.Equal(token, read);
        var far = new PreviewToken(long.MinValue, UInt128.MaxValue);
        Assert.True(PreviewToken.TryParse(far.ToString(), out read));
        Assert.Equal(far, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAA    ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_no_preview_gave_is_no_token(string text)
    {
        Assert.False(PreviewToken.TryParse(text, out var token));
        Assert.Equal(default, token);
    }

    [Fact]
    public void A_commit_hashes_the_commit_before_it_and_its_entries_in_their_order()
    {
        var entries = Bytes.Entries.All.Values.Take(3).ToList();
        byte[] hashes = [.. entries.SelectMany(e => Bytes32(e.Hash))];
        var digest = CommitChain.Digest(entries);
        Assert.Equal(SHA256.HashData(hashes), Bytes32(digest));
        entries.Reverse();
        Assert.NotEqual(digest, CommitChain.Digest(entries));

        var head = new LedgerHead(6, 40, 2, entries[0].Hash);
        byte[] chained = [.. Bytes32(head.Hash), .. Big(7), .. Big(41), .. Big(3), .. Big(9), .. Bytes32(digest)];
        Assert.Equal(SHA256.HashData(chained), Bytes32(CommitChain.Next(head, 3, 9, digest)));

        static byte[] Bytes32(EntryHash hash) => Convert.FromHexString($"{hash.High:x32}{hash.Low:x32}");
        static byte[] Big(long value) => [.. BitConverter.GetBytes(value).Reverse()];
    }

    [Fact]
    public void A_hash_is_written_in_hex_and_none_as_nothing()
    {
        Assert.Equal("", default(EntryHash).ToString());
        Assert.Equal(new string('0', 31) + "a" + new string('0', 30) + "ff", new EntryHash(10, 255).ToString());
    }

    [Fact]
    public void An_entry_names_its_keys_its_books_and_what_each_layer_paid()
    {
        var settled = Bytes.Entries.All["settled-at-the-edges"];
        var request = ((Fact.Money)settled.Fact).Request;
        Assert.Equal(request.Id, settled.RequestKey);
        Assert.Equal((request.EncounterKey, int.MaxValue, false), settled.Encounter);
        Assert.Equal((Given.Hospital, "999999"), (settled.FacilityId, settled.RegionId));
        Assert.Equal(["plan-a/critical", "plan-a/accident"], settled.LayerKeys);
        Assert.Equal([960_000, 960_000], settled.LayerPaid);
        var reversed = Bytes.Entries.All["reversed"];
        Assert.Equal((Given.Request("r1", "p-1").EncounterKey, 1, true), reversed.Encounter);
        Assert.Null(Bytes.Entries.All["adjusted"].Encounter);
        Assert.Equal(SettlementId.Of("clinic-7", "r9"), Bytes.Entries.All["barred-of-nobody"].RequestKey);
        var enrolled = Bytes.Entries.All["enrolled"];
        Assert.Null(enrolled.RequestKey);
        Assert.True(enrolled.FacilityId is null && enrolled.RegionId is null);
        Assert.True(enrolled.LayerKeys.Length == 0 && enrolled.LayerPaid.Length == 0);
    }

    [Fact]
    public void Entries_are_equal_by_stream_and_hash()
    {
        var (one, other) = (Bytes.Entries.All["settled"], Bytes.Entries.All["reversed"]);
        var read = Entry.Read(one.Body);
        Assert.True(one.Equals(read) && one.GetHashCode() == read.GetHashCode());
        Assert.False(one.Equals(null) || one.Equals(other) || one.Equals(one with { Stream = StreamKey.Person("x") })
            || one.Equals(one with { Hash = other.Hash }));
    }

    [Fact]
    public void No_entry_is_before_the_one_before_it()
    {
        var account = Given.Enrolled("anna");
        var earlier = Entry.Next(account, new Fact.Barred("f", "r"), Given.Now - 1);
        Assert.Equal((Given.Now, 2), (earlier.At, earlier.Version));
        Assert.Equal((account.LastHash, earlier.Hash), (earlier.Previous, earlier.After!.LastHash));
        var stream = new StreamKey(StreamKind.Plan, "p");
        var first = Entry.Next(stream, null, new Fact.PlanPublished("a"), -5);
        var second = Entry.Next(stream, Entry.Next(stream, null, new Fact.PlanPublished("a"), 10),
            new Fact.PlanPublished("b"), 9);
        Assert.Equal((0, 1, default), (first.At, first.Version, first.Previous));
        Assert.Equal((10, 2), (second.At, second.Version));
        Assert.NotEqual(default, second.Previous);
    }
}
