using System.Net;
using Microsoft.AspNetCore.Connections;

namespace SettlementGrid.Api.Tests.Flooding;

public sealed class NewcomersTests : IDisposable
{
    private static readonly IPAddress s_nat = IPAddress.Parse("192.0.2.7");

    private readonly ManualClock _clock = new();
    private readonly List<Newcomer> _closed = [];
    private readonly Newcomers _newcomers;

    public NewcomersTests() => _newcomers = new Newcomers(_clock, _closed.Add);

    public void Dispose() => _newcomers.Dispose();

    [Fact]
    public void Silent_connections_of_an_address_are_let_in_up_to_a_bound_then_some_wait_and_then_no_more_come()
    {
        var within = Come(FloodLimits.SilentMax);
        var inLine = Come(FloodLimits.LineMax);

        Assert.All(within, one => Assert.True(one.Turn.IsCompleted));
        Assert.All(inLine, one => Assert.False(one.Turn.IsCompleted));
        Assert.Null(_newcomers.Come(s_nat, new DefaultConnectionContext()));
        Assert.Empty(_closed);
    }

    [Fact]
    public void Whoever_waits_is_let_in_when_the_oldest_has_had_its_chance()
    {
        var first = Come();
        _clock.Advance(FloodLimits.LinePause);
        var others = Come(FloodLimits.SilentMax - 1);
        var waiting = Come(2);

        _clock.Advance(FloodLimits.SilentChance - FloodLimits.LinePause - TimeSpan.FromTicks(1));
        Assert.False(waiting[0].Turn.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([first], _closed);
        Assert.True(waiting[0].Turn.IsCompleted);
        Assert.False(waiting[1].Turn.IsCompleted);

        _clock.Advance(FloodLimits.LinePause);
        Assert.Equal([first, others[0]], _closed);
        Assert.True(waiting[1].Turn.IsCompleted);
    }

    [Fact]
    public void Where_the_oldest_has_had_its_chance_a_newcomer_does_not_wait()
    {
        var first = Come(FloodLimits.SilentMax)[0];
        _clock.Advance(FloodLimits.SilentChance);

        Assert.Empty(_closed);
        Assert.True(Come().Turn.IsCompleted);
        Assert.Equal([first], _closed);
    }

    [Fact]
    public void Nobody_waits_longer_than_two_chances_and_a_pause_each_whenever_the_others_came()
    {
        var draw = new Random(1);
        for (var one = 0; one < FloodLimits.SilentMax; one++)
        {
            _clock.Advance(draw.NextDouble() * FloodLimits.SilentChance / FloodLimits.SilentMax);
            Come();
        }

        var inLine = Come(FloodLimits.LineMax);
        var most = 2 * (FloodLimits.SilentChance + FloodLimits.LinePause);
        for (var waited = TimeSpan.Zero; waited < most; waited += FloodLimits.LinePause)
        {
            _clock.Advance(FloodLimits.LinePause);
        }

        Assert.All(inLine, one => Assert.True(one.Turn.IsCompleted));
        Assert.Equal(FloodLimits.LineMax, _closed.Count);
    }

    [Fact]
    public void Whoever_was_answered_is_neither_counted_nor_closed()
    {
        for (var one = 0; one < 3 * FloodLimits.SilentMax; one++)
        {
            var newcomer = Come();
            Assert.True(newcomer.Turn.IsCompleted);
            newcomer.Ask();
            newcomer.Leave();
        }

        Assert.Equal(0, _newcomers.Count);
        _clock.Advance(FloodLimits.SilentChance);
        Come(2 * FloodLimits.SilentMax);
        _clock.Advance(FloodLimits.SilentChance);
        Assert.Equal(FloodLimits.SilentMax, _closed.Count);
    }

    [Fact]
    public void Whoever_asks_makes_room_at_once_and_is_closed_only_beyond_a_bound_of_its_own()
    {
        var within = Come(FloodLimits.SilentMax);
        var waiting = Come();
        within[0].Ask();
        Assert.True(waiting.Turn.IsCompleted);

        for (var asked = 1; asked < FloodLimits.AskedMax; asked++)
        {
            (asked < within.Count ? within[asked] : Come()).Ask();
        }

        _clock.Advance(FloodLimits.SilentChance);
        Assert.Empty(_closed);
        waiting.Ask();
        waiting.Ask();
        Assert.Equal([within[0]], _closed);
    }

    [Fact]
    public void Other_addresses_do_not_wait_and_a_network_of_IPv6_is_one()
    {
        var near = IPAddress.Parse("2001:db8:1:2::1");
        for (var one = 0; one < FloodLimits.SilentMax; one++)
        {
            Assert.NotNull(_newcomers.Come(near, new DefaultConnectionContext()));
        }

        bool IsLetIn(string address) =>
            _newcomers.Come(IPAddress.Parse(address), new DefaultConnectionContext())!.Turn.IsCompleted;
        Assert.False(IsLetIn("2001:db8:1:2:ffff::9"));
        Assert.True(IsLetIn("2001:db8:1:3::1"));
        Assert.True(IsLetIn("192.0.2.7"));
    }

    [Fact]
    public void Nothing_is_kept_of_connections_that_ended_wherever_they_were()
    {
        var within = Come(FloodLimits.SilentMax);
        within[0].Ask();
        var inLine = Come(3);
        inLine[^1].Leave();
        inLine[^1].Leave();
        Assert.True(inLine[^1].Turn.IsCompleted);
        Assert.Equal(FloodLimits.SilentMax + 2, _newcomers.Count);

        _clock.Advance(FloodLimits.SilentChance);
        Assert.Single(_closed);
        foreach (var one in (IEnumerable<Newcomer>)[.. within, .. inLine])
        {
            one.Leave();
        }

        Assert.Equal(0, _newcomers.Count);
        _clock.Advance(FloodLimits.SilentChance);
        Assert.Single(_closed);
    }

    [Fact]
    public void One_that_cannot_be_closed_keeps_no_other_open_and_nobody_out()
    {
        using var newcomers = new Newcomers(_clock, one =>
        {
            _closed.Add(one);
            throw new InvalidOperationException();
        });
        List<Newcomer> come = [.. Enumerable.Range(0, FloodLimits.SilentMax + 2).Select(_ => Come(newcomers))];

        _clock.Advance(FloodLimits.SilentChance);
        Assert.Equal(come[..2], _closed);
        Assert.All(come[^2..], one => Assert.True(one.Turn.IsCompleted));

        _clock.Advance(FloodLimits.SilentChance);
        Assert.True(Come(newcomers).Turn.IsCompleted);
        Assert.Equal(come[..3], _closed);
    }

    [Fact]
    public void What_the_timer_does_is_not_in_the_context_of_whoever_set_it()
    {
        var whose = new AsyncLocal<string> { Value = "who came first" };
        var seen = new List<string?>();
        using var newcomers = new Newcomers(_clock, _ => seen.Add(whose.Value));
        for (var one = 0; one <= FloodLimits.SilentMax; one++)
        {
            Come(newcomers);
        }

        whose.Value = "who moves the clock";
        _clock.Advance(FloodLimits.SilentChance);

        Assert.Equal(["who moves the clock"], seen);
    }

    private static Newcomer Come(Newcomers to) => to.Come(s_nat, new DefaultConnectionContext())!;

    private Newcomer Come() => Come(_newcomers);

    private List<Newcomer> Come(int count) => [.. Enumerable.Range(0, count).Select(_ => Come())];
}
