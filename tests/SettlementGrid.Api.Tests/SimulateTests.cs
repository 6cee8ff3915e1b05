using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SettlementGrid.Api.Methods;
using SettlementGrid.Enrollees;
using SettlementGrid.Enrollees.Simulating;
using SettlementGrid.Testing;
using static SettlementGrid.Api.Tests.GrpcClient;
using SettlingClock = SettlementGrid.Testing.ManualClock;

namespace SettlementGrid.Api.Tests;

/// <summary>PlanService.Simulate over a ledger in memory: anna settled 30,000 yuan under Tongliao's plan.</summary>
public sealed class SimulateTests
{
    private static readonly string s_lowerStart = GivenPlans.TongliaoText.Replace(
        "amount: 14000", "amount: 12000", StringComparison.Ordinal);

    [Fact]
    public async Task Grpc_callers_get_progress_and_then_one_outcome()
    {
        await using var host = await HostAsync(await SettledAsync());

        var reply = await host.Grpc.CallAsync(Simulate, Request(s_lowerStart));

        Assert.Equal(GrpcStatus.Ok, reply.Status);
        var steps = reply.Messages.Select(one => V1.SimulateResponse.Parser.ParseFrom(one)).ToList();
        Assert.Equal(0, steps[0].Progress.EntriesRead);
        Assert.All(steps.SkipLast(1), step => Assert.Equal(V1.SimulateResponse.StepOneofCase.Progress, step.StepCase));
        var outcome = steps[^1].Outcome;
        Assert.Equal((960_000, 1_080_000, 120_000), (outcome.PaidFen, outcome.SimulatedPaidFen, outcome.DifferenceFen));
        Assert.Equal((1, 0, 0), (outcome.PersonsBetter, outcome.PersonsWorse, outcome.PersonsUnchanged));
        Assert.Equal((GivenPlans.Tongliao, 2025, "150500"), (outcome.PlanId, outcome.Year, outcome.RegionId));
        var person = Assert.Single(outcome.Largest);
        Assert.Equal(("anna", 960_000, 1_080_000, 120_000, 1),
            (person.EnrolleeId, person.BeforeFen, person.AfterFen, person.DifferenceFen, person.Settlements));
        Assert.Equal(1, Assert.Single(outcome.Replaced).Settlements);
        var band = Assert.Single(outcome.Bands, one => one.PersonsBetter > 0);
        Assert.Equal((100_000, 200_000, 120_000), (band.FromFen, band.ToFen, band.BetterFen));
        Assert.False(outcome.Bands[^1].HasToFen);
        var layer = outcome.Layers[0];
        Assert.Equal(("critical", 1, 1_080_000, 1, 960_000),
            (layer.LayerId, layer.Cases, layer.PaidFen, layer.ActualCases, layer.ActualPaidFen));
    }

