using System.Security.Cryptography;
using System.Text;
using SettlementGrid.Api;

namespace SettlementGrid.Server.Callers;

/// <summary>
/// What the database keeps of a key: everything but the secret, of which only the SHA-256 is there. A secret is 256
/// random bits, so its hash needs no salt and no slow function: there is nothing to guess.
/// </summary>
/// <param name="KeyId">16 hex digits, public; how the key is named in lists and logs.</param>
/// <param name="SecretHash">32 bytes.</param>
/// <param name="Name">who holds it, for people.</param>
/// <param name="Roles">what the holder may be.</param>
/// <param name="FacilityId">the one facility it speaks for, or empty.</param>
/// <param name="RegionId">the region whose facts it sees, with those under it, or empty.</param>
/// <param name="ExpiresAt">not taken from this moment on.</param>
/// <param name="RevokedAt">not taken from this moment on, if set.</param>
public sealed record ApiKey(
    string KeyId, byte[] SecretHash, string Name, Roles Roles, string FacilityId, string RegionId,
    DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt)
{
    private const string Prefix = "sg_";
    private const int KeyIdLength = 16;

    /// <summary>The caller this key's holder is.</summary>
    public Caller Caller { get; } = new(KeyId, Roles, FacilityId, RegionId);

    /// <summary>A fresh key: its id, the text that the holder gets (once), and the hash to keep.</summary>
    public static (string KeyId, string Text, byte[] SecretHash) New()
    {
        var keyId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyIdLength / 2));
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return (keyId, $"{Prefix}{keyId}_{secret}", HashOf(secret));
    }

    /// <summary>The two parts of a key's text, or null if it is none.</summary>
    public static (string KeyId, string Secret)? Parts(string text)
    {
        var end = Prefix.Length + KeyIdLength;
        return text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length > end && text[end] == '_'
            ? (text[Prefix.Length..end], text[(end + 1)..])
            : null;
    }

    public bool HoldsAt(DateTimeOffset now) => now < ExpiresAt && (RevokedAt is not { } revoked || now < revoked);

    /// <summary>In constant time, so that answers' timing tells nothing of the hash.</summary>
    public bool Opens(string secret) => CryptographicOperations.FixedTimeEquals(HashOf(secret), SecretHash);

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.ASCII.GetBytes(secret));
}
