using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace SettlementGrid.Enrollees.Tests.Values;

/// <summary>Keys of persons, computed once more by the rule that is written beside them.</summary>
public sealed class Person_key_tests
{
    const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._:-";

    static UInt128 Packed(string id)
    {
        var halves = new[] { id[..Math.Min(10, id.Length)], id[Math.Min(10, id.Length)..] }
            .Select(half => half.Aggregate(BigInteger.Zero, (sum, c) => sum * 67 + Alphabet.IndexOf(c) + 1)).ToArray();
        return (UInt128)((halves[0] << 64) + halves[1]);
    }

    static UInt128 Hashed(string id)
    {
        var first = SHA256.HashData(Encoding.UTF8.GetBytes(id))[..16];
        first[0] |= 0x80;
        return (UInt128)new BigInteger(first, isUnsigned: true, isBigEndian: true);
    }

    [Fact]
    public void Short_ids_are_kept_as_they_are()
    {
        foreach (var id in new[] { "", "0", "9", "A", "Z", "a", "z", ".", "_", ":", "-", "0123456789", "01234567890",
            "11010119900307123X", new string('-', 20), new string('0', 20) }.Concat(Alphabet.Select(c => $"{c}{c}")))
            Assert.Equal(Packed(id), PersonKey.Of(id));
    }

    [Theory]
    [InlineData("110101199003071234567")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a;b")]
    [InlineData("a@b")]
    [InlineData("a[b")]
    [InlineData("a`b")]
    [InlineData("a{b")]
    [InlineData("病人")]
    [InlineData("0123456789/")]
    public void Longer_and_foreign_ids_are_hashed(string id) => Assert.Equal(Hashed(id), PersonKey.Of(id));

    [Fact]
    public void Ids_of_any_length_have_a_key()
    {
        foreach (var length in new[] { 64, 65, 500 })
            Assert.Equal(Hashed(new string('长', length)), PersonKey.Of(new string('长', length)));
    }
}
