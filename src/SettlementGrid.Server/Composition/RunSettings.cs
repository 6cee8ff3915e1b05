using System.Net;
using SettlementGrid.Grid;

namespace SettlementGrid.Server.Composition;

/// <summary>What `run` was told, checked as far as it can be without starting anything.</summary>
public sealed record RunSettings(DatabasePlace Database)
{
    public const int DefaultPort = 5080;
    public const int DefaultGrpcPort = 5081;

    /// <summary>HTTP/1.1; with a certificate the one TLS port that serves all. 0: any free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Cleartext HTTP/2; unused with a certificate. 0: any free one.</summary>
    public int GrpcPort { get; init; } = DefaultGrpcPort;

    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    public string? TlsCertificate { get; init; }

    public string? TlsKey { get; init; }

    /// <summary>False: without the sample city. The plans are there all the same.</summary>
    public bool Sample { get; init; } = true;

    /// <summary>The file that the ledger's signed head is appended to.</summary>
    public string? Anchor { get; init; }

    /// <summary>Where log and anchor are kept; null: in the data folder itself.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Where it is: as said, or beside the data, which shows a cut tail but not a thief of the whole machine.
    /// </summary>
    public string AnchorPath => Anchor ?? Path.Combine(Folder ?? Database.Directory, "anchor");

    /// <summary>Asked for on the command line; <see cref="KeysRequired"/> is what counts.</summary>
    public bool RequireKeys { get; init; }

    /// <summary>Whether keys are sent in clear text over more than this machine.</summary>
    public bool ShowsKeys => !Tls && !IPAddress.IsLoopback(Listen);

    /// <summary>Who can reach another address than loopback is not the person at this machine.</summary>
    public bool KeysRequired => RequireKeys || !IPAddress.IsLoopback(Listen);

    public bool Tls => TlsCertificate is not null;

    /// <summary>MiB that warm accounts may take; null: a share of this machine's memory.</summary>
    public int? WarmMemory { get; init; }

    /// <summary>The bounds of the mailboxes.</summary>
    public GridBounds Bounds => WarmMemory is { } warm
        ? new GridBounds(WarmBytesMax: (long)warm << 20)
        : GridBounds.ForThisMachine();

    /// <summary>What is wrong with the combination, or null.</summary>
    public string? Fault()
    {
        if ((TlsCertificate is null) != (TlsKey is null))
        {
            return "--tls-cert and --tls-key belong together: give both or none.";
        }

        if (!Tls && Port != 0 && Port == GrpcPort)
        {
            return $"--port and --grpc-port are both {Port}: cleartext HTTP/1.1 and HTTP/2 need a port each.";
        }

        return WarmMemory < 0 ? "--warm-memory is 0 (no account stays warm) or more MiB." : null;
    }
}
