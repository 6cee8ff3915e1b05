using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger;

/// <summary>
/// How the domain's keys stand in columns. These forms are stored: they never change (tests hold them, verification
/// compares them with the canonical bytes).
/// </summary>
static class Keys
{
    /// <summary>Attempts that fit beside the encounter's hash.</summary>
    public const int AttemptMax = short.MaxValue;

    public static Guid Of(SettlementId id) => ToGuid(id.Bits);

    public static SettlementId Settlement(Guid column) => new(ToBits(column));

    /// <summary>The first 112 bits of the encounter's hash, then attempt × 2, plus one for its reversal.</summary>
    public static Guid Place(EncounterKey key, int attempt, bool reversal)
    {
        if (attempt is < 1 or > AttemptMax)
            throw new ArgumentOutOfRangeException(nameof(attempt));
        return ToGuid(Prefix(key) | (UInt128)(ushort)(attempt << 1 | (reversal ? 1 : 0)));
    }

    public static (Guid From, Guid To) Places(EncounterKey key) => (ToGuid(Prefix(key)), ToGuid(Prefix(key) | 0xffff));

    public static (int Attempt, bool Reversal) Attempt(Guid place)
    {
        var low = (int)(ToBits(place) & 0xffff);
        return (low >> 1, (low & 1) == 1);
    }

    public static Guid? PlaceOf(Entry entry) =>
        entry.Encounter is var (key, attempt, reversal) ? Place(key, attempt, reversal) : null;

    /// <summary>The first 32 bits of SHA-256(facility id), then seconds since 1970, held within 32 bits.</summary>
    /// <param name="at">Milliseconds since 1970.</param>
    public static long Facility(string facilityId, long at)
    {
        Span<byte> hash = stackalloc byte[32];
        Span<byte> text = stackalloc byte[Limits.IdLengthMax * 4];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(facilityId, text)], hash);
        var seconds = (uint)Math.Clamp(at / 1000, 0, uint.MaxValue);
        return (long)((ulong)BinaryPrimitives.ReadUInt32BigEndian(hash) << 32 | seconds);
    }

    public static DateTime Time(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime;

    public static byte[] Of(EntryHash hash)
    {
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash.High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), hash.Low);
        return bytes;
    }

    public static EntryHash Hash(ReadOnlySpan<byte> bytes) => bytes.Length == 32
        ? new EntryHash(
            BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]))
        : throw new InvalidDataException("A stored hash has not 32 bytes.");

    static UInt128 Prefix(EncounterKey key) => key.Bits >> 16 << 16;

    static Guid ToGuid(UInt128 bits)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        return new Guid(bytes, bigEndian: true);
    }

    static UInt128 ToBits(Guid column)
    {
        Span<byte> bytes = stackalloc byte[16];
        column.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
