using System.Security.Cryptography;
using SettlementGrid.Api;

namespace SettlementGrid.Server.Callers;

/// <summary>By what a caller proves who it is.</summary>
public enum CredentialKind
{
    /// <summary>It knows a secret of 256 random bits, sent with every call.</summary>
    Key,

    /// <summary>It holds a certificate's private key, which TLS has it prove for every connection.</summary>
    Certificate,
}

/// <summary>
/// What the database keeps of a key or certificate. Of a key's secret only the SHA-256 is there; the secret is 256
/// random bits, so its hash needs no salt and no slow function: there is nothing to guess.
/// </summary>
/// <param name="Id">16 hex digits, public: how it is named in lists, in the audit and in logs. Of a certificate the
/// beginning of its fingerprint.</param>
/// <param name="Hash">32 bytes: SHA-256 of the secret, or of the whole certificate (its fingerprint).</param>
/// <param name="Name">who holds it, for people.</param>
/// <param name="Roles">what the holder may be.</param>
/// <param name="FacilityId">the one facility it speaks for, or empty.</param>
/// <param name="RegionId">the region whose facts it sees, with those under it, or empty.</param>
/// <param name="ExpiresAt">not taken from this moment on.</param>
/// <param name="RevokedAt">not taken from this moment on, if set.</param>
public sealed record Credential(
    CredentialKind Kind, string Id, byte[] Hash, string Name, Roles Roles, string FacilityId, string RegionId,
    DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt)
{
    public const int IdLength = 16;

    /// <summary>The caller its holder is.</summary>
    public Caller Caller { get; } = new(Id, Roles, FacilityId, RegionId);

    /// <summary>Its holder where it is not believed: the same, but without any role.</summary>
    public Caller Claimed { get; } = new(Id, Roles.None, FacilityId, RegionId);

    public bool HoldsAt(DateTimeOffset now) => now < ExpiresAt && (RevokedAt is not { } revoked || now < revoked);

    /// <summary>In constant time, so that answers' timing tells nothing of the hash.</summary>
    public bool Matches(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(hash, Hash);

    /// <summary>Whether both make the same caller but for its id.</summary>
    public bool SpeaksAs(Credential other) =>
        (Roles, FacilityId, RegionId) == (other.Roles, other.FacilityId, other.RegionId);
}
