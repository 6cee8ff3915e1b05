using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Hostile.Wire;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Hostile.Clients;

/// <summary>Thousands of connections that say hello and nothing more; who is closed comes again (fault 35).</summary>
public sealed class IdleConnections : HostileClient
{
    public override string Name => "idle-connections";

    public override string What => "10,000 connections that say hello and then nothing; who is closed comes again";

    public override string WhatChinese => "一万个空闲连接，被关即重连";

    public override Task RunAsync(Target target) => ManyAsync(
        target, target.Of(HostileLimits.IdleConnections), async (connection, _) =>
        {
            await connection.GreetAsync(target.Over);
            target.Counts.Sent(1);
            await connection.UntilClosedAsync(target.Over);
        });
}

/// <summary>
/// Asks for large answers with a window of nothing and reads none: what was written waits in the server (fault 35).
/// </summary>
public sealed class UnreadStreams : HostileClient
{
    const string GetPlan = "/settlementgrid.v1.PlanService/GetPlan";
    const string ListSettlements = "/settlementgrid.v1.SettlementService/ListSettlements";
    const int CallsAtOnce = 26;

    // A list of some hundred kB on every fourth connection; more would be a flood of dear calls, which is another's.
    const int ListEvery = 4;
    const int ListPage = 200;

    public override string Name => "unread-streams";

    public override string What => "256 answers a connection that nobody reads, windows of nothing, 100 connections";

    public override string WhatChinese => "从不读取应答，窗口为零";

    public override Task RunAsync(Target target) => ManyAsync(
        target, target.Of(HostileLimits.UnreadConnections), async (connection, draw) =>
        {
            await target.PauseAsync(HostileLimits.ComeWithin * draw.NextDouble());
            // Half of them close the streams' windows, half leave them open and let the connection's own run dry.
            var window = draw.Next(2) == 0 ? 0 : 1 << 20;
            await connection.GreetAsync(target.Over, (Frames.InitialWindowSetting, window));
            var head = Frames.Post(GetPlan, connection.Authority, "application/grpc");
            var ask = Frames.Grpc(new GetPlanRequest { PlanId = Town.PlanId }.ToByteArray());
            var listHead = Frames.Post(ListSettlements, connection.Authority, "application/grpc");
            var list = Frames.Grpc(AllOf(Town.FacilityId(draw.Next(Town.Facilities))).ToByteArray());
            var lists = draw.Next(ListEvery) == 0 ? 1 : 0;
            for (var i = 0; i < HostileLimits.UnreadStreams; i++)
            {
                var stream = 2 * i + 1;
                await connection.SendAsync(
                    (byte[])
                    [
                        .. Frames.Frame(Frames.Headers, Frames.EndHeaders, stream, i < lists ? listHead : head),
                        .. Frames.Frame(Frames.Data, Frames.EndStream, stream, i < lists ? list : ask),
                    ],
                    target.Over);
                target.Counts.Sent(1);
                // Not a flood of calls, which is another's: all of them within some ten seconds.
                if (i % CallsAtOnce == 0)
                    await target.PauseAsync(HostileLimits.SlowPause * draw.NextDouble() * 2);
            }
            // What little comes through is read only so far as to see that the server closes.
            await connection.ReadAsync(target.Over);
        });

    static ListSettlementsRequest AllOf(string facility) => new()
    {
        FacilityId = facility,
        SettledFrom = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
        SettledTo = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddYears(200)),
        PageSize = ListPage,
    };
}
