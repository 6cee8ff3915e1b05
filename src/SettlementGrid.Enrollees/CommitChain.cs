using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SettlementGrid.Enrollees;

/// <summary>
/// How each commit hashes the commit before it, the same in every adapter:
/// SHA-256(previous hash ‖ number ‖ first position ‖ count ‖ catalog revision ‖ <see cref="Digest"/>), numbers as eight
/// bytes big endian (PostgreSQL's int8send), so that the database can compute it where it assigns the numbers.
/// </summary>
public static class CommitChain
{
    /// <summary>
    /// SHA-256 over the entries' hashes, in their order: all that the writer knows before the commit.
    /// </summary>
    public static EntryHash Digest(IReadOnlyList<Entry> entries)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> hash = stackalloc byte[32];
        foreach (var entry in entries)
        {
            Write(hash, entry.Hash);
            digest.AppendData(hash);
        }
        digest.GetHashAndReset(hash);
        return Read(hash);
    }

    /// <summary>The hash of the commit after <paramref name="head"/> (all zero before the first).</summary>
    /// <param name="revision">The catalog's revision after this commit.</param>
    public static EntryHash Next(LedgerHead head, int count, long revision, EntryHash digest)
    {
        Span<byte> bytes = stackalloc byte[32 + 4 * 8 + 32];
        Write(bytes, head.Hash);
        BinaryPrimitives.WriteInt64BigEndian(bytes[32..], head.CommitNumber + 1);
        BinaryPrimitives.WriteInt64BigEndian(bytes[40..], head.Position + 1);
        BinaryPrimitives.WriteInt64BigEndian(bytes[48..], count);
        BinaryPrimitives.WriteInt64BigEndian(bytes[56..], revision);
        Write(bytes[64..], digest);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return Read(hash);
    }

    static void Write(Span<byte> bytes, EntryHash hash)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash.High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], hash.Low);
    }

    static EntryHash Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
}
