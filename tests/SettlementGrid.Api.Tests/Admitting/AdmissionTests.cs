using System.Net;
using System.Net.Http.Headers;
using Grpc.Health.V1;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests;

/// <summary>The bounds over all calls together: full means OVERLOADED at once, and room comes back.</summary>
public sealed class AdmissionTests
{
    private const string SettleMany = "/settlementgrid.v1.SettlementService/SettleMany";

    [Fact]
    public async Task One_call_too_many_is_refused_unread_and_those_let_in_finish()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handlers = new FakeHandlers
        {
            Settle = async (request, _) =>
            {
                entered.TrySetResult();
                await release.Task;
                return FakeHandlers.Echo(request);
            },
        };
        var bounds = new AdmissionBounds(CallsMax: 1, CallsFree: 1, CallsForBatches: 1);
        await using var host = await ApiHost.StartAsync(handlers, bounds: bounds);
        var first = host.Grpc.CallAsync(Settle, new SettleRequest { RequestId = "r-1" });
        await entered.Task;
        using var unread = new EndlessContent();

        var second = await host.Grpc.SendAsync(Settle, unread);
        var english = await host.Grpc.CallAsync(Settle, new SettleRequest(), ("accept-language", "en"));
        using var json = await host.Http1.PostAsync(Settle, new StringContent("{}", null, "application/json"));
        var probe = await host.Grpc.CallAsync("/grpc.health.v1.Health/Check", new HealthCheckRequest());

        Assert.Equal(GrpcStatus.ResourceExhausted, second.Status);
        Assert.Equal("OVERLOADED", second.Reason);
        var details = Assert.Single(second.Details().Details).Unpack<Refusal>();
        Assert.Equal(Advice.RetrySameRequest, details.Advice);
        Assert.Contains("繁忙", second.Message, StringComparison.Ordinal);
        Assert.Contains("overloaded", english.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, json.StatusCode);
        Assert.Contains("OVERLOADED", await json.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(GrpcStatus.Ok, probe.Status);
        release.SetResult();
        Assert.Equal("r-1", (await first).Settlement().RequestId);
        Assert.Equal(GrpcStatus.Ok, (await host.Grpc.CallAsync(Settle, new SettleRequest())).Status);
    }

    [Fact]
    public async Task A_batch_for_which_there_is_no_room_is_refused_whole_and_a_smaller_one_is_not()
    {
        var carriedOut = 0;
        var handlers = new FakeHandlers
        {
            SettleMany = (_, _) =>
            {
                Interlocked.Increment(ref carriedOut);
                return new(new SettleManyResponse());
            },
        };
        var bounds = new AdmissionBounds(CallsForBatches: 20, PaceAtFirst: 1);
        await using var host = await ApiHost.StartAsync(handlers, bounds: bounds);

        var tooMany = await host.Grpc.CallAsync(SettleMany, Batch(12));
        var some = await host.Grpc.CallAsync(SettleMany, Batch(10));

        Assert.Equal("OVERLOADED", tooMany.Reason);
        Assert.Equal(GrpcStatus.Ok, some.Status);
        Assert.Equal(1, carriedOut);

        static SettleManyRequest Batch(int requests) =>
            new() { Requests = { Enumerable.Range(0, requests).Select(_ => new SettleRequest()) } };
    }

    [Fact]
    public async Task Callers_whose_bodies_never_come_keep_nobody_out()
    {
        const int room = 4;
        await using var host = await ApiHost.StartAsync(
            bounds: new AdmissionBounds(CallsMax: room, CallsFree: room, CallsForBatches: room));
        using var given = new CancellationTokenSource();
        // Every second has sent its whole message and keeps the end of the stream to itself.
        var bodies = Enumerable.Range(0, 8 * room).Select(i => i % 2 == 0
            ? new EndlessContent(0, 0, 0, 0, 99)
            : new EndlessContent(Frame(new SettleRequest { RequestId = "r" }))).ToList();
        var slow = bodies.ConvertAll(body => host.Grpc.OpenAsync(Settle, body, given.Token));

        // While they come in they may fill the room for a moment; once they wait nobody notices them.
        GrpcReply healthy;
        do
        {
            healthy = await host.Grpc.CallAsync(Settle, new SettleRequest { RequestId = "healthy" });
        }
        while (healthy.Reason == "OVERLOADED" && slow.Exists(one => !one.IsCompleted));

        Assert.Equal(GrpcStatus.Ok, healthy.Status);
        Assert.True(slow.Count(one => !one.IsCompleted) > room, "The slow ones were refused, not waited for.");
        await given.CancelAsync();
        foreach (var one in slow)
        {
            await Record.ExceptionAsync(() => one);
        }

        bodies.ForEach(body => body.Dispose());
    }

