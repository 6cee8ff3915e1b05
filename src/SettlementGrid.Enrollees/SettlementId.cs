using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SettlementGrid.Enrollees;

/// <summary>
/// The first 128 bits of SHA-256(facility_id, 0x00, request_id), written as 26 characters of base32. It is the
/// request's key as well: one namespace per facility for Settle, Reverse and Cancel.
/// </summary>
public readonly record struct SettlementId(UInt128 Bits)
{
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const int TextLength = 26;

    public static SettlementId Of(string facilityId, string requestId) => new(KeyHash.Of(facilityId, requestId));

    /// <summary>The id of the reversal that Cancel makes; three parts, so it can never meet a request's id.</summary>
    public static SettlementId OfCancel(string facilityId, string requestId) =>
        new(KeyHash.Of(facilityId, requestId, "cancel"));

    /// <summary>The id of the adjustment of one settlement caused by the reversal of another.</summary>
    public static SettlementId OfAdjustment(SettlementId adjusts, SettlementId causedBy) =>
        new(KeyHash.Of(adjusts.ToString(), causedBy.ToString(), "adjust"));

    /// <summary>
    /// The id of a fund's record: one namespace per region. The slash stands in no facility's id, so it can never meet
    /// a hospital's request.
    /// </summary>
    public static SettlementId OfFundRecord(string regionId, string requestId) =>
        new(KeyHash.Of("fund/" + regionId, requestId));

    public override string ToString() => string.Create(TextLength, Bits, static (text, bits) =>
    {
        // In halves of 64 bits, which the processor shifts at once: twelve characters of either, and between them the
        // one that both share. 26 × 5 = 130: the last character holds the remaining three bits, padded with two zeros.
        var (high, low) = ((ulong)(bits >> 64), (ulong)bits);
        for (var i = 0; i < 12; i++)
        {
            text[i] = Alphabet[(int)(high >> 59 - 5 * i) & 31];
            text[13 + i] = Alphabet[(int)(low >> 58 - 5 * i) & 31];
        }
        text[12] = Alphabet[(int)(high << 1 | low >> 63) & 31];
        text[TextLength - 1] = Alphabet[(int)(low << 2) & 31];
    });

    /// <summary>Reads the text form; false for anything that <see cref="ToString"/> would not print.</summary>
    public static bool TryParse(string text, out SettlementId id)
    {
        id = default;
        if (text.Length != TextLength)
            return false;
        UInt128 bits = 0;
        for (var i = 0; i < TextLength; i++)
        {
            var five = Alphabet.IndexOf(text[i], StringComparison.Ordinal);
            if (five < 0)
                return false;
            bits = i == TextLength - 1 ? bits << 3 | (UInt128)(five >> 2) : bits << 5 | (UInt128)five;
        }
        id = new SettlementId(bits);
        return id.ToString() == text;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        return bytes;
    }

    public static SettlementId FromBytes(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));
}

/// <summary>The key of (facility, encounter, policy year): an encounter may hold one live settlement a year.</summary>
public readonly record struct EncounterKey(UInt128 Bits)
{
    public static EncounterKey Of(string facilityId, string encounterId, int year) =>
        new(KeyHash.Of(facilityId, encounterId, year.ToString(CultureInfo.InvariantCulture)));

    public byte[] ToBytes()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        return bytes;
    }

    public static EncounterKey FromBytes(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));
}

/// <summary>SHA-256 over parts separated by NUL; ids never hold a NUL, so no two lists of parts are alike.</summary>
static class KeyHash
{
    public static UInt128 Of(string a, string b, string? c = null)
    {
        Span<byte> text = stackalloc byte[3 * Limits.IdLengthMax * 4 + 2];
        var length = Encoding.UTF8.GetBytes(a, text);
        text[length++] = 0;
        length += Encoding.UTF8.GetBytes(b, text[length..]);
        if (c is not null)
        {
            text[length++] = 0;
            length += Encoding.UTF8.GetBytes(c, text[length..]);
        }
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(text[..length], hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
