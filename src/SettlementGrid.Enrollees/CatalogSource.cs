using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// The catalog this process knows, loaded from the ledger. It may be behind: whoever commits under it is then told
/// CatalogMoved, refreshes, and decides again; whoever refuses or previews under it is told by
/// <see cref="Knowledge.CatalogRevision"/>. One load at a time.
/// </summary>
public sealed class CatalogSource(ILedger ledger, Func<string, Plan> readPlan)
{
    readonly Lock _lock = new();
    Task<Catalog>? _running;
    Task<Catalog>? _next;

    public Catalog Current { get; private set; } = Catalog.Empty;

    /// <summary>
    /// The catalog as it stands in the ledger now or later, never as it stood before the call: a load that is already
    /// running is not shared, but all who ask while it runs share the one after it. Whoever cancels stops waiting; the
    /// load goes on for the others.
    /// </summary>
    public async ValueTask<Catalog> Refresh(CancellationToken cancellation)
    {
        Task<Catalog> load;
        lock (_lock)
        {
            load = _next
                ?? (_running is { IsCompleted: false } running ? _next = LoadAfter(running) : _running = Load());
        }
        return await load.WaitAsync(cancellation);
    }

    /// <summary>
    /// The catalog with every plan version that counts in a fact: one that another server published since is loaded
    /// first. So a settlement is explained alike by whichever server is asked.
    /// </summary>
    public ValueTask<Catalog> Knowing(Fact.Money fact, CancellationToken cancellation)
    {
        var current = Current;
        foreach (var plan in fact.Outcome.Counted)
            if (current.Find(plan.PlanId, plan.Version) is null)
                return Refresh(cancellation);
        return ValueTask.FromResult(current);
    }

    async Task<Catalog> LoadAfter(Task<Catalog> running)
    {
        // Its failure is told to those who wait for it. Never at once, even if it has ended meanwhile: _next is set
        // only when this has returned, and what is cleared below before that would stand there for good, answering
        // every later question with one old catalog.
        await ((Task)running).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
            | ConfigureAwaitOptions.ForceYielding);
        Task<Catalog> load;
        lock (_lock)
            (_next, _running) = (null, load = Load());
        return await load;
    }

    async Task<Catalog> Load()
    {
        var read = await ledger.ReadCatalog(CancellationToken.None);
        var known = Current.Versions.ToDictionary(v => (v.Plan.Id, v.Version));
        var versions = new List<PlanVersion>();
        var facilities = new Dictionary<string, FacilityProfile>(StringComparer.Ordinal);
        foreach (var recorded in read.Entries)
        {
            var entry = recorded.Entry;
            switch (entry.Fact)
            {
                case Fact.PlanPublished published:
                    versions.Add(known.TryGetValue((entry.Stream.Id, (int)entry.Version), out var version)
                        ? version
                        : new PlanVersion(readPlan(published.Text), (int)entry.Version, published.Text)
                        {
                            PublishedAt = entry.At,
                        });
                    break;
                case Fact.FacilityPut put:
                    facilities[entry.Stream.Id] = put.Profile;
                    break;
            }
        }
        // Single-flight: no other load runs, so this is never older than what stands there.
        return Current = new Catalog(read.Revision, versions, facilities.Values);
    }
}
