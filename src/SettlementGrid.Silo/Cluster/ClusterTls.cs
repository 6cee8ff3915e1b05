using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using SettlementGrid.Server.CommandLine;

namespace SettlementGrid.Silo.Cluster;

/// <summary>
/// TLS between the cluster's programs, both ways: each shows its certificate, and believes those that it was given, by
/// fingerprint. No authority and no name plays a part, as with callers' certificates. To exchange one: give the new one
/// to all with --cluster-trust first, then use it, then take the old one away.
/// </summary>
static class ClusterTls
{
    public static Action<TlsOptions>? Of(ClusterSettings settings)
    {
        if (settings.Certificate is null)
            return null;
        var own = Read(settings);
        var believed = new HashSet<string>(StringComparer.Ordinal) { Fingerprint(own) };
        believed.UnionWith(Trusted(settings).Select(Fingerprint));
        return tls =>
        {
            tls.LocalCertificate = own;
            tls.LocalClientCertificateSelector = (_, _, _, _, _) => own;
            tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
            tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
            tls.RemoteCertificateValidation =
                (certificate, _, _) => certificate is not null && believed.Contains(Fingerprint(certificate));
            tls.OnAuthenticateAsClient = (_, options) => options.TargetHost = settings.Id;
        };
    }

    static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);

    static X509Certificate2 Read(ClusterSettings settings)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(settings.Certificate!, settings.Key);
        }
        catch (Exception failed) when (failed is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new CannotStartException(
                $"The certificate {settings.Certificate} with the key {settings.Key} cannot be used: {failed.Message}",
                failed);
        }
    }

    static X509Certificate2Collection Trusted(ClusterSettings settings)
    {
        var trusted = new X509Certificate2Collection();
        if (settings.Trusted is null)
            return trusted;
        try
        {
            trusted.ImportFromPemFile(settings.Trusted);
        }
        catch (Exception failed) when (failed is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"{settings.Trusted} cannot be read: {failed.Message}", failed);
        }
        return trusted.Count > 0
            ? trusted
            : throw new CannotStartException($"{settings.Trusted} holds no certificate.");
    }
}
