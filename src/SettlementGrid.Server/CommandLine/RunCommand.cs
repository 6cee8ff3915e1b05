using System.CommandLine;
using System.Net;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>`run`: the server, in the foreground.</summary>
public sealed class RunCommand
{
    private readonly DatabaseChoice _database = new();

    private readonly Option<int> _port = PortOption(
        "--port",
        "HTTP/1.1: JSON, console, /healthz, /metrics; with a certificate TLS for all 端口",
        RunSettings.DefaultPort);

    private readonly Option<int> _grpcPort = PortOption(
        "--grpc-port", "cleartext HTTP/2: gRPC 端口", RunSettings.DefaultGrpcPort);

    private readonly Option<bool> _noSample = new("--no-sample")
    {
        Description = "start without the sample city; the plans are there all the same 不装载示例城市",
    };

    private readonly Option<IPAddress> _listen = new("--listen")
    {
        Description = "address to listen on; beyond loopback callers need keys or certificates 监听地址",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result =>
        {
            if (IPAddress.TryParse(result.Tokens[0].Value, out var address))
            {
                return address;
            }

            result.AddError($"--listen takes an IP address, not '{result.Tokens[0].Value}'.");
            return IPAddress.Loopback;
        },
    };

    private readonly Option<string?> _tlsCert = new("--tls-cert")
    {
        Description = "certificate with its chain, PEM; callers may then show client certificates 证书",
        HelpName = "FILE",
    };

    private readonly Option<string?> _tlsKey = new("--tls-key")
    {
        Description = "its private key, PEM 私钥",
        HelpName = "FILE",
    };

    private readonly Option<bool> _requireKeys = new("--require-keys")
    {
        Description = "loopback callers need an API key or certificate too 本机调用也须密钥或证书",
    };

    private readonly Option<string?> _anchor = new("--anchor")
    {
        Description = "file that the signed head of the ledger is appended to; best on another disk 锚文件",
        HelpName = "FILE",
    };

    private readonly Option<int?> _warmMemory = new("--warm-memory")
    {
        Description = "MiB for accounts kept in memory; left out: an eighth of the memory 常驻账户内存",
        HelpName = "MIB",
    };

    public static Command Create()
    {
        var run = new RunCommand();
        var command = new Command("run", "Start the server in the foreground. 启动服务");
        run.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = run.In(parsed);
            if (settings.Fault() is { } fault)
            {
                Terminal.Say(fault);
                return ExitCode.Usage;
            }

            await ServerRun.RunAsync(settings, TimeProvider.System, front => Announce(front, settings), cancellation);
            return ExitCode.Fine;
        });
        return command;
    }

    /// <summary>Its options, for another program with the same front.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_port);
        command.Options.Add(_grpcPort);
        _database.AddTo(command);
        command.Options.Add(_noSample);
        command.Options.Add(_listen);
        command.Options.Add(_tlsCert);
        command.Options.Add(_tlsKey);
        command.Options.Add(_requireKeys);
        command.Options.Add(_anchor);
        command.Options.Add(_warmMemory);
    }

    /// <summary>The settings of a parsed command line.</summary>
    public RunSettings In(ParseResult parsed) => new(_database.In(parsed))
    {
        Port = parsed.GetValue(_port),
        GrpcPort = parsed.GetValue(_grpcPort),
        Sample = !parsed.GetValue(_noSample),
        Listen = parsed.GetValue(_listen)!,
        TlsCertificate = parsed.GetValue(_tlsCert),
        TlsKey = parsed.GetValue(_tlsKey),
        RequireKeys = parsed.GetValue(_requireKeys),
        Anchor = parsed.GetValue(_anchor),
        WarmMemory = parsed.GetValue(_warmMemory),
    };

    /// <summary>An option that takes a port; 0 stands for any free one.</summary>
    public static Option<int> PortOption(string name, string description, int byDefault)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "PORT",
            DefaultValueFactory = _ => byDefault,
        };
        option.Validators.Add(result =>
        {
            // What is no number at all is reported by the parser itself.
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var port)
                && port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            {
                result.AddError($"{name} takes a port from 0 (any free one) to {IPEndPoint.MaxPort}.");
            }
        });
        return option;
    }

    /// <summary>Says where the program answers, and what to try.</summary>
    public static void Announce(HttpFront front, RunSettings settings)
    {
        var address = front.Addresses[0].GetLeftPart(UriPartial.Authority);
        Terminal.Answer($"SettlementGrid is ready on {address}");
        if (!settings.Tls)
        {
            Terminal.Answer(
                $"  gRPC on {front.Addresses[^1].Authority}, health on {address}/healthz, figures on "
                    + $"{address}/metrics");
        }

        if (!settings.Sample || settings.KeysRequired || settings.Tls)
        {
            return;
        }

        var url = settings.Port == RunSettings.DefaultPort ? "" : $" --url {address}";
        Terminal.Answer(
            $$"""
              settle a discharge of the sample city (again: the same answer) 试结一笔：

            curl -s {{address}}/settlementgrid.v1.SettlementService/Settle -H 'content-type: application/json' -d '{
              "request_id": "demo-1", "facility_id": "H15050200001", "encounter_id": "E-1", "enrollee_id": "TL-0000001",
              "care_type": "INPATIENT", "admitted_on": "2026-01-05", "discharged_on": "2026-01-12",
              "total_fen": 12000000, "eligible_fen": 10000000, "basic_paid_fen": 4000000}'

              and see its county's fund move 看基金变动: ./grid funds --watch{{url}}

            """);
    }
}
