using System.Net;
using SettlementGrid.Server.Composition;
using SettlementGrid.Silo.Cluster;

namespace SettlementGrid.Silo.Tests;

public sealed class Cluster_settings_tests
{
    static readonly RunSettings Embedded = new(new DatabasePlace("/nowhere", null));
    static readonly RunSettings Given = new(new DatabasePlace("/nowhere", "Host=127.0.0.1"));

    [Fact]
    public void One_silo_on_loopback_needs_nothing() => Assert.Null(new ClusterSettings("c").Fault(Embedded));

    [Fact]
    public void A_gateway_needs_the_clusters_database()
    {
        var gateway = new ClusterSettings("c") { IsGateway = true };
        Assert.Contains("--postgres", gateway.Fault(Embedded), StringComparison.Ordinal);
        Assert.Null(gateway.Fault(Given));
    }

    [Fact]
    public void Beyond_loopback_the_programs_speak_TLS()
    {
        var silo = new ClusterSettings("c") { Address = IPAddress.Parse("10.0.0.7") };
        Assert.Contains("--cluster-cert", silo.Fault(Given), StringComparison.Ordinal);
        Assert.Null((silo with { Certificate = "c.pem", Key = "k.pem" }).Fault(Given));
    }

    [Fact]
    public void Half_a_certificate_is_refused()
    {
        var silo = new ClusterSettings("c");
        Assert.NotNull((silo with { Certificate = "c.pem" }).Fault(Given));
        Assert.NotNull((silo with { Key = "k.pem" }).Fault(Given));
        Assert.NotNull((silo with { Trusted = "t.pem" }).Fault(Given));
    }

    [Fact]
    public void Silos_and_gateways_need_a_port_each() =>
        Assert.NotNull(new ClusterSettings("c") { SiloPort = 7_000, GatewayPort = 7_000 }.Fault(Given));
}
