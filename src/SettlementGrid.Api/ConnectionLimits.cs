using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SettlementGrid.Api;

/// <summary>What one connection, and all of them, may hold or take; each number with its reason.</summary>
public static class ConnectionLimits
{
    /// <summary>
    /// A province's hospitals keep a few connections each; an idle one costs about 20 kB, so this many stay under
    /// 350 MB.
    /// </summary>
    public const int ConnectionsMax = 16_384;

    /// <summary>Calls at one time on one connection: clients that want more open a second connection.</summary>
    public const int StreamsPerConnectionMax = 256;

    /// <summary>Headers of one request, bytes. Ours need under 1 kB; tokens and tracing add some.</summary>
    public const int HeadersBytesMax = 16 * 1024;

    /// <summary>Headers of one request, count.</summary>
    public const int HeadersCountMax = 64;

    /// <summary>
    /// What a caller may send ahead on one stream, bytes: 16 settlements' worth without a round trip, and a
    /// thousand slow streams hold at most a quarter of a gigabyte.
    /// </summary>
    public const int StreamWindowBytes = 256 * 1024;

    /// <summary>What a caller may send ahead on one connection, bytes: four streams at full speed.</summary>
    public const int ConnectionWindowBytes = 1024 * 1024;

    /// <summary>
    /// The largest body, bytes: the largest message, its prefix and some room. The exact
    /// bound is each method's own (<see cref="Method.RequestBytesMax"/>) and answered in the protocol's words; this
    /// one only ends what ignores them.
    /// </summary>
    public const long BodyBytesMax = ApiLimits.MessageBytesMax + 64 * 1024;

    /// <summary>A body or a reader slower than this after the grace is cut off, bytes a second.</summary>
    public const double BytesPerSecondMin = 240;

    /// <summary>How long a body may be slower than that: a mobile network's pause.</summary>
    public static readonly TimeSpan SlowGrace = TimeSpan.FromSeconds(5);

    /// <summary>How long a request's headers may take: they are one or two packets.</summary>
    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be idle: hospitals settle in bursts.</summary>
    public static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(5);

    /// <summary>After so long without a frame the peer is asked whether it lives.</summary>
    public static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(30);

    /// <summary>How long it has to say so; the connection of a dead peer is closed then.</summary>
    public static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    internal static void ApplyTo(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        // The wire writes only whole buffers and never synchronously.
        kestrel.AllowSynchronousIO = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = ConnectionsMax;
        limits.MaxRequestBodySize = BodyBytesMax;
        limits.MaxRequestHeadersTotalSize = HeadersBytesMax;
        limits.MaxRequestHeaderCount = HeadersCountMax;
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.KeepAliveTimeout = IdleMax;
        limits.MinRequestBodyDataRate = new MinDataRate(BytesPerSecondMin, SlowGrace);
        limits.MinResponseDataRate = new MinDataRate(BytesPerSecondMin, SlowGrace);
        limits.Http2.MaxStreamsPerConnection = StreamsPerConnectionMax;
        limits.Http2.MaxRequestHeaderFieldSize = HeadersBytesMax;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.KeepAlivePingDelay = PingAfter;
        limits.Http2.KeepAlivePingTimeout = PingTimeout;
    }
}
