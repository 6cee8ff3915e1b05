using System.Net;
using System.Text.Json;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Api.Tests;

public sealed class RefusalTests
{
    [Theory]
    // reason                        gRPC                              HTTP
    [InlineData("MALFORMED_REQUEST", GrpcStatus.InvalidArgument, 400)]
    [InlineData("AMOUNT_OUT_OF_RANGE", GrpcStatus.InvalidArgument, 400)]
    [InlineData("DATE_OUT_OF_RANGE", GrpcStatus.InvalidArgument, 400)]
    [InlineData("NOT_PERMITTED", GrpcStatus.PermissionDenied, 403)]
    [InlineData("REQUEST_ID_REUSED", GrpcStatus.AlreadyExists, 409)]
    [InlineData("REQUEST_ID_BARRED", GrpcStatus.AlreadyExists, 409)]
    [InlineData("ENROLLEE_UNKNOWN", GrpcStatus.NotFound, 404)]
    [InlineData("NOT_COVERED", GrpcStatus.FailedPrecondition, 400)]
    [InlineData("ENCOUNTER_ALREADY_SETTLED", GrpcStatus.AlreadyExists, 409)]
    [InlineData("PLAN_PARAMETER_MISSING", GrpcStatus.FailedPrecondition, 400)]
    [InlineData("BASIC_CAP_EXCEEDED", GrpcStatus.FailedPrecondition, 400)]
    [InlineData("OVER_CAP_ELIGIBLE_REQUIRED", GrpcStatus.FailedPrecondition, 400)]
    [InlineData("ACCOUNT_MOVED", GrpcStatus.Aborted, 409)]
    [InlineData("SETTLEMENT_UNKNOWN", GrpcStatus.NotFound, 404)]
    [InlineData("ALREADY_REVERSED", GrpcStatus.AlreadyExists, 409)]
    [InlineData("NOT_REVERSIBLE", GrpcStatus.FailedPrecondition, 400)]
    [InlineData("LATER_SETTLEMENTS_EXIST", GrpcStatus.FailedPrecondition, 400)]
    [InlineData("TOO_MANY_ADJUSTMENTS", GrpcStatus.FailedPrecondition, 400)]
    [InlineData("PLAN_UNKNOWN", GrpcStatus.NotFound, 404)]
    [InlineData("PLAN_INVALID", GrpcStatus.FailedPrecondition, 400)]
    [InlineData("FACILITY_UNKNOWN", GrpcStatus.NotFound, 404)]
    [InlineData("POSITION_UNKNOWN", GrpcStatus.NotFound, 404)]
    [InlineData("PAGE_INVALID", GrpcStatus.InvalidArgument, 400)]
    [InlineData("UNAUTHENTICATED", GrpcStatus.Unauthenticated, 401)]
    [InlineData("OVERLOADED", GrpcStatus.ResourceExhausted, 429)]
    [InlineData("UNAVAILABLE", GrpcStatus.Unavailable, 503)]
    public void Each_reason_has_its_statuses(string reason, GrpcStatus status, int http)
    {
        var refusal = new WireRefusal(reason, "中", "en");

        Assert.Equal(status, refusal.Status);
        Assert.Equal(http, refusal.Status.Http());
        Assert.NotEqual(Advice.Unspecified, refusal.Advice);
    }

    [Fact]
    public void A_refusal_without_a_row_cannot_be_made() =>
        Assert.Throws<ArgumentException>(() => new WireRefusal("SOMETHING", "中", "en"));

    [Fact]
    public void The_domains_reasons_stand_in_the_same_order()
    {
        var domain = Enum.GetValues<SettlementGrid.Plans.RefusalReason>()
            .Select(reason => new SettlementGrid.Plans.Refusal(reason, "中", "en"))
            .Select(refusal => refusal.Code);
        var wire = RefusalReasons.InOrder
            .Where(row => row.Reason != "SERVICE_UNKNOWN")
            .Select(row => row.Reason);

        Assert.Equal(domain, wire);
    }

    [Fact]
    public void Only_what_may_pass_by_itself_is_to_be_sent_again_unchanged() =>
        Assert.Equal(
            ["OVERLOADED", "UNAVAILABLE"],
            RefusalReasons.InOrder.Where(row => row.Advice == Advice.RetrySameRequest).Select(row => row.Reason));

    [Fact]
    public async Task A_refusal_at_its_longest_fits_what_clients_accept_as_trailers()
    {
        var longest = new string('长', 2_000);
        var numbers = new Dictionary<string, string> { ["list"] = new('9', 10_000) };
        var refusal = new WireRefusal("NOT_COVERED", longest, longest, numbers);
        var handlers = new FakeHandlers { Settle = (_, _) => new(refusal) };
        await using var host = await ApiHost.StartAsync(handlers);

        var reply = await host.Grpc.CallAsync(GrpcClient.Settle, new SettleRequest());

        Assert.Equal("NOT_COVERED", reply.Reason);
        var bytes = new[] { "grpc-status", "grpc-message", "settlementgrid-reason", "grpc-status-details-bin" }
            .Sum(name => name.Length + (reply.Trailer(name)?.Length ?? 0));
        Assert.InRange(bytes, 1, 8 * 1024);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\U0001F600")]
    public async Task A_name_of_a_megabyte_comes_back_as_the_beginning_of_itself(string character)
    {
        await using var host = await ApiHost.StartAsync();
        var name = string.Concat(Enumerable.Repeat(character, 1_000_000 / character.Length));
        using var body = new StringContent($$"""{"{{name}}":1}""", null, "application/json");

        using var response = await host.Http1.PostAsync("/settlementgrid.v1.SettlementService/SettleMany", body);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.InRange(text.Length, 1, 8_000);
        var json = JsonDocument.Parse(text).RootElement;
        Assert.StartsWith("MALFORMED_REQUEST: ", json.GetProperty("message").GetString());
        Assert.EndsWith(character + "…", json.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_path_of_kilobytes_that_leads_nowhere_comes_back_as_the_beginning_of_itself()
    {
        await using var host = await ApiHost.StartAsync();
        using var body = new StringContent("{}", null, "application/json");

        using var response = await host.Http1.PostAsync("/settlementgrid.v1." + new string('x', 3_000), body);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.InRange((await response.Content.ReadAsStringAsync()).Length, 1, 500);
    }

    [Fact]
    public async Task No_refusal_is_long_whoever_made_it()
    {
        var smile = "\U0001F600";
        var text = string.Concat(Enumerable.Repeat(smile, 5_000));
        var refusal = new WireRefusal("PLAN_INVALID", text, text, new Dictionary<string, string> { ["of"] = text });
        var handlers = new FakeHandlers { Settle = (_, _) => new(refusal) };
        await using var host = await ApiHost.StartAsync(handlers);

        var reply = await host.Grpc.CallAsync(GrpcClient.Settle, new SettleRequest());

        Assert.All(
            [refusal.MessageZh, refusal.MessageEn, refusal.Numbers["of"]],
            one => Assert.InRange(one.Length, 1, ApiLimits.RefusalTextMax));
        Assert.Equal("PLAN_INVALID", reply.Reason);
        Assert.EndsWith(smile + "…", reply.Message);
        Assert.DoesNotContain('\uFFFD', reply.Message!);
    }
}
