using System.Net;

namespace SettlementGrid.Api.Tests;

/// <summary>Streams that need no caller: how many there may be, and of whom.</summary>
public sealed class ProbeStreamsTests
{
    private static readonly TimeSpan s_usual = ApiLimits.UnaryDeadline;

    private readonly Admission _door =
        new(new AdmissionBounds(StreamsMax: 1, ProbeStreamsMax: 4), TimeProvider.System, () => TimeSpan.Zero);

    [Fact]
    public void Streams_of_anyone_have_a_bound_of_their_own_and_take_no_room_of_callers_streams()
    {
        var watch = Row("/grpc.health.v1.Health/Watch");
        var ofCaller = Row("/settlementgrid.v1.FundService/WatchPositions");
        var entered = new List<Admitted>();
        for (var i = 0; i < 6; i++)
        {
            if (_door.TryEnter(watch, Caller.Nobody, s_usual, out var admitted))
                entered.Add(admitted);
        }

        Assert.Equal((4, 4, 0), (entered.Count, _door.ProbeStreams, _door.Streams));
        Assert.True(_door.TryEnter(ofCaller, Caller.Local, s_usual, out _));
        Assert.False(_door.TryEnter(ofCaller, Caller.Local, s_usual, out _));
        Assert.True(_door.TryEnter(Row("/grpc.health.v1.Health/Check"), Caller.Nobody, s_usual, out _));
        _door.Leave(entered[0], answered: false);
        Assert.True(_door.TryEnter(watch, Caller.Nobody, s_usual, out _));
        Assert.Equal((4, 1), (_door.ProbeStreams, _door.Streams));
    }

    [Fact]
    public void One_address_however_it_is_spelled_has_half_of_their_room()
    {
        var probes = new ProbeStreams(8);
        for (var i = 0; i < 100; i++)
            probes.TryEnter(IPAddress.Parse("10.0.0.1"), out _);

        Assert.Equal(4, probes.UnderWay);
        Assert.False(probes.TryEnter(IPAddress.Parse("::ffff:10.0.0.1"), out _));
        // Some of them share the first one's slot, never all.
        Assert.Contains(Enumerable.Range(2, 100), i => probes.TryEnter(IPAddress.Parse($"10.0.0.{i}"), out _));
    }

    [Fact]
    public void An_address_that_leaves_has_its_room_again()
    {
        var probes = new ProbeStreams(2);
        var address = IPAddress.Parse("2001:db8::1");
        Assert.True(probes.TryEnter(address, out var share));
        Assert.False(probes.TryEnter(address, out _));

        probes.Leave(share);

        Assert.True(probes.TryEnter(address, out _));
    }

    private static Method Row(string path) =>
        MethodTable.Of(new FakeHandlers().ToHandlers(), () => true, TimeProvider.System).Find(path)!;
}
