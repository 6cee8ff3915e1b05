using System.Net.Sockets;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Hostile.Wire;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests.Flooding;

/// <summary>Floods on a real Kestrel: their connection ends, and who calls on another one notices nothing.</summary>
public sealed class FloodTests : IAsyncLifetime, IDisposable
{
    // Ten times what any budget lets through. All of it may lie in the system's buffers before any of it is looked at.
    private const int Pieces = 200;
    private const int FramesAtOnce = 100;

    private readonly CancellationTokenSource _over = new(TimeSpan.FromSeconds(30));
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        await HealthyAsync();
    }

    public async Task DisposeAsync()
    {
        Assert.Empty(_host.Log.Errors);
        await _host.DisposeAsync();
    }

    public void Dispose() => _over.Dispose();

    /// <summary>One flood of each kind: its n-th frame.</summary>
    public static TheoryData<string, Func<string, int, byte[]>> Floods() => new()
    {
        { "pings", (_, _) => Frames.Frame(Frames.Ping, 0, 0, new byte[8]) },
        { "settings", (_, n) => Frames.SettingsOf((Frames.InitialWindowSetting, 65_535 + (n % 2))) },
        { "answers to nothing", (_, _) => Frames.Frame(Frames.Settings, Frames.Ack, 0) },
        { "windows", (_, _) => Frames.Number(Frames.WindowUpdate, 0, 1) },
        { "priorities", (_, _) => Frames.Frame(Frames.Priority, 0, 1, [0, 0, 0, 0, 16]) },
        { "unknown frames", (_, _) => Frames.Frame(0xfe, 0, 0) },
        {
            "calls taken back",
            (to, n) => [.. Call(to, (2 * n) + 1), .. Frames.Number(Frames.ResetStream, (2 * n) + 1, 8)]
        },
        { "calls without an end", (to, n) => Call(to, (2 * n) + 1) },
        { "empty data", (to, n) => n == 0 ? Call(to, 1) : Frames.Frame(Frames.Data, 0, 1) },
        { "data of a byte", (to, n) => n == 0 ? Call(to, 1) : Frames.Frame(Frames.Data, 0, 1, 0) },
        { "empty pieces of headers", (_, n) => Frames.Frame(n == 0 ? Frames.Headers : Frames.Continuation, 0, 1) },
    };

    [Theory]
    [MemberData(nameof(Floods))]
    public async Task The_connection_of_a_flood_ends_and_others_go_on(string what, Func<string, int, byte[]> frame)
    {
        using var flooder = await RawConnection.OpenAsync(_host.Grpc.Http.BaseAddress!, _over.Token);
        await flooder.GreetAsync(_over.Token);

        await FloodUntilClosedAsync(flooder, frame);

        Assert.True(_host.Guard.EndedCount == 1, $"{what} were ended by somebody else");
        await HealthyAsync();
    }

    [Fact]
    public async Task Whoever_flooded_is_let_in_again_in_its_turn()
    {
        var clock = new ManualClock();
        await using var host = await ApiHost.StartAsync(guardClock: clock);
        using (var flooder = await RawConnection.OpenAsync(host.Grpc.Http.BaseAddress!, _over.Token))
        {
            await flooder.GreetAsync(_over.Token);
            await FloodUntilClosedAsync(flooder, (_, _) => Frames.Frame(Frames.Ping, 0, 0, new byte[8]));
        }

        // The first is let in at once, the second when its turn comes.
        Assert.Equal(GrpcStatus.Ok, (await host.Grpc.CallAsync(Settle, new SettleRequest())).Status);
        using var second = new GrpcClient(host.Grpc.Http.BaseAddress!);
        var pending = second.CallAsync(Settle, new SettleRequest());
        await clock.WhenTimerIsSetAsync(FloodLimits.HeldPace).WaitAsync(_over.Token);
        Assert.False(pending.IsCompleted);
        clock.Advance(FloodLimits.HeldPace);

        Assert.Equal(GrpcStatus.Ok, (await pending).Status);
    }

    [Fact]
    public async Task A_busy_client_that_also_takes_calls_back_is_never_ended()
    {
        const int rounds = 60;
        const int atOnce = 100;
        await using var host = await ApiHost.StartAsync(new FakeHandlers
        {
            Settle = async (request, call) =>
            {
                if (request.RequestId == "hangs")
                {
                    await Task.Delay(Timeout.Infinite, call.Cancelled);
                }

                return FakeHandlers.Echo(request);
            },
        });

        for (var round = 0; round < rounds; round++)
        {
            using var gaveUp = new CancellationTokenSource();
            var hanging = Enumerable.Range(0, atOnce / 4).Select(_ => host.Grpc.OpenAsync(
                Settle, new ByteArrayContent(Frame(new SettleRequest { RequestId = "hangs" })), gaveUp.Token)).ToList();
            var answered = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(
                number => host.Grpc.CallAsync(Settle, new SettleRequest { RequestId = $"{number}" })));
            Assert.All(answered, one => Assert.Equal(GrpcStatus.Ok, one.Status));
            await gaveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(hanging));
        }

        Assert.Equal(0, host.Guard.EndedCount);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Whoever_is_refused_before_the_body_was_read_is_not_ended()
    {
        await using var host = await ApiHost.StartAsync(identify: _ => new WireRefusal("UNAUTHENTICATED", "", "who"));
        var large = new byte[ApiLimits.SingleBytesMax];
        // Below the 512 streams whose ends Kestrel waits for before it ends a connection itself.
        for (var round = 0; round < 40; round++)
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.Grpc.SendAsync(Settle, large)));
            Assert.All(replies, one => Assert.Equal(GrpcStatus.Unauthenticated, one.Status));
        }

        Assert.Equal(0, host.Guard.EndedCount);
    }

    private static byte[] Call(string authority, int stream) => Frames.Frame(
        Frames.Headers, Frames.EndHeaders, stream, Frames.Post(Settle, authority, "application/grpc"));

    private async Task HealthyAsync() =>
        Assert.Equal(GrpcStatus.Ok, (await _host.Grpc.CallAsync(Settle, new SettleRequest())).Status);

    /// <exception cref="OperationCanceledException">The connection was not closed.</exception>
    private async Task FloodUntilClosedAsync(RawConnection flooder, Func<string, int, byte[]> frame)
    {
        var reading = flooder.ReadAsync(_over.Token);
        try
        {
            for (var piece = 0; piece < Pieces; piece++)
            {
                var frames = Enumerable.Range(piece * FramesAtOnce, FramesAtOnce);
                await flooder.SendAsync(frames.SelectMany(n => frame(flooder.Authority, n)).ToArray(), _over.Token);
            }
        }
        catch (SocketException)
        {
            // Closed while this was still sending.
        }

        await reading;
    }
}
