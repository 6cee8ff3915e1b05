using System.Net;
using System.Text;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests;

/// <summary>Time is the test's: no call waits for a real deadline.</summary>
public sealed class DeadlineTests
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);

    private readonly ManualClock _clock = new();
    private readonly TaskCompletionSource<Call> _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("", 10_000)]
    [InlineData("250m", 250)]
    [InlineData("2S", 2_000)]
    [InlineData("1M", 60_000)]
    [InlineData("99999999H", 60_000)]
    public async Task A_handler_that_heeds_nothing_is_answered_for_at_the_deadline(string stated, int deadlineMs)
    {
        await using var host = await ApiHost.StartAsync(Stubborn(), _clock);
        (string, string)[] headers = stated.Length == 0 ? [] : [("grpc-timeout", stated)];
        var pending = host.Grpc.CallAsync(Settle, new SettleRequest(), headers);
        var call = await _entered.Task;

        _clock.Advance(TimeSpan.FromMilliseconds(deadlineMs) - s_tick);
        Assert.False(call.Cancelled.IsCancellationRequested);
        _clock.Advance(s_tick);
        Assert.True(call.Cancelled.IsCancellationRequested);
        var reply = await pending;

        Assert.Equal(GrpcStatus.DeadlineExceeded, reply.Status);
        Assert.StartsWith("DEADLINE_EXCEEDED: ", reply.Message);
        Assert.False(_left.Task.IsCompleted);

        // What the handler answers later is answered to nobody, and the connection goes on.
        _release.SetResult();
        await _left.Task;
        var next = await host.Grpc.CallAsync("/settlementgrid.v1.PlanService/ListPlans", new ListPlansRequest());
        Assert.Equal(GrpcStatus.Ok, next.Status);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task A_handler_that_heeds_its_token_is_answered_for_too()
    {
        var handlers = new FakeHandlers
        {
            Settle = async (_, call) =>
            {
                _entered.SetResult(call);
                await Task.Delay(Timeout.Infinite, call.Cancelled);
                return new Settlement();
            },
        };
        await using var host = await ApiHost.StartAsync(handlers, _clock);
        var pending = host.Grpc.CallAsync(Settle, new SettleRequest());
        await _entered.Task;

        _clock.Advance(ApiLimits.UnaryDeadline);

        Assert.Equal(GrpcStatus.DeadlineExceeded, (await pending).Status);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task A_call_that_the_clock_jumped_past_its_deadline_is_over_and_no_fault()
    {
        var handlers = new FakeHandlers
        {
            Settle = (_, _) =>
            {
                _clock.Jump(TimeSpan.FromHours(1));
                // As the grid does with a call whose deadline has passed by the clock; its timer has not fired.
                throw new OperationCanceledException(new CancellationToken(canceled: true));
            },
        };
        await using var host = await ApiHost.StartAsync(handlers, _clock);

        var reply = await host.Grpc.CallAsync(Settle, new SettleRequest());

        Assert.Equal(GrpcStatus.DeadlineExceeded, reply.Status);
        Assert.Empty(host.Log.Errors);
    }

    [Theory]
    [InlineData("0n")]
    [InlineData("99n")]
    [InlineData("0S")]
    public async Task A_call_whose_deadline_has_passed_is_not_started(string stated)
    {
        await using var host = await ApiHost.StartAsync(Stubborn(), _clock);

        var reply = await host.Grpc.CallAsync(Settle, new SettleRequest(), ("grpc-timeout", stated));

        Assert.Equal(GrpcStatus.DeadlineExceeded, reply.Status);
        Assert.False(_entered.Task.IsCompleted);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("S")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    [InlineData("1s")]
    public async Task A_malformed_timeout_is_refused(string stated)
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.Grpc.CallAsync(Settle, new SettleRequest(), ("grpc-timeout", stated));

        Assert.Equal("MALFORMED_REQUEST", reply.Reason);
    }

    [Fact]
    public async Task A_body_that_does_not_end_is_answered_at_the_deadline()
    {
        await using var host = await ApiHost.StartAsync(clock: _clock);
        using var endless = new EndlessContent(0, 0, 0);
        var pending = host.Grpc.SendAsync(Settle, endless);
        await _clock.WhenTimerIsSetAsync();

        _clock.Advance(ApiLimits.UnaryDeadline);

        Assert.Equal(GrpcStatus.DeadlineExceeded, (await pending).Status);
    }

    [Fact]
    public async Task A_caller_that_goes_away_cancels_its_handler()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handlers = new FakeHandlers
        {
            Settle = async (_, call) =>
            {
                await using var told = call.Cancelled.Register(() => cancelled.SetResult());
                _entered.SetResult(call);
                await cancelled.Task;
                return new Settlement();
            },
        };
        await using var host = await ApiHost.StartAsync(handlers, _clock);
        using var leaving = new CancellationTokenSource();
        var body = new ByteArrayContent(Frame(new SettleRequest()));
        var pending = host.Grpc.OpenAsync(Settle, body, leaving.Token);
        await _entered.Task;

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task The_real_clock_ends_a_call_too()
    {
        await using var host = await ApiHost.StartAsync(Stubborn());

        var reply = await host.Grpc.CallAsync(Settle, new SettleRequest(), ("grpc-timeout", "30m"));

        Assert.Equal(GrpcStatus.DeadlineExceeded, reply.Status);
        _release.SetResult();
    }

    [Fact]
    public async Task Callers_that_leave_at_the_very_deadline_leave_the_server_whole()
    {
        var handlers = new FakeHandlers
        {
            Settle = async (_, call) =>
            {
                _entered.TrySetResult(call);
                await Task.Delay(Timeout.Infinite, call.Cancelled);
                return new Settlement();
            },
        };
        await using var host = await ApiHost.StartAsync(handlers, _clock);
        for (var round = 0; round < 30; round++)
        {
            using var leaving = new CancellationTokenSource();
            var pending = Enumerable.Range(0, 20)
                .Select(_ => host.Grpc.OpenAsync(
                    Settle, new ByteArrayContent(Frame(new SettleRequest())), leaving.Token))
                .ToList();
            await _clock.WhenTimerIsSetAsync();

            await Task.WhenAll(
                Task.Run(() => _clock.Advance(ApiLimits.UnaryDeadline)),
                Task.Run(leaving.Cancel));
            foreach (var one in pending)
            {
                await Task.WhenAny(one);
            }
        }

        var next = await host.Grpc.CallAsync("/settlementgrid.v1.PlanService/ListPlans", new ListPlansRequest());
        Assert.Equal(GrpcStatus.Ok, next.Status);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Json_calls_have_the_same_deadline()
    {
        await using var host = await ApiHost.StartAsync(Stubborn(), _clock);
        using var request = new HttpRequestMessage(HttpMethod.Post, Settle);
        request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        request.Headers.Add("connect-timeout-ms", "700");
        var pending = host.Http1.SendAsync(request);
        await _entered.Task;

        _clock.Advance(TimeSpan.FromMilliseconds(700));
        using var response = await pending;
        var body = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("\"code\":\"deadline_exceeded\"", body);
        _release.SetResult();
        await _left.Task;
        Assert.Equal("passed through", await host.Http1.GetStringAsync("/"));
        Assert.Empty(host.Log.Errors);
    }

    private FakeHandlers Stubborn() => new()
    {
        Settle = async (request, call) =>
        {
            _entered.SetResult(call);
            await _release.Task;
            _left.SetResult();
            return FakeHandlers.Echo(request);
        },
    };
}