    [Fact]
    public async Task Callers_without_a_grpc_stack_get_the_same_as_enveloped_json()
    {
        await using var host = await HostAsync(await SettledAsync());
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object> { ["text"] = s_lowerStart, ["year"] = 2025, ["region_id"] = "150502" });
        using var content = new ByteArrayContent(Frame(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/connect+json");

        using var response = await host.Http1.PostAsync(Simulate, content);

        var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
        Assert.Contains("\"progress\": { ", text, StringComparison.Ordinal);
        Assert.Contains("\"simulated_paid_fen\": \"1080000\"", text, StringComparison.Ordinal);
        Assert.EndsWith("{}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_comes_at_a_bounded_rate_however_many_pages_are_read()
    {
        // The clock stands still: after the first there is nothing to say until the outcome.
        await using var host = await HostAsync(await SettledAsync());

        var reply = await host.Grpc.CallAsync(Simulate, Request(s_lowerStart));

        Assert.Equal(2, reply.Messages.Count);
    }

    [Theory]
    [InlineData("format: something", 2025, "", "PLAN_INVALID")]
    [InlineData("template", 2025, "", "PLAN_INVALID")]
    [InlineData("", 25, "", "MALFORMED_REQUEST")]
    [InlineData("", 2025, "tongliao", "MALFORMED_REQUEST")]
    [InlineData("", 2025, "410900", "NOT_PERMITTED")]
    [InlineData("", 2025, "150500", "NOT_PERMITTED")]
    [InlineData("", 2025, "", "NOT_PERMITTED")]
    public async Task What_cannot_be_tried_is_refused(string text, int year, string region, string reason)
    {
        await using var host = await HostAsync(
            await SettledAsync(), new Caller("county", Roles.County, RegionId: "150502"));
        text = text switch
        {
            "" => s_lowerStart,
            "template" => s_lowerStart.Replace(
                "kind: CRITICAL", "template: true\nkind: CRITICAL", StringComparison.Ordinal),
            _ => text,
        };

        var reply = await host.Grpc.CallAsync(
            Simulate, new V1.SimulateRequest
            {
                Text = text,
                Year = year,
                RegionId = reason == "PLAN_INVALID" ? "150502" : region,
            });

        Assert.Equal(reason, reply.Reason);
        Assert.Empty(reply.Messages);
    }

    [Fact]
    public async Task A_county_tries_a_plan_over_itself()
    {
        await using var host = await HostAsync(
            await SettledAsync(), new Caller("county", Roles.County, RegionId: "150502"));

        var reply = await host.Grpc.CallAsync(Simulate, Request(s_lowerStart, "150502"));

        Assert.Equal(GrpcStatus.Ok, reply.Status);
    }

    [Fact]
    public async Task More_than_two_at_a_time_are_told_to_come_back()
    {
        var ledger = new WaitingLedger(await SettledAsync());
        await using var host = await HostAsync(ledger);
        var running = Enumerable.Range(0, ApiLimits.SimulationsMax)
            .Select(_ => host.Grpc.CallAsync(Simulate, Request(s_lowerStart))).ToArray();
        await ledger.AllWait.Task;

        var third = await host.Grpc.CallAsync(Simulate, Request(s_lowerStart));
        ledger.GoOn.SetResult();

        Assert.Equal("OVERLOADED", third.Reason);
        Assert.All(await Task.WhenAll(running), reply => Assert.Equal(GrpcStatus.Ok, reply.Status));
        var later = await host.Grpc.CallAsync(Simulate, Request(s_lowerStart));
        Assert.Equal(GrpcStatus.Ok, later.Status);
    }

    private static V1.SimulateRequest Request(string text, string region = "") =>
        new() { Text = text, Year = 2025, RegionId = region };

    private static async Task<ILedger> SettledAsync()
    {
        var clock = new SettlingClock();
        var ledger = await Given.Ledger(clock, "anna");
        var actor = new Enrollees.Enrollee("anna", ledger, await Given.Catalogs(ledger), clock);
        Assert.IsType<Answer.Settled>(await actor.Turn(Given.Settle("r1", "anna"), default));
        return ledger;
    }

    private static async Task<ApiHost> HostAsync(ILedger ledger, Caller? caller = null)
    {
        var methods =
            new SimulationMethods(new YearSimulation(ledger, await Given.Catalogs(ledger)), new SettlingClock());
        return await ApiHost.StartAsync(
            new FakeHandlers { Simulate = methods.Simulate }, identify: _ => caller ?? Caller.Local);
    }

    /// <summary>Whoever reads the head waits there until all may go on.</summary>
    private sealed class WaitingLedger(ILedger inner) : LedgerAround(inner)
    {
        private int _waiting;

        public TaskCompletionSource AllWait { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<LedgerHead> ReadHead(CancellationToken cancellation)
        {
            if (Interlocked.Increment(ref _waiting) == ApiLimits.SimulationsMax)
            {
                AllWait.SetResult();
            }

            await GoOn.Task.WaitAsync(cancellation);
            return await base.ReadHead(cancellation);
        }
    }
}
