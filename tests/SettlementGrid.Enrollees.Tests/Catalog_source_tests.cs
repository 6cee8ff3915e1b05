using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>
/// One load at a time, never an older catalog than when one asked, nobody hurt by another's cancellation.
/// </summary>
public sealed class Catalog_source_tests
{
    readonly ManualClock _clock = new();

    [Fact]
    public async Task Whoever_asks_during_a_load_gets_what_was_published_before_it_asked()
    {
        using var ledger = new HeldCatalog(await Given.Ledger(_clock));
        var catalogs = new CatalogSource(ledger, GivenPlans.Read);
        var early = catalogs.Refresh(default).AsTask();
        await GivenPlans.Publish(ledger, GivenPlans.SupplementPaying(40), _clock.GetUtcNow());
        var late = new[] { catalogs.Refresh(default).AsTask(), catalogs.Refresh(default).AsTask() };
        Assert.Equal(1, ledger.Loads);
        ledger.Release();
        Assert.Equal(3, (await early).Revision);
        ledger.Release();
        Assert.All(await Task.WhenAll(late), c => Assert.Equal(4, c.Revision));
        Assert.Equal(2, ledger.Loads);
        Assert.Equal(4, catalogs.Current.Revision);
    }

    [Fact]
    public async Task A_cancelled_caller_leaves_the_load_to_the_others()
    {
        using var ledger = new HeldCatalog(await Given.Ledger(_clock));
        var catalogs = new CatalogSource(ledger, GivenPlans.Read);
        using var caller = new CancellationTokenSource();
        var gone = catalogs.Refresh(caller.Token).AsTask();
        var staying = catalogs.Refresh(default).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        ledger.Release();
        ledger.Release();
        Assert.Equal(3, (await staying).Revision);
    }

    [Fact]
    public async Task A_failed_load_is_told_to_those_who_waited_for_it_only()
    {
        using var ledger = new HeldCatalog(await Given.Ledger(_clock));
        var catalogs = new CatalogSource(ledger, GivenPlans.Read);
        var failing = catalogs.Refresh(default).AsTask();
        var next = catalogs.Refresh(default).AsTask();
        ledger.Fail();
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => failing);
        ledger.Release();
        Assert.Equal(3, (await next).Revision);
    }

    [Fact]
    public async Task Whoever_asks_just_as_a_load_ends_gets_a_catalog_not_older_than_its_question()
    {
        // A load that ended between two steps of a question once left its answer standing there for good. The moment is
        // short: of so many questions some meet it.
        const int Callers = 4;
        const int Questions = 500_000;
        var ledger = new MovingCatalog(await Given.Ledger(_clock));
        var catalogs = new CatalogSource(ledger, GivenPlans.Read);

        var older = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            var olderAnswers = 0;
            for (var i = 0; i < Questions; i++)
            {
                var asked = ledger.Move();
                if ((await catalogs.Refresh(default)).Revision < asked)
                    olderAnswers++;
            }
            return olderAnswers;
        })));

        Assert.All(older, answers => Assert.Equal(0, answers));
    }

    /// <summary>Moves on whenever it is told to; answers a little later.</summary>
    sealed class MovingCatalog(ILedger inner) : LedgerAround(inner)
    {
        long _revision;

        public long Move() => Interlocked.Increment(ref _revision);

        public override async ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation)
        {
            var read = new CatalogEntries(Volatile.Read(ref _revision), []);
            await Task.Yield();
            return read;
        }
    }

    /// <summary>Reads at once, answers when the test says so.</summary>
    sealed class HeldCatalog(ILedger inner) : LedgerAround(inner), IDisposable
    {
        readonly SemaphoreSlim _replies = new(0);
        volatile bool _fails;

        public int Loads { get; private set; }

        public void Dispose() => _replies.Dispose();

        public void Release() => _replies.Release();

        public void Fail()
        {
            _fails = true;
            _replies.Release();
        }

        public override async ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation)
        {
            Loads++;
            var read = await base.ReadCatalog(cancellation);
            await _replies.WaitAsync(cancellation);
            if (_fails)
            {
                _fails = false;
                throw new LedgerUnavailableException();
            }
            return read;
        }
    }
}
