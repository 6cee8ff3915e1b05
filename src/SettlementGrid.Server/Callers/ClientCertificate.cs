using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SettlementGrid.Server.Callers;

/// <summary>
/// A certificate as far as it says who calls: by its fingerprint alone. Names, issuer and chain play no part, since
/// whoever registered the fingerprint had the certificate in hand; that its holder has the private key, TLS has proved.
/// </summary>
/// <param name="Id">The first 16 hex digits of the fingerprint.</param>
/// <param name="Fingerprint">SHA-256 over the whole certificate.</param>
public sealed record ClientCertificate(
    string Id, byte[] Fingerprint, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    // A connection shows the same object with every call; its fingerprint is computed once.
    private static readonly ConditionalWeakTable<X509Certificate2, ClientCertificate> s_seen = [];

    public static ClientCertificate Of(X509Certificate2 certificate) => s_seen.GetValue(certificate, Read);

    /// <summary>As `openssl x509 -fingerprint -sha256` writes it, without the colons and small.</summary>
    public string FingerprintText => Convert.ToHexStringLower(Fingerprint);

    public bool IsValidAt(DateTimeOffset now) => NotBefore <= now && now <= NotAfter;

    /// <summary>The first certificate of a PEM file.</summary>
    /// <exception cref="CryptographicException">There is none.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ClientCertificate FromFile(string file)
    {
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        return Read(certificate);
    }

    private static ClientCertificate Read(X509Certificate2 certificate)
    {
        var fingerprint = SHA256.HashData(certificate.RawDataMemory.Span);
        return new ClientCertificate(
            Convert.ToHexStringLower(fingerprint)[..Credential.IdLength], fingerprint,
            new DateTimeOffset(certificate.NotBefore.ToUniversalTime()),
            new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
    }
}
