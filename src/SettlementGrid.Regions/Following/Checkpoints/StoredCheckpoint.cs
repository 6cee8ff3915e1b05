using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions.Folding;

namespace SettlementGrid.Regions.Following;

/// <summary>A fold at a mark, as it is stored.</summary>
/// <param name="Commit">
/// That holds the mark: on a database taken back to an older state it is not there or another.
/// </param>
/// <param name="At">Milliseconds since 1970.</param>
/// <param name="Packed">The fold's own bytes, compressed.</param>
/// <param name="Digest">SHA-256 over mark, commit and <paramref name="Packed"/>.</param>
public sealed record StoredCheckpoint(long Mark, CommitMark Commit, long At, byte[] Packed, byte[] Digest)
{
    public static StoredCheckpoint Of(long mark, CommitMark commit, long at, byte[] packed) =>
        new(mark, commit, at, packed, DigestOf(mark, commit, packed));

    public bool IsSound => Digest.AsSpan().SequenceEqual(DigestOf(Mark, Commit, Packed));

    /// <summary>What <see cref="Packed"/> holds of the bytes that a fold wrote.</summary>
    public static byte[] Pack(MemoryStream written)
    {
        using var packed = new MemoryStream();
        using (var packing = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            packing.Write(written.GetBuffer(), 0, (int)written.Length);
        return packed.ToArray();
    }

    /// <summary>The fold. <see cref="InvalidDataException"/>: damaged, of another format, or of another mark.</summary>
    public FundFold Unpack(Func<string, Plan> readPlan)
    {
        using var unpacking = new BrotliStream(new MemoryStream(Packed), CompressionMode.Decompress);
        var fold = FundFold.ReadCheckpoint(unpacking, readPlan);
        return fold.Mark == Mark ? fold : throw new InvalidDataException($"It holds the mark {fold.Mark}.");
    }

    static byte[] DigestOf(long mark, CommitMark commit, byte[] packed)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> place = stackalloc byte[48];
        BinaryPrimitives.WriteInt64BigEndian(place, mark);
        BinaryPrimitives.WriteInt64BigEndian(place[8..], commit.Number);
        BinaryPrimitives.WriteUInt128BigEndian(place[16..], commit.Hash.High);
        BinaryPrimitives.WriteUInt128BigEndian(place[32..], commit.Hash.Low);
        digest.AppendData(place);
        digest.AppendData(packed);
        return digest.GetHashAndReset();
    }
}
