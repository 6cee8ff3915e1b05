using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Writing;
using SettlementGrid.Testing;

namespace SettlementGrid.Ledger.Tests;

/// <summary>The queue before the writers, without a database.</summary>
public sealed class WriterQueueTests : IDisposable
{
    readonly WriterQueue _queue = new(new ManualClock());

    public void Dispose() => _queue.Dispose();

    // Found by ./grid simulate: nothing was under way, so nobody would ever have woken a writer for the second.
    [Fact]
    public async Task An_append_behind_one_whose_caller_gave_up_sets_out()
    {
        // A writer that waited for it: so no wake-up is left over for later.
        var waiting = _queue.Take();
        Assert.True(_queue.TryAdd(Pending("p2", CancellationToken.None)));
        var underWay = await waiting;
        using var gaveUp = new CancellationTokenSource();
        var first = Pending("p1", gaveUp.Token);
        var second = Pending("p1", CancellationToken.None);
        Assert.True(_queue.TryAdd(first));
        Assert.True(_queue.TryAdd(second));
        await gaveUp.CancelAsync();
        _queue.Done(underWay);

        var taking = _queue.Take();

        Assert.True(taking.IsCompleted);
        Assert.Same(second, Assert.Single(await taking));
        Assert.True(first.Outcome.IsCanceled);
    }

    [Fact]
    public async Task An_append_behind_one_of_the_same_person_waits_for_its_end()
    {
        var first = Pending("p1", CancellationToken.None);
        var second = Pending("p1", CancellationToken.None);
        var other = Pending("p2", CancellationToken.None);
        foreach (var append in new[] { first, second, other })
            Assert.True(_queue.TryAdd(append));

        var batch = await _queue.Take();
        Assert.Equal([first, other], batch);

        var taking = _queue.Take();
        Assert.False(taking.IsCompleted);
        _queue.Done(batch);
        Assert.Same(second, Assert.Single(await _queue.Take()));
    }

    static Pending Pending(string enrolleeId, CancellationToken cancellation)
    {
        var entry = Entry.Next(Account.Unknown(enrolleeId), new Fact.Enrolled(Given.Roster()), Given.Now);
        return new Pending(new Append([entry], null, Given.Now), cancellation);
    }
}
