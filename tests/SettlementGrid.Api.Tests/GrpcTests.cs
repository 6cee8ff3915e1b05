using System.Net;
using Google.Protobuf;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.GrpcClient;
using Language = SettlementGrid.Plans.Language;

namespace SettlementGrid.Api.Tests;

public sealed class GrpcTests
{
    private static readonly SettleRequest s_request = new()
    {
        RequestId = "r-1",
        EnrolleeId = "e-1",
        TotalFen = 123_456,
        Channel = Channel.Window,
    };

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc; charset=utf-8")]
    public async Task A_unary_call_answers_its_message_and_status_ok_in_trailers(string contentType)
    {
        await using var host = await ApiHost.StartAsync();
        var body = new ByteArrayContent(Frame(s_request));
        body.Headers.TryAddWithoutValidation("content-type", contentType);

        var reply = await host.Grpc.SendAsync(Settle, body);

        Assert.Equal(HttpStatusCode.OK, reply.Response.StatusCode);
        Assert.Equal("application/grpc", reply.Response.Content.Headers.ContentType!.MediaType);
        Assert.False(reply.IsTrailersOnly);
        Assert.Equal(GrpcStatus.Ok, reply.Status);
        Assert.Equal(FakeHandlers.Echo(s_request), reply.Settlement());
    }

    [Fact]
    public async Task An_empty_response_message_is_still_a_message()
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.Grpc.CallAsync(
            "/settlementgrid.v1.PlanService/ListPlans", new ListPlansRequest());

