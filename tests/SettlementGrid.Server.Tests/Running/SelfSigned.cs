using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SettlementGrid.Server.Tests.Running;

/// <summary>Certificates for tests.</summary>
internal static class SelfSigned
{
    /// <summary>A server's, valid for a day, as two PEM files.</summary>
    public static (string Certificate, string Key) WriteTo(string folder)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        using var certificate = Make("settlementgrid test", days: 1, names.Build());
        return Write(certificate, folder, "server");
    }

    /// <summary>A client's with its key, valid from an hour ago; negative days: expired since.</summary>
    public static X509Certificate2 Client(string name, int days = 30) => Make(name, days);

    /// <summary>The certificate and its key as PEM files.</summary>
    public static (string Certificate, string Key) Write(X509Certificate2 certificate, string folder, string name)
    {
        var (certificateFile, keyFile) = (Path.Combine(folder, $"{name}.pem"), Path.Combine(folder, $"{name}.key.pem"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }

    /// <summary>Trusts this certificate and no other.</summary>
    public static X509ChainPolicy TrustOf(string certificateFile)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(certificateFile);
        return policy;
    }

    private static X509Certificate2 Make(string name, int days, X509Extension? extension = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }

        var now = TimeProvider.System.GetUtcNow();
        var until = now.AddDays(days);
        return request.CreateSelfSigned(until < now ? until.AddDays(-1) : now.AddHours(-1), until);
    }
}
