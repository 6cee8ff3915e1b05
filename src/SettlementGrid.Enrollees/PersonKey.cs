using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SettlementGrid.Enrollees;

/// <summary>
/// A person's id as 128 bits, for whoever must know millions of persons apart: ids of up to 20 characters (a national
/// id has 18) as they are, ten characters in each half; longer ones as the first 127 bits of SHA-256 with the top bit
/// set. So short ids never meet, and long ones no sooner than hashes do.
/// </summary>
public static class PersonKey
{
    // 66 characters stand in ids; ten digits of base 67 stay below 2^61.
    const ulong Base = 67;
    const int Half = 10;
    static readonly UInt128 LongId = UInt128.One << 127;

    public static UInt128 Of(string id)
    {
        Span<byte> utf8 = stackalloc byte[Limits.IdLengthMax * 4];
        return id.Length <= Limits.IdLengthMax
            ? Of(utf8[..Encoding.UTF8.GetBytes(id, utf8)])
            : Hashed(Encoding.UTF8.GetBytes(id));
    }

    public static UInt128 Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > 2 * Half)
            return Hashed(utf8);
        var high = utf8.Length <= Half ? utf8 : utf8[..Half];
        return TryPack(high, out var first) && TryPack(utf8[high.Length..], out var second)
            ? new UInt128(first, second)
            : Hashed(utf8);
    }

    static bool TryPack(ReadOnlySpan<byte> characters, out ulong packed)
    {
        packed = 0;
        foreach (var character in characters)
        {
            var digit = Digit(character);
            if (digit == 0)
                return false;
            packed = packed * Base + digit;
        }
        return true;
    }

    /// <summary>1–66; 0 for what stands in no id. No digit is 0, so no two texts of a half are alike.</summary>
    static ulong Digit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - (ulong)'0' + 1,
        >= (byte)'A' and <= (byte)'Z' => character - (ulong)'A' + 11,
        >= (byte)'a' and <= (byte)'z' => character - (ulong)'a' + 37,
        (byte)'.' => 63,
        (byte)'_' => 64,
        (byte)':' => 65,
        (byte)'-' => 66,
        _ => 0,
    };

    static UInt128 Hashed(ReadOnlySpan<byte> utf8)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(utf8, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash) | LongId;
    }
}
