using Grpc.Health.V1;
using Grpc.Reflection.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests;

public sealed class StreamTests
{
    private const string Check = "/grpc.health.v1.Health/Check";
    private const string Watch = "/grpc.health.v1.Health/Watch";
    private const string Mirror = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_server_stream_sends_every_response_in_order_and_then_ok(int count)
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.Grpc.CallAsync(Simulate, new SimulateRequest { Year = count });

        Assert.Equal(GrpcStatus.Ok, reply.Status);
        var done = reply.Messages.Select(one => SimulateResponse.Parser.ParseFrom(one).Progress.SettlementsDone);
        Assert.Equal(Enumerable.Range(1, count).Select(number => (long)number), done);
    }

    [Fact]
    public async Task A_stream_refused_on_the_way_ends_with_the_refusal()
    {
        var handlers = new FakeHandlers
        {
            Simulate = async (_, _, write) =>
            {
                await write(new SimulateResponse());
                return new WireRefusal("PLAN_INVALID", "方案有误。", "The plan is invalid.");
            },
        };
        await using var host = await ApiHost.StartAsync(handlers);

        var reply = await host.Grpc.CallAsync(Simulate, new SimulateRequest());

        Assert.Single(reply.Messages);
        Assert.Equal(GrpcStatus.FailedPrecondition, reply.Status);
        Assert.Equal("PLAN_INVALID", reply.Reason);
    }

    [Fact]
    public async Task A_fault_on_the_way_ends_the_stream_with_internal()
    {
        var handlers = new FakeHandlers
        {
            Simulate = async (_, _, write) =>
            {
                await write(new SimulateResponse());
                throw new InvalidOperationException("secret");
            },
        };
        await using var host = await ApiHost.StartAsync(handlers);

        var reply = await host.Grpc.CallAsync(Simulate, new SimulateRequest());

        Assert.Single(reply.Messages);
        Assert.Equal(GrpcStatus.Internal, reply.Status);
        Assert.DoesNotContain("secret", reply.Message);
        Assert.Single(host.Log.Errors);
    }

    [Fact]
    public async Task A_stream_ends_at_its_deadline_even_between_responses()
    {
        var clock = new ManualClock();
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handlers = new FakeHandlers
        {
            Simulate = async (_, _, write) =>
            {
                await write(new SimulateResponse());
                waiting.SetResult();
                await release.Task;
                return null;
            },
        };
        await using var host = await ApiHost.StartAsync(handlers, clock);
        var pending = host.Grpc.CallAsync(Simulate, new SimulateRequest(), ("grpc-timeout", "5S"));
        await waiting.Task;

        clock.Advance(TimeSpan.FromSeconds(5));
        var reply = await pending;

        Assert.Single(reply.Messages);
        Assert.Equal(GrpcStatus.DeadlineExceeded, reply.Status);
        release.SetResult();
    }

    [Fact]
    public async Task A_caller_that_never_reads_holds_its_handler_no_longer_than_the_deadline()
    {
        var clock = new ManualClock();
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var large = new SimulateResponse { Outcome = new SimulateOutcome() };
        large.Outcome.Layers.Add(new SimulatedLayer { LayerId = new string('x', 100_000) });
        var handlers = new FakeHandlers
        {
            Simulate = async (_, _, write) =>
            {
                for (var written = 0L; ; written++)
                {
                    try
                    {
                        var writing = write(large);
                        if (!writing.IsCompleted)
                        {
                            stuck.TrySetResult();
                        }

                        await writing;
                    }
                    catch (OperationCanceledException)
                    {
                        ended.SetResult(written);
                        throw;
                    }
                }
            },
        };
        await using var host = await ApiHost.StartAsync(handlers, clock);
        var body = new ByteArrayContent(Frame(new SimulateRequest()));
        using var response = await host.Grpc.OpenAsync(
            Simulate, body, CancellationToken.None, ("grpc-timeout", "5S"));
        await stuck.Task;

        clock.Advance(TimeSpan.FromSeconds(5));

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task A_stopping_server_ends_its_streams_as_unavailable()
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handlers = new FakeHandlers
        {
            Simulate = async (_, call, write) =>
            {
                await write(new SimulateResponse());
                waiting.SetResult();
                await Task.Delay(Timeout.Infinite, call.Cancelled);
                return null;
            },
        };
        await using var host = await ApiHost.StartAsync(handlers);
        var pending = host.Grpc.CallAsync(Simulate, new SimulateRequest());
        await waiting.Task;

        var stopping = host.StopAsync();
        var reply = await pending;

        Assert.Equal(GrpcStatus.Unavailable, reply.Status);
        Assert.Equal("UNAVAILABLE", reply.Reason);
        await stopping;
    }

    [Fact]
    public async Task Health_needs_no_caller_and_says_whether_the_program_can_commit()
    {
        var serving = true;
        await using var host = await ApiHost.StartAsync(
            serving: () => serving,
            identify: _ => new WireRefusal("UNAUTHENTICATED", "缺少密钥。", "No key."));

        var up = await host.Grpc.CallAsync(Check, new HealthCheckRequest());
        serving = false;
        var down = await host.Grpc.CallAsync(
            Check, new HealthCheckRequest { Service = "settlementgrid.v1.SettlementService" });
        var unknown = await host.Grpc.CallAsync(Check, new HealthCheckRequest { Service = "nobody" });

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, StatusIn(up.Messages[0]));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, StatusIn(down.Messages[0]));
        Assert.Equal(GrpcStatus.NotFound, unknown.Status);
    }

    [Fact]
    public async Task A_health_watch_tells_the_status_now_and_every_change()
    {
        var clock = new ManualClock();
        var serving = false;
        await using var host = await ApiHost.StartAsync(clock: clock, serving: () => serving);
        var body = new ByteArrayContent(Frame(new HealthCheckRequest()));
        using var response = await host.Grpc.OpenAsync(Watch, body, CancellationToken.None);
        await using var stream = await response.Content.ReadAsStreamAsync();

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await ReadStatusAsync(stream));
        serving = true;
        clock.Advance(ApiLimits.HealthWatchPeriod);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await ReadStatusAsync(stream));
        serving = false;
        clock.Advance(ApiLimits.HealthWatchPeriod);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await ReadStatusAsync(stream));
    }

    [Fact]
    public async Task One_watch_too_many_is_refused_as_overloaded_and_checks_and_callers_streams_are_not()
    {
        await using var host = await ApiHost.StartAsync(bounds: new AdmissionBounds(ProbeStreamsMax: 2));
        var first = new ByteArrayContent(Frame(new HealthCheckRequest()));
        using (var watching = await host.Grpc.OpenAsync(Watch, first, CancellationToken.None))
        {
            await using var stream = await watching.Content.ReadAsStreamAsync();
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await ReadStatusAsync(stream));

            // One address has half of the room.
            var refused = await host.Grpc.CallAsync(Watch, new HealthCheckRequest());
            var check = await host.Grpc.CallAsync(Check, new HealthCheckRequest());
            var ofCaller = await host.Grpc.CallAsync(Simulate, new SimulateRequest());

            Assert.Equal((GrpcStatus.ResourceExhausted, "OVERLOADED"), (refused.Status, refused.Reason));
            Assert.Equal((GrpcStatus.Ok, GrpcStatus.Ok), (check.Status, ofCaller.Status));
        }

        // The server hears of the end a moment later.
        HttpResponseMessage? again = null;
        for (var attempt = 0; attempt < 1_000 && again?.Headers.Contains("grpc-status") != false; attempt++)
        {
            again?.Dispose();
            var next = new ByteArrayContent(Frame(new HealthCheckRequest()));
            again = await host.Grpc.OpenAsync(Watch, next, CancellationToken.None);
        }

        await using var answer = await again!.Content.ReadAsStreamAsync();
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await ReadStatusAsync(answer));
        again.Dispose();
    }

    [Theory]
    [InlineData(Mirror)]
    [InlineData("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")]
    public async Task Reflection_lists_the_services_and_gives_files_that_build(string path)
    {
        await using var host = await ApiHost.StartAsync();
        byte[][] questions =
        [
            Frame(new ServerReflectionRequest { ListServices = "" }),
            Frame(new ServerReflectionRequest { FileContainingSymbol = "settlementgrid.v1.SettlementService.Settle" }),
            Frame(new ServerReflectionRequest { FileByFilename = "settlementgrid/v1/plan.proto" }),
            Frame(new ServerReflectionRequest { FileContainingSymbol = "nobody.Nothing" }),
            Frame(new ServerReflectionRequest()),
        ];

        var reply = await host.Grpc.SendAsync(path, new PiecesContent(questions));

        Assert.Equal(GrpcStatus.Ok, reply.Status);
        var answers = reply.Messages.ConvertAll(ServerReflectionResponse.Parser.ParseFrom);
        Assert.Equal(5, answers.Count);
        Assert.Equal(
            [
                "grpc.health.v1.Health",
                "grpc.reflection.v1.ServerReflection",
                "settlementgrid.v1.AuditService",
                "settlementgrid.v1.EnrolleeService",
                "settlementgrid.v1.FacilityService",
                "settlementgrid.v1.FundService",
                "settlementgrid.v1.OperationsService",
                "settlementgrid.v1.PlanService",
                "settlementgrid.v1.SettlementService",
            ],
            answers[0].ListServicesResponse.Service.Select(service => service.Name).Order(StringComparer.Ordinal));
        var files = FileDescriptor.BuildFromByteStrings(answers[1].FileDescriptorResponse.FileDescriptorProto);
        Assert.Equal("settlementgrid/v1/settlement_service.proto", files[^1].Name);
        Assert.Equal(
            "settlementgrid/v1/plan.proto",
            FileDescriptor.BuildFromByteStrings(answers[2].FileDescriptorResponse.FileDescriptorProto)[^1].Name);
        Assert.Equal((int)GrpcStatus.NotFound, answers[3].ErrorResponse.ErrorCode);
        Assert.Equal((int)GrpcStatus.InvalidArgument, answers[4].ErrorResponse.ErrorCode);
    }

    private static async Task<HealthCheckResponse.Types.ServingStatus> ReadStatusAsync(Stream stream)
    {
        var prefix = new byte[5];
        await stream.ReadExactlyAsync(prefix);
        var message = new byte[prefix[4]];
        await stream.ReadExactlyAsync(message);
        return StatusIn(message);
    }

    private static HealthCheckResponse.Types.ServingStatus StatusIn(byte[] message) =>
        HealthCheckResponse.Parser.ParseFrom(message).Status;
}
