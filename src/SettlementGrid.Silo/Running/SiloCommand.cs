using System.CommandLine;
using System.Net;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;
using SettlementGrid.Silo.Cluster;

namespace SettlementGrid.Silo.Running;

/// <summary>
/// `silo`: one program of a cluster, in the foreground; it takes what `run` takes, and where its cluster is.
/// </summary>
public sealed class SiloCommand
{
    readonly RunCommand _run = new();

    readonly Option<bool> _gateway = new("--gateway")
    {
        Description = "the interface alone: turns run on the cluster's silos 仅作网关",
    };

    readonly Option<string> _cluster = new("--cluster")
    {
        Description = "id of the cluster; all its programs use one database 集群标识",
        HelpName = "ID",
        DefaultValueFactory = _ => ClusterSettings.DefaultId,
    };

    readonly Option<int> _siloPort = RunCommand.PortOption(
        "--silo-port", "for the cluster's other silos; 0: any free one 节点端口", ClusterSettings.DefaultSiloPort);

    readonly Option<int> _gatewayPort = RunCommand.PortOption(
        "--gateway-port", "for gateways; 0: any free one 网关接入端口", ClusterSettings.DefaultGatewayPort);

    readonly Option<IPAddress> _address = new("--cluster-address")
    {
        Description = "address by which the cluster's programs reach this one 集群内地址",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result =>
        {
            if (IPAddress.TryParse(result.Tokens[0].Value, out var address))
                return address;
            result.AddError($"--cluster-address takes an IP address, not '{result.Tokens[0].Value}'.");
            return IPAddress.Loopback;
        },
    };

    readonly Option<string?> _certificate = FileOption(
        "--cluster-cert", "certificate between the cluster's programs, PEM 集群证书");

    readonly Option<string?> _key = FileOption("--cluster-key", "its private key, PEM 集群私钥");

    readonly Option<string?> _trusted = FileOption(
        "--cluster-trust", "certificates believed besides, PEM; for exchanging them 另外信任的证书");

    public static RootCommand Create()
    {
        var silo = new SiloCommand();
        var command = new RootCommand(
            "Start a silo of the cluster in the foreground, or with --gateway a gateway to it. 启动集群节点或网关");
        silo._run.AddTo(command);
        foreach (var option in new Option[]
        {
            silo._gateway, silo._cluster, silo._siloPort, silo._gatewayPort, silo._address, silo._certificate,
            silo._key,
            silo._trusted,
        })
            command.Options.Add(option);
        command.Subcommands.Add(HealthCommand.Create());
        command.SetAction(async (parsed, cancellation) =>
        {
            var cluster = silo.In(parsed);
            var settings = silo._run.In(parsed);
            if (cluster.IsGateway)
                settings = settings with { Sample = false };
            if ((settings.Fault() ?? cluster.Fault(settings)) is { } fault)
            {
                Terminal.Say(fault);
                return ExitCode.Usage;
            }
            await ServerRun.RunAsync(
                settings, TimeProvider.System, front => RunCommand.Announce(front, settings), cancellation,
                ClusterParts.Of(cluster with { WarmMemory = settings.WarmMemory }));
            return ExitCode.Fine;
        });
        return command;
    }

    ClusterSettings In(ParseResult parsed) => new(parsed.GetValue(_cluster)!)
    {
        IsGateway = parsed.GetValue(_gateway),
        SiloPort = parsed.GetValue(_siloPort),
        GatewayPort = parsed.GetValue(_gatewayPort),
        Address = parsed.GetValue(_address)!,
        Certificate = parsed.GetValue(_certificate),
        Key = parsed.GetValue(_key),
        Trusted = parsed.GetValue(_trusted),
    };

    static Option<string?> FileOption(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE" };
}
