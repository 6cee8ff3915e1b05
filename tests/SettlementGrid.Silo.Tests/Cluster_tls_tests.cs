using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Tests.Running;
using SettlementGrid.Silo.Cluster;

namespace SettlementGrid.Silo.Tests;

/// <summary>Whom a program of the cluster believes.</summary>
public sealed class Cluster_tls_tests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("settlementgrid-tls-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_clusters_own_certificate_is_believed_and_no_other_however_valid()
    {
        var (own, settings) = Given("own");
        var (other, _) = Given("other");
        var tls = Read(settings);
        Assert.True(Believes(tls, own));
        Assert.False(Believes(tls, other));
        Assert.False(tls.RemoteCertificateValidation(null, null, SslPolicyErrors.None));
        Assert.Equal(RemoteCertificateMode.RequireCertificate, tls.RemoteCertificateMode);
        Assert.Equal(RemoteCertificateMode.RequireCertificate, tls.ClientCertificateMode);
    }

    [Fact]
    public void While_certificates_are_exchanged_both_are_believed()
    {
        var (old, settings) = Given("old");
        var (next, nextSettings) = Given("next");
        var tls = Read(settings with { Trusted = nextSettings.Certificate });
        Assert.True(Believes(tls, old));
        Assert.True(Believes(tls, next));
    }

    [Fact]
    public void A_file_that_holds_no_certificate_stops_the_start()
    {
        var (_, settings) = Given("own");
        var empty = Path.Combine(_folder, "empty.pem");
        File.WriteAllText(empty, "");
        Assert.Throws<CannotStartException>(() => ClusterTls.Of(settings with { Trusted = empty }));
        Assert.Throws<CannotStartException>(() => ClusterTls.Of(settings with { Certificate = empty }));
        var none = Path.Combine(_folder, "none.pem");
        Assert.Throws<CannotStartException>(() => ClusterTls.Of(settings with { Key = none }));
    }

    (X509Certificate2 Certificate, ClusterSettings Settings) Given(string name)
    {
        var certificate = SelfSigned.Client(name);
        var (file, key) = SelfSigned.Write(certificate, _folder, name);
        return (certificate, new ClusterSettings("test") { Certificate = file, Key = key });
    }

    static TlsOptions Read(ClusterSettings settings)
    {
        var tls = new TlsOptions();
        ClusterTls.Of(settings)!(tls);
        return tls;
    }

    static bool Believes(TlsOptions tls, X509Certificate2 certificate) =>
        tls.RemoteCertificateValidation(certificate, null, SslPolicyErrors.None);
}
