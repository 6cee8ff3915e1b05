using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// The catalog this process knows, loaded from the ledger. It may be behind: whoever commits under it is then told
/// CatalogMoved, refreshes, and decides again. Refreshes are single-flight.
/// </summary>
public sealed class CatalogSource(ILedger ledger, Func<string, Plan> readPlan)
{
    readonly Lock _lock = new();
    Task<Catalog>? _refresh;

    public Catalog Current { get; private set; } = Catalog.Empty;

    /// <summary>Loads the newest catalog; calls during a load share it when it began after they asked.</summary>
    public async ValueTask<Catalog> Refresh(CancellationToken cancellation)
    {
        Task<Catalog> refresh;
        lock (_lock)
            refresh = _refresh is { IsCompleted: false } ? _refresh : _refresh = Load(cancellation);
        return await refresh;
    }

    async Task<Catalog> Load(CancellationToken cancellation)
    {
        var read = await ledger.ReadCatalog(cancellation);
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
                        : new PlanVersion(readPlan(published.Text), (int)entry.Version, published.Text) { PublishedAt = entry.At });
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
