using SettlementGrid.Faults.Hostile.Wire;

namespace SettlementGrid.Faults.Hostile.Clients;

/// <summary>Announces messages and sends a byte of each a second (slow loris, fault 35).</summary>
public sealed class SlowBodies : HostileClient
{
    const string Settle = "/settlementgrid.v1.SettlementService/Settle";

    public override string Name => "slow-bodies";

    public override string What => "bodies of 60 kB at a byte a second, 20 calls on each of 200 connections";

    public override string WhatChinese => "请求正文每秒一字节";

    public override Task RunAsync(Target target) => ManyAsync(
        target, target.Of(HostileLimits.SlowConnections), (connection, draw) => DribbleAsync(target, connection, draw));

    static async Task DribbleAsync(Target target, RawConnection connection, Random draw)
    {
        await target.PauseAsync(HostileLimits.ComeWithin * draw.NextDouble());
        await connection.GreetAsync(target.Over);
        var head = Frames.Post(Settle, connection.Authority, "application/grpc");
        byte[] prefix = [0, 0, 0, 0xea, 0x60];
        for (var i = 0; i < HostileLimits.SlowStreams; i++)
        {
            var stream = 2 * i + 1;
            await connection.SendAsync(Frames.Frame(Frames.Headers, Frames.EndHeaders, stream, head), target.Over);
            await connection.SendAsync(Frames.Frame(Frames.Data, 0, stream, prefix), target.Over);
            target.Counts.Sent(1);
        }
        while (!target.Over.IsCancellationRequested && !connection.IsClosed)
        {
            await target.PauseAsync(HostileLimits.SlowPause);
            for (var i = 0; i < HostileLimits.SlowStreams; i++)
                await connection.SendAsync(Frames.Frame(Frames.Data, 0, 2 * i + 1, 7), target.Over);
        }
    }
}

/// <summary>Begins requests and never ends their headers, on HTTP/2 and on HTTP/1.1 (fault 35).</summary>
public sealed class UnfinishedHeaders : HostileClient
{
    public override string Name => "unfinished-headers";

    public override string What => "headers at a byte a second that never end, half prefaces, HTTP/1.1 too";

    public override string WhatChinese => "请求头永不结束";

    public override Task RunAsync(Target target) => Task.WhenAll(
        ManyAsync(target, target.Of(HostileLimits.SlowConnections), async (connection, _) =>
        {
            await connection.GreetAsync(target.Over);
            await connection.SendAsync(
                Frames.Frame(Frames.Headers, 0, 1, Frames.Block((":method", "POST"))), target.Over);
            await UntilClosedAsync(
                target, connection, Frames.Frame(Frames.Continuation, 0, 1, Frames.Block(("x", "y"))));
        }),
        ManyAsync(target, target.Of(HostileLimits.SlowConnections), async (connection, _) =>
        {
            await connection.SendAsync(Frames.Preface[..10].ToArray(), target.Over);
            await UntilClosedAsync(target, connection, []);
        }),
        Task.WhenAll(Enumerable.Range(0, target.Of(HostileLimits.SlowConnections)).Select(_ => Http1Async(target))));

    static async Task Http1Async(Target target)
    {
        while (!target.Over.IsCancellationRequested)
        {
            try
            {
                using var connection = await target.OpenAsync(http1: true);
                await connection.SendAsync("POST / HTTP/1.1\r\nHost: localhost\r\nX: "u8.ToArray(), target.Over);
                await UntilClosedAsync(target, connection, "y"u8.ToArray());
                target.Counts.Closed();
            }
            catch (System.Net.Sockets.SocketException)
            {
                target.Counts.Closed();
                await target.PauseAsync(HostileLimits.ReconnectPause);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    static async Task UntilClosedAsync(Target target, RawConnection connection, byte[] piece)
    {
        while (!target.Over.IsCancellationRequested && !connection.IsClosed)
        {
            await connection.SendAsync(piece, target.Over);
            target.Counts.Sent(1);
            await target.PauseAsync(HostileLimits.SlowPause);
        }
    }
}

/// <summary>Connections whose peer has ended its side in the middle of a frame and stays (fault 35).</summary>
public sealed class HalfOpen : HostileClient
{
    public override string Name => "half-open";

    public override string What => "connections ended by their peer within a frame, and kept";

    public override string WhatChinese => "半开连接，停在帧中间";

    public override Task RunAsync(Target target) => ManyAsync(
        target, target.Of(HostileLimits.IdleConnections / 4), async (connection, draw) =>
        {
            await connection.GreetAsync(target.Over);
            var frame = Frames.Frame(
                Frames.Headers, Frames.EndHeaders, 1,
                Frames.Post("/settlementgrid.v1.SettlementService/Settle", connection.Authority, "application/grpc"));
            await connection.SendAsync(frame.AsMemory(0, draw.Next(1, frame.Length)), target.Over);
            target.Counts.Sent(1);
            if (draw.Next(2) == 0)
                connection.EndSending();
            while (!target.Over.IsCancellationRequested && !connection.IsClosed)
                await target.PauseAsync(HostileLimits.SlowPause);
        });
}
