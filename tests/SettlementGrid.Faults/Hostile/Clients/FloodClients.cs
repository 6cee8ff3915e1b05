using SettlementGrid.Faults.Hostile.Wire;

namespace SettlementGrid.Faults.Hostile.Clients;

/// <summary>The same few frames again and again, as fast as the server takes them.</summary>
public abstract class Flood : HostileClient
{
    public override Task RunAsync(Target target) => ManyAsync(
        target, target.Of(HostileLimits.FloodConnections), async (connection, draw) =>
        {
            await connection.GreetAsync(target.Over);
            using var done = CancellationTokenSource.CreateLinkedTokenSource(target.Over);
            // Half of them read what comes, so that the server's answers are not what holds it up.
            var reading = draw.Next(2) == 0 ? connection.ReadAsync(done.Token) : Task.CompletedTask;
            try
            {
                for (var number = 0; !target.Over.IsCancellationRequested; number++)
                {
                    await connection.SendAsync(Piece(connection.Authority, number), target.Over);
                    target.Counts.Sent(HostileLimits.FramesAtOnce);
                }
            }
            finally
            {
                await done.CancelAsync();
                await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });

    /// <summary>The n-th piece of a connection, of <see cref="HostileLimits.FramesAtOnce"/> frames or more.</summary>
    protected abstract byte[] Piece(string authority, int number);

    protected static byte[] Repeated(Func<int, byte[]> frame) =>
        [.. Enumerable.Range(0, HostileLimits.FramesAtOnce).SelectMany(frame)];

    /// <summary>Streams are odd and never come again on a connection.</summary>
    protected static int StreamOf(int piece, int frame) => 2 * (piece * HostileLimits.FramesAtOnce + frame) + 1;
}

/// <summary>Calls that are taken back at once (CVE-2023-44487, fault 36).</summary>
public sealed class RapidReset : Flood
{
    public override string Name => "rapid-reset";

    public override string What => "calls taken back at once, as fast as it goes";

    public override string WhatChinese => "快速重置攻击";

    protected override byte[] Piece(string authority, int number)
    {
        var head = Frames.Post("/settlementgrid.v1.SettlementService/Settle", authority, "application/grpc");
        return Repeated(i => (byte[])
        [
            .. Frames.Frame(Frames.Headers, Frames.EndHeaders, StreamOf(number, i), head),
            .. Frames.Number(Frames.ResetStream, StreamOf(number, i), 8),
        ]);
    }
}

/// <summary>One request's headers in endless small pieces (the CONTINUATION flood of 2024, fault 36).</summary>
public sealed class ContinuationFlood : Flood
{
    public override string Name => "continuation-flood";

    public override string What => "one request's headers in pieces without an end, every second one empty";

    public override string WhatChinese => "CONTINUATION 洪水";

    protected override byte[] Piece(string authority, int number) => Repeated(i =>
        number == 0 && i == 0 ? Frames.Frame(Frames.Headers, 0, 1, Frames.Block((":method", "POST")))
        : Frames.Frame(Frames.Continuation, 0, 1, i % 2 == 0 ? Frames.Block(("x", "y")) : []));
}

/// <summary>Pings, each of which wants an answer (CVE-2019-9512, fault 36).</summary>
public sealed class PingFlood : Flood
{
    public override string Name => "ping-flood";

    public override string What => "pings, each of which wants an answer";

    public override string WhatChinese => "PING 洪水";

    protected override byte[] Piece(string authority, int number) =>
        Repeated(_ => Frames.Frame(Frames.Ping, 0, 0, new byte[8]));
}

/// <summary>Settings, each of which wants an answer and changes every window (CVE-2019-9515, fault 36).</summary>
public sealed class SettingsFlood : Flood
{
    public override string Name => "settings-flood";

    public override string What => "settings, each of which wants an answer";

    public override string WhatChinese => "SETTINGS 洪水";

    protected override byte[] Piece(string authority, int number) =>
        Repeated(i => Frames.SettingsOf((Frames.InitialWindowSetting, 65_535 + i % 2)));
}

/// <summary>More calls on a connection than the server allows, none of which is ever ended (fault 36).</summary>
public sealed class StreamFlood : Flood
{
    public override string Name => "stream-flood";

    public override string What => "calls far beyond the 256 of a connection, none of them ever ended";

    public override string WhatChinese => "流洪水，超出每连接上限";

    protected override byte[] Piece(string authority, int number)
    {
        var head = Frames.Post("/settlementgrid.v1.SettlementService/Settle", authority, "application/grpc");
        return Repeated(i => Frames.Frame(Frames.Headers, Frames.EndHeaders, StreamOf(number, i), head));
    }
}

/// <summary>Frames that carry nothing: empty DATA, PRIORITY, WINDOW_UPDATE of one (CVE-2019-9518, fault 36).</summary>
public sealed class EmptyFrames : Flood
{
    public override string Name => "empty-frames";

    public override string What => "frames that carry nothing: empty DATA, PRIORITY, WINDOW_UPDATE";

    public override string WhatChinese => "空帧洪水";

    protected override byte[] Piece(string authority, int number) => Repeated(i =>
        number == 0 && i == 0
            ? Frames.Frame(
                Frames.Headers, Frames.EndHeaders, 1,
                Frames.Post("/settlementgrid.v1.SettlementService/Settle", authority, "application/grpc"))
        : (i % 3) switch
        {
            0 => Frames.Frame(Frames.Data, 0, 1),
            1 => Frames.Frame(Frames.Priority, 0, 1, [0, 0, 0, 0, 16]),
            // The window may grow to 2^31 - 1: a connection reaches it after two milliards of frames.
            _ => Frames.Number(Frames.WindowUpdate, 0, 1),
        });
}