        Assert.Equal(GrpcStatus.Ok, reply.Status);
        Assert.Empty(Assert.Single(reply.Messages));
    }

    [Fact]
    public async Task A_refusal_carries_status_reason_message_and_details()
    {
        var handlers = new FakeHandlers { Settle = (_, _) => new(FakeHandlers.Reused) };
        await using var host = await ApiHost.StartAsync(handlers);

        var reply = await host.Grpc.CallAsync(Settle, s_request);

        Assert.Empty(reply.Messages);
        Assert.Equal(GrpcStatus.AlreadyExists, reply.Status);
        Assert.Equal("REQUEST_ID_REUSED", reply.Reason);
        Assert.Equal("REQUEST_ID_REUSED: 请求号已用于其他内容。", reply.Message);
        var details = reply.Details();
        Assert.Equal((int)GrpcStatus.AlreadyExists, details.Code);
        Assert.Equal(reply.Message, details.Message);
        var refusal = Assert.Single(details.Details).Unpack<Refusal>();
        Assert.Equal(FakeHandlers.Reused.ToMessage(), refusal);
        Assert.Equal("100", refusal.Numbers["total_fen"]);
    }

    [Fact]
    public async Task The_message_comes_in_english_where_asked_for()
    {
        var handlers = new FakeHandlers { Settle = (_, _) => new(FakeHandlers.Reused) };
        await using var host = await ApiHost.StartAsync(handlers);

        var reply = await host.Grpc.CallAsync(Settle, s_request, ("accept-language", "en-GB,zh;q=0.5"));

        Assert.Equal("REQUEST_ID_REUSED: The request id was used with other content.", reply.Message);
    }

    [Fact]
    public async Task A_handler_sees_who_calls_when_and_in_which_language()
    {
        Call? seen = null;
        var clock = new ManualClock();
        var handlers = new FakeHandlers
        {
            Settle = (request, call) =>
            {
                seen = call;
                return new(FakeHandlers.Echo(request));
            },
        };
        await using var host = await ApiHost.StartAsync(handlers, clock);

        await host.Grpc.CallAsync(Settle, s_request, ("accept-language", "en"), ("grpc-timeout", "1500m"));

        Assert.Same(Caller.Local, seen!.Caller);
        Assert.Equal(Language.English, seen.Language);
        Assert.Equal(clock.GetUtcNow(), seen.At);
        Assert.Equal(clock.GetUtcNow().AddMilliseconds(1500), seen.Deadline);
    }

    [Theory]
    [InlineData("/settlementgrid.v1.SettlementService/Nothing")]
    [InlineData("/nobody.v1.Nothing/Nothing")]
    public async Task An_unknown_method_is_unimplemented(string path)
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.Grpc.CallAsync(path, s_request);

        Assert.True(reply.IsTrailersOnly);
        Assert.Equal(GrpcStatus.Unimplemented, reply.Status);
    }

    [Fact]
    public async Task A_fault_is_internal_with_an_id_that_the_log_has_and_no_other_word()
    {
        var handlers = new FakeHandlers { Settle = (_, _) => throw new InvalidOperationException("secret 42") };
        await using var host = await ApiHost.StartAsync(handlers);

        var reply = await host.Grpc.CallAsync(Settle, s_request, ("accept-language", "en"));

        Assert.Equal(GrpcStatus.Internal, reply.Status);
        Assert.StartsWith("INTERNAL: Internal fault ", reply.Message);
        Assert.DoesNotContain("secret", reply.Message);
        var id = reply.Message!["INTERNAL: Internal fault ".Length..].TrimEnd('.');
        var line = Assert.Single(host.Log.Errors);
        Assert.Contains(id, line);
        Assert.Contains("secret 42", line);
    }

    [Fact]
    public async Task A_ledger_out_of_reach_is_unavailable_and_no_fault()
    {
        var handlers = new FakeHandlers
        {
            Settle = (_, _) => throw new Enrollees.LedgerUnavailableException("secret 42"),
        };
        await using var host = await ApiHost.StartAsync(handlers);

        var reply = await host.Grpc.CallAsync(Settle, s_request);

        Assert.Equal(GrpcStatus.Unavailable, reply.Status);
        Assert.StartsWith("UNAVAILABLE: ", reply.Message);
        Assert.DoesNotContain("secret", reply.Message);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Unknown_binary_fields_are_let_through()
    {
        await using var host = await ApiHost.StartAsync();
        // Field 500, varint 7.
        byte[] unknown = [0xa0, 0x1f, 0x07];

        var reply = await host.Grpc.SendAsync(Settle, Frame([.. s_request.ToByteArray(), .. unknown]));

        Assert.Equal(GrpcStatus.Ok, reply.Status);
        Assert.Equal(s_request.TotalFen, reply.Settlement().TotalFen);
    }

    [Fact]
    public async Task Who_is_not_known_is_refused_and_nothing_of_the_body_is_read()
    {
        var asked = 0;
        await using var host = await ApiHost.StartAsync(identify: http =>
        {
            asked++;
            return new WireRefusal("UNAUTHENTICATED", "缺少密钥。", "No key.");
        });
        // A body that never ends: only an answer that does not wait for it can arrive.
        using var endless = new EndlessContent();

        var reply = await host.Grpc.SendAsync(Settle, endless);

        Assert.Equal(GrpcStatus.Unauthenticated, reply.Status);
        Assert.Equal("UNAUTHENTICATED", reply.Reason);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_caller_without_the_methods_role_is_refused()
    {
        await using var host = await ApiHost.StartAsync(
            identify: _ => new Caller("auditor-1", Roles.Auditor | Roles.Operator));

        var settle = await host.Grpc.CallAsync(Settle, s_request);
        var read = await host.Grpc.CallAsync(
            "/settlementgrid.v1.EnrolleeService/GetAccount", new GetAccountRequest { Year = 2026 });

        Assert.Equal(GrpcStatus.PermissionDenied, settle.Status);
        Assert.Equal("NOT_PERMITTED", settle.Reason);
        Assert.Equal(GrpcStatus.Ok, read.Status);
    }

    [Fact]
    public async Task Four_hundred_calls_at_once_on_one_connection_each_get_their_own_answer()
    {
        await using var host = await ApiHost.StartAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 400).Select(async number =>
        {
            var reply = await host.Grpc.CallAsync(Settle, new SettleRequest { RequestId = $"r-{number}" });
            return (number, reply);
        }));

        Assert.All(replies, one => Assert.Equal($"r-{one.number}", one.reply.Settlement().RequestId));
    }

    [Fact]
    public async Task Other_paths_pass_through()
    {
        await using var host = await ApiHost.StartAsync();

        Assert.Equal("passed through", await host.Http1.GetStringAsync("/healthz"));
    }
}
