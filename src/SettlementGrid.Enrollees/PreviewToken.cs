using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// Ties a Settle to the Preview the cashier showed: the version it stood on and a digest of what the layers paid. It
/// carries no server state; a made-up token can only cause a refusal.
/// </summary>
public readonly record struct PreviewToken(long Version, UInt128 Digest)
{
    const int Length = 24;

    public static PreviewToken Of(long version, AdjudicationOutcome outcome)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> fen = stackalloc byte[8];
        foreach (var layer in outcome.Layers)
        {
            digest.AppendData(System.Text.Encoding.UTF8.GetBytes($"{layer.PlanId}/{layer.LayerId}\0"));
            BinaryPrimitives.WriteInt64BigEndian(fen, layer.Paid.Fen);
            digest.AppendData(fen);
        }
        return new PreviewToken(version, BinaryPrimitives.ReadUInt128BigEndian(digest.GetHashAndReset()));
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Version);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[8..], Digest);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads the text form; false for anything that no preview gave.</summary>
    public static bool TryParse(string text, out PreviewToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[Length];
        // TryDecodeFromChars throws on a character that is none of the alphabet; this says so.
        if (text.Length != Length / 3 * 4
            || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done
            || written != Length)
            return false;
        token = new PreviewToken(
            BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]));
        return true;
    }
}
