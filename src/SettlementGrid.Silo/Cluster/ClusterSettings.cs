using System.Net;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Silo.Cluster;

/// <summary>What a program was told of its cluster, checked as far as it can be without starting anything.</summary>
/// <param name="Id">Of the cluster: programs with another id on the same database do not see each other.</param>
public sealed record ClusterSettings(string Id)
{
    public const string DefaultId = "settlementgrid";
    public const int DefaultSiloPort = 11_111;
    public const int DefaultGatewayPort = 30_000;

    /// <summary>The interface alone.</summary>
    public bool IsGateway { get; init; }

    public int SiloPort { get; init; } = DefaultSiloPort;

    public int GatewayPort { get; init; } = DefaultGatewayPort;

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>MiB that accounts kept in memory may take; null: by the memory that the process may use.</summary>
    public int? WarmMemory { get; init; }

    public string? Certificate { get; init; }

    public string? Key { get; init; }

    public string? Trusted { get; init; }

    /// <summary>What is wrong with the combination, or null.</summary>
    public string? Fault(RunSettings settings)
    {
        if ((Certificate is null) != (Key is null))
            return "--cluster-cert and --cluster-key belong together: give both or none.";
        if (Trusted is not null && Certificate is null)
            return "--cluster-trust needs --cluster-cert and --cluster-key.";
        if (Certificate is null && !IPAddress.IsLoopback(Address))
            return "Beyond loopback the cluster's programs speak TLS: give --cluster-cert and --cluster-key.";
        if (!IsGateway && SiloPort != 0 && SiloPort == GatewayPort)
            return $"--silo-port and --gateway-port are both {SiloPort}: silos and gateways need a port each.";
        return IsGateway && settings.Database.Postgres is null
            ? "A gateway uses the cluster's database: give --postgres."
            : null;
    }
}
