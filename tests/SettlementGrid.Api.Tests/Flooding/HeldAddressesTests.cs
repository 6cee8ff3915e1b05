using System.Net;

namespace SettlementGrid.Api.Tests.Flooding;

public sealed class HeldAddressesTests
{
    private static readonly IPAddress s_flooder = IPAddress.Parse("192.0.2.7");
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);

    private readonly ManualClock _clock = new();
    private readonly HeldAddresses _held;

    public HeldAddressesTests() => _held = new HeldAddresses(_clock);

    [Fact]
    public void Connections_of_a_held_address_come_one_after_the_other_and_then_no_more()
    {
        _held.Hold(s_flooder);
        var waits = new List<TimeSpan>();
        while (_held.Enter(s_flooder) is { } wait)
        {
            waits.Add(wait);
        }

        Assert.Equal(1 + (int)(FloodLimits.HeldWaitMax / FloodLimits.HeldPace), waits.Count);
        Assert.Equal(Enumerable.Range(0, waits.Count).Select(turn => turn * FloodLimits.HeldPace), waits);

        // A place in the queue is free again after one pace.
        _clock.Advance(FloodLimits.HeldPace);
        Assert.Equal(FloodLimits.HeldWaitMax, _held.Enter(s_flooder));
        Assert.Null(_held.Enter(s_flooder));
    }

    [Fact]
    public void Other_addresses_are_not_held()
    {
        _held.Hold(s_flooder);

        var other = IPAddress.Parse("192.0.2.8");
        Assert.False(_held.Holds(other));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(TimeSpan.Zero, _held.Enter(other)));
    }

    [Fact]
    public void An_address_is_let_go_when_it_has_not_flooded_for_a_while()
    {
        _held.Hold(s_flooder);
        _clock.Advance(FloodLimits.HeldFor - s_tick);
        _held.Hold(s_flooder);
        _clock.Advance(FloodLimits.HeldFor);
        Assert.True(_held.Holds(s_flooder));
        _clock.Advance(s_tick);

        Assert.False(_held.Holds(s_flooder));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(TimeSpan.Zero, _held.Enter(s_flooder)));
    }

    [Fact]
    public void Flooding_again_does_not_shorten_the_queue()
    {
        _held.Hold(s_flooder);
        Assert.Equal(TimeSpan.Zero, _held.Enter(s_flooder));
        _held.Hold(s_flooder);

        Assert.Equal(FloodLimits.HeldPace, _held.Enter(s_flooder));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "64:ff9b::192.0.2.7", true)]
    [InlineData("64:ff9b::192.0.2.7", "64:ff9b::192.0.2.8", false)]
    [InlineData("0.0.0.1", "::1", false)]
    [InlineData("fe80::1%2", "fe80::1%2", true)]
    [InlineData("fe80::1%2", "fe80::2%2", false)]
    [InlineData("fe80::1%2", "fe80::1%3", false)]
    public void A_network_of_IPv6_is_one_address_and_an_IPv4_or_link_local_one_is_itself_in_every_spelling(
        string held, string asks, bool isHeld)
    {
        _held.Hold(IPAddress.Parse(held));

        Assert.Equal(isHeld, _held.Holds(IPAddress.Parse(asks)));
    }

    [Fact]
    public void No_more_addresses_are_held_than_there_is_room_for_and_old_ones_make_room()
    {
        static IPAddress Address(int number) => new(0x0a000000L + number);
        for (var number = 0; number < FloodLimits.HeldAddressesMax; number++)
        {
            _held.Hold(Address(number));
        }

        var more = Address(FloodLimits.HeldAddressesMax);
        _held.Hold(more);
        Assert.False(_held.Holds(more));
        Assert.True(_held.Holds(Address(0)));

        _clock.Advance(FloodLimits.HeldFor + s_tick);
        _held.Hold(more);
        Assert.True(_held.Holds(more));
    }
}
