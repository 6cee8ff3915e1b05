using System.Security.Cryptography;
using System.Text;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Silo.Turns;

/// <summary>From ids to grain keys.</summary>
public static class GrainKeys
{
    /// <summary>
    /// The first 128 bits of SHA-256 of the id. Two persons never share them; the grain would notice if they did.
    /// </summary>
    public static Guid Of(string enrolleeId)
    {
        Span<byte> utf8 = stackalloc byte[Limits.IdLengthMax * 4];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (enrolleeId.Length <= Limits.IdLengthMax)
            SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(enrolleeId, utf8)], hash);
        else
            SHA256.HashData(Encoding.UTF8.GetBytes(enrolleeId), hash);
        return new Guid(hash[..16]);
    }
}