    [Fact]
    public async Task Large_answers_that_nobody_reads_are_bounded_and_their_room_comes_back()
    {
        // Larger than what .NET's client lets a server send ahead.
        var handlers = new FakeHandlers
        {
            Settle = (_, _) => new(new Settlement { Explanation = { new string('x', 1_000_000) } }),
        };
        var bounds =
            new AdmissionBounds(CallsMax: 1, CallsFree: 1, CallsForBatches: 1, AnswerBytesWaitingMax: 1_500_000);
        await using var host = await ApiHost.StartAsync(handlers, bounds: bounds);
        using var ask = new ByteArrayContent(Frame(new SettleRequest()));
        using var again = new ByteArrayContent(Frame(new SettleRequest()));

        // Its headers come with the first piece; it takes no room of others' from then on.
        using var unread = await host.Grpc.OpenAsync(Settle, ask, CancellationToken.None);
        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            using var second = await host.Grpc.OpenAsync(Settle, again, CancellationToken.None);
            await second.Content.ReadAsByteArrayAsync();
        });

        Assert.Equal(1_000_000, (await unread.Content.ReadAsByteArrayAsync()).Length, tolerance: 100);
        Assert.Equal("0", Assert.Single(unread.TrailingHeaders.GetValues("grpc-status")));
        Assert.Equal(GrpcStatus.Ok, (await host.Grpc.CallAsync(Settle, new SettleRequest())).Status);
    }

    [Fact]
    public async Task A_large_answer_that_nobody_reads_is_given_up_after_its_time()
    {
        var handlers = new FakeHandlers
        {
            Settle = (_, _) => new(new Settlement { Explanation = { new string('x', 1_000_000) } }),
        };
        var clock = new ManualClock();
        await using var host = await ApiHost.StartAsync(
            handlers, clock, bounds: new AdmissionBounds(AnswerBytesWaitingMax: 1_500_000));
        using var ask = new ByteArrayContent(Frame(new SettleRequest()));
        using var unread = await host.Grpc.OpenAsync(Settle, ask, CancellationToken.None);

        clock.Advance(ApiLimits.AnswerTakenMax);

        // The room comes back a moment later, on another thread.
        GrpcReply? reply = null;
        for (var attempt = 0; reply is null && attempt < 1_000; attempt++)
        {
            var refused = await Record.ExceptionAsync(
                async () => reply = await host.Grpc.CallAsync(Settle, new SettleRequest()));
            Assert.True(refused is null or HttpRequestException, $"{refused}");
        }

        Assert.Equal(GrpcStatus.Ok, reply?.Status);
    }

    [Fact]
    public async Task A_streams_messages_count_as_answers_do_and_small_ones_take_no_room()
    {
        var large = new string('x', ApiLimits.AnswerBytesFree);
        var handlers = new FakeHandlers
        {
            Simulate = async (request, _, write) =>
            {
                await write(new SimulateResponse());
                await write(new SimulateResponse { Outcome = new SimulateOutcome { PlanId = request.Text } });
                return null;
            },
        };
        await using var host =
            await ApiHost.StartAsync(handlers, bounds: new AdmissionBounds(AnswerBytesWaitingMax: 0));

        var reply = await host.Grpc.CallAsync(Simulate, new SimulateRequest());

        Assert.Equal((GrpcStatus.Ok, 2), (reply.Status, reply.Messages.Count));
        await Assert.ThrowsAsync<HttpRequestException>(
            () => host.Grpc.CallAsync(Simulate, new SimulateRequest { Text = large }));
    }

    [Fact]
    public async Task A_message_that_would_dribble_in_beyond_the_bytes_there_are_is_refused()
    {
        await using var host = await ApiHost.StartAsync(bounds: new AdmissionBounds(BytesMax: 1_000));
        using var tooMuch = new EndlessContent(0, 0, 0, 0x03, 0xe9);
        var whole = new SettleManyRequest { Requests = { new SettleRequest { RequestId = new string('x', 900) } } };

        var refused = await host.Grpc.SendAsync(SettleMany, tooMuch);

        Assert.Equal("OVERLOADED", refused.Reason);
        // What a message held is given back: the same room serves one after another.
        for (var round = 0; round < 5; round++)
        {
            var pieces = Frame(whole).Chunk(100);
            Assert.Equal(GrpcStatus.Ok, (await host.Grpc.SendAsync(SettleMany, new PiecesContent(pieces))).Status);
        }
    }

    [Fact]
    public async Task A_json_body_of_unstated_length_counts_as_large_as_it_may_become()
    {
        await using var host = await ApiHost.StartAsync(
            bounds: new AdmissionBounds(BytesMax: ApiLimits.SingleBytesMax - 1));
        using var body = new EndlessContent((byte)'{');
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        // Over HTTP/2: .NET's HTTP/1.1 client would send all of the body before it looks for an answer.
        using var response = await host.Grpc.OpenAsync(Settle, body, CancellationToken.None);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
    }

    [Fact]
    public void The_limits_agree_with_each_other()
    {
        Assert.True(ApiLimits.SingleBytesMax <= ApiLimits.PlanBytesMax);
        Assert.True(ApiLimits.PlanBytesMax <= ApiLimits.MessageBytesMax);
        Assert.True(ApiLimits.MessageBytesMax < ConnectionLimits.BodyBytesMax);
        Assert.True(ApiLimits.MessageBytesMax <= ApiLimits.BytesArrivingMax);
        Assert.True(ApiLimits.UnaryDeadline <= ApiLimits.UnaryDeadlineMax);
        Assert.True(ApiLimits.UnaryDeadlineMax <= ApiLimits.StreamDeadline);
        Assert.True(ConnectionLimits.StreamWindowBytes <= ConnectionLimits.ConnectionWindowBytes);
        Assert.True(ConnectionLimits.StreamsPerConnectionMax <= ApiLimits.CallsForBatches);
        Assert.True(ApiLimits.CallsFree <= ApiLimits.CallsForProcessors);
        Assert.True(ApiLimits.CallsForProcessors <= ApiLimits.CallsForBatches);
        Assert.True(Enrollees.Limits.SettleManyMax <= ApiLimits.CallsForBatches / 2);
        Assert.True(ApiLimits.CallsForBatches <= ApiLimits.CallsMax);
        Assert.True(ApiLimits.WaitShort < ApiLimits.WaitInCrowd);
        Assert.True(ApiLimits.WaitInCrowd < ApiLimits.WaitAtPeak);
        Assert.True(ApiLimits.WaitAtPeak < ApiLimits.UnaryDeadline / 2);
    }
}
