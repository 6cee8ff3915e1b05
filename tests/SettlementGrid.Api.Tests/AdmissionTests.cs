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
    public async Task One_call_too_many_is_refused_at_once_and_probes_are_not()
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
        await using var host = await ApiHost.StartAsync(handlers, admission: new Admission(callsMax: 1, bytesMax: 1));
        var first = host.Grpc.CallAsync(Settle, new SettleRequest());
        await entered.Task;

        var second = await host.Grpc.CallAsync(Settle, new SettleRequest());
        var probe = await host.Grpc.CallAsync("/grpc.health.v1.Health/Check", new HealthCheckRequest());

        Assert.Equal(GrpcStatus.ResourceExhausted, second.Status);
        Assert.Equal("OVERLOADED", second.Reason);
        Assert.Equal(GrpcStatus.Ok, probe.Status);
        release.SetResult();
        Assert.Equal(GrpcStatus.Ok, (await first).Status);
        Assert.Equal(GrpcStatus.Ok, (await host.Grpc.CallAsync(Settle, new SettleRequest())).Status);
    }

    [Fact]
    public async Task A_message_that_would_dribble_in_beyond_the_bytes_there_are_is_refused()
    {
        await using var host = await ApiHost.StartAsync(admission: new Admission(callsMax: 10, bytesMax: 1_000));
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
            admission: new Admission(callsMax: 10, bytesMax: ApiLimits.SingleBytesMax - 1));
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
        Assert.True(ConnectionLimits.StreamsPerConnectionMax <= ApiLimits.CallsMax);
    }
}
