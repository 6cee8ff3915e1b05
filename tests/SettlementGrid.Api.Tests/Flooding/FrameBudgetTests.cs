namespace SettlementGrid.Api.Tests.Flooding;

/// <summary>
/// What a flood of each kind gets through, and that what real clients send with their calls uses nothing up. A clock
/// that stands still gives nothing back.
/// </summary>
public sealed class FrameBudgetTests
{
    private const long Second = 1_000;
    private const byte EndStream = 1;

    private readonly FrameBudget _budget = new(0, Second);
    private int _stream = -1;

    [Theory]
    [InlineData((byte)FrameKind.Ping, 8, FloodLimits.FrameCosts)]
    [InlineData((byte)FrameKind.WindowUpdate, 4, FloodLimits.FrameCosts)]
    [InlineData((byte)FrameKind.Priority, 5, FloodLimits.FrameCosts)]
    [InlineData((byte)FrameKind.Continuation, 0, FloodLimits.FrameCosts)]
    [InlineData((byte)FrameKind.Data, 0, FloodLimits.FrameCosts)]
    [InlineData((byte)FrameKind.Data, FloodLimits.DataBytesFree - 1, FloodLimits.FrameCosts)]
    [InlineData((byte)0xfe, 0, FloodLimits.FrameCosts)]
    [InlineData((byte)FrameKind.ResetStream, 4, FloodLimits.ResetCosts)]
    [InlineData((byte)FrameKind.Settings, 6, FloodLimits.SettingsCost)]
    public void A_flood_of_one_kind_is_ended_when_its_budget_is_spent(byte kind, int length, int cost)
    {
        var passed = 0;
        while (_budget.TryPay(new FrameHeader((FrameKind)kind, length, 0, 1)))
        {
            passed++;
        }

        Assert.Equal(FloodLimits.Budget / cost, passed);
    }

    [Fact]
    public void Calls_taken_back_at_once_are_ended_before_they_are_two_connections_full()
    {
        var passed = 0;
        while (TryCall() && TryReset())
        {
            passed++;
        }

        Assert.InRange(passed, ConnectionLimits.StreamsPerConnectionMax, 2 * ConnectionLimits.StreamsPerConnectionMax);
    }

    [Fact]
    public void All_calls_of_a_connection_may_be_taken_back_in_one_moment()
    {
        Assert.All(Enumerable.Range(0, ConnectionLimits.StreamsPerConnectionMax), _ => Assert.True(TryCall()));
        Assert.All(Enumerable.Range(0, ConnectionLimits.StreamsPerConnectionMax), _ => Assert.True(TryReset()));
    }

    [Fact]
    public void Streams_that_the_server_refused_end_a_connection_soon()
    {
        Assert.All(Enumerable.Range(0, ConnectionLimits.StreamsPerConnectionMax), _ => Assert.True(TryCall()));
        var refused = 0;
        while (TryCall())
        {
            _budget.Sent(new FrameHeader(FrameKind.ResetStream, 4, 0, _stream));
            _budget.Earn(0);
            refused++;
        }

        Assert.InRange(refused, 1, ConnectionLimits.StreamsPerConnectionMax / 2);
    }

    [Fact]
    public void Whoever_is_answered_may_call_for_good_with_all_that_eager_clients_add()
    {
        for (var call = 0; call < 100_000; call++)
        {
            Assert.True(TryCall());
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Data, 5, 0, _stream))); // gRPC's prefix alone
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Data, 200, 0, _stream)));
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Data, 0, EndStream, _stream)));
            Answer(parts: 2);
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.WindowUpdate, 4, 0, 0)));
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.WindowUpdate, 4, 0, _stream)));
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Ping, 8, 0, 0)));
            Assert.True(TryReset()); // Some libraries reset what has ended, with NO_ERROR.
        }
    }

    [Fact]
    public void Whoever_is_refused_for_good_may_go_on_asking()
    {
        for (var call = 0; call < 100_000; call++)
        {
            Assert.True(TryCall());
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Data, 5, 0, _stream)));
            Answer(parts: 0);
            _budget.Sent(new FrameHeader(FrameKind.ResetStream, 4, 0, _stream)); // Kestrel wants no more of its body.
            _budget.Earn(0);
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.WindowUpdate, 4, 0, 0)));
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Ping, 8, 0, 0)));
            Assert.True(TryReset());
        }
    }

    [Fact]
    public void One_call_in_two_may_be_taken_back_for_good()
    {
        for (var call = 0; call < 100_000; call++)
        {
            Assert.True(TryCall());
            Assert.True(TryReset());
            Assert.True(TryCall());
            Answer(parts: 2);
        }
    }

    [Fact]
    public void A_long_answer_pays_for_the_windows_and_pings_that_it_needs()
    {
        Assert.True(TryCall());
        for (var part = 0; part < 100_000; part++)
        {
            _budget.Sent(new FrameHeader(FrameKind.Data, 16_384, 0, _stream));
            _budget.Earn(0);
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.WindowUpdate, 4, 0, 0)));
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.WindowUpdate, 4, 0, _stream)));
            Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Ping, 8, 0, 0)));
        }
    }

    [Fact]
    public void Time_gives_back_its_rate_and_never_more_than_a_full_budget()
    {
        while (_budget.TryPay(new FrameHeader(FrameKind.Ping, 8, 0, 0)))
        {
            // Spends all and one more.
        }

        _budget.Earn(Second / 2);
        Assert.Equal((FloodLimits.PerSecond / 2) - 1, _budget.Left);
        for (var now = Second / 2; now <= Second; now++)
        {
            _budget.Earn(now);
        }

        Assert.Equal(FloodLimits.PerSecond - 1, _budget.Left);
        _budget.Earn(100 * Second);
        Assert.Equal(FloodLimits.Budget, _budget.Left);
        _budget.Earn(100 * Second);
        Assert.Equal(FloodLimits.Budget, _budget.Left);
    }

    [Fact]
    public void Trailers_and_answers_to_our_pings_are_no_calls()
    {
        Assert.True(TryCall());
        Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Headers, 9, EndStream, _stream)));
        Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Settings, 0, 1, 0)));
        Assert.True(_budget.TryPay(new FrameHeader(FrameKind.Ping, 8, 1, 0)));
        Assert.Equal(FloodLimits.Budget - FloodLimits.CallCosts - (3 * FloodLimits.FrameCosts), _budget.Left);
    }

    private bool TryCall() => _budget.TryPay(new FrameHeader(FrameKind.Headers, 90, 4, _stream += 2));

    private bool TryReset() => _budget.TryPay(new FrameHeader(FrameKind.ResetStream, 4, 0, _stream));

    private void Answer(int parts)
    {
        for (var part = 0; part < parts; part++)
        {
            _budget.Sent(new FrameHeader(part == 0 ? FrameKind.Headers : FrameKind.Data, 200, 4, _stream));
        }

        _budget.Sent(new FrameHeader(FrameKind.Headers, 30, 4 | EndStream, _stream));
        _budget.Earn(0);
    }
}
