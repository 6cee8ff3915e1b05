namespace SettlementGrid.Api.Tests;

/// <summary>A source of one call's deadline serves another call only if nothing of the first can reach it.</summary>
public sealed class DeadlineReuseTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromHours(1);

    [Fact]
    public void A_source_that_was_not_cancelled_serves_the_next_call_without_what_the_first_registered()
    {
        var deadlines = new Deadlines(TimeProvider.System);
        var first = deadlines.Begin(s_long);
        var told = false;
        first.Token.Register(() => told = true);
        deadlines.Leave(first);
        var second = deadlines.Begin(s_long);
        Assert.Same(first, second);
        second.Cancel();
        Assert.False(told);
        second.Dispose();
    }

    [Fact]
    public void A_source_that_was_cancelled_serves_nobody_again()
    {
        var deadlines = new Deadlines(TimeProvider.System);
        var first = deadlines.Begin(s_long);
        first.Cancel();
        deadlines.Leave(first);
        var second = deadlines.Begin(s_long);
        Assert.NotSame(first, second);
        Assert.False(second.IsCancellationRequested);
        second.Dispose();
    }

    [Fact]
    public void A_source_that_serves_again_is_cancelled_at_its_new_deadline()
    {
        var deadlines = new Deadlines(TimeProvider.System);
        deadlines.Leave(deadlines.Begin(s_long));
        using var again = deadlines.Begin(TimeSpan.FromMilliseconds(1));
        Assert.True(again.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
    }
}
