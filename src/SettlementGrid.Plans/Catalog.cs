namespace SettlementGrid.Plans;

/// <summary>A published plan. Its text and what was read from it never change; versions of a plan count 1…n.</summary>
public sealed record PlanVersion(Plan Plan, int Version, string Text)
{
    /// <summary>Milliseconds since 1970 at which it was published.</summary>
    public long PublishedAt { get; init; }
}

/// <summary>
/// Everything outside an account that a decision stands on, at one revision: published plans and the facility register.
/// Immutable; a writer commits only under the revision the ledger's head carries, so no decision stands on an old one.
/// </summary>
public sealed class Catalog
{
    public static readonly Catalog Empty = new(0, [], []);

    readonly Dictionary<string, PlanVersion[]> _versions;
    readonly Dictionary<string, FacilityProfile> _facilities;

    public Catalog(long revision, IEnumerable<PlanVersion> versions, IEnumerable<FacilityProfile> facilities)
    {
        Revision = revision;
        _versions = versions.GroupBy(v => v.Plan.Id)
            .ToDictionary(g => g.Key, g => g.OrderBy(v => v.Version).ToArray(), StringComparer.Ordinal);
        _facilities = facilities.ToDictionary(f => f.FacilityId, StringComparer.Ordinal);
    }

    public long Revision { get; }

    /// <summary>All published versions, by plan id then version.</summary>
    public IEnumerable<PlanVersion> Versions =>
        _versions.OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value);

    public IEnumerable<FacilityProfile> Facilities => _facilities.Values;

    /// <summary>The newest version whose effective span holds the discharge date; null where none does.</summary>
    public PlanVersion? InForce(string planId, DateOnly discharge)
    {
        if (!_versions.TryGetValue(planId, out var versions))
            return null;
        for (var i = versions.Length - 1; i >= 0; i--)
            if (versions[i].Plan.Effective.Holds(discharge))
                return versions[i];
        return null;
    }

    public PlanVersion? Find(string planId, int version)
    {
        if (_versions.TryGetValue(planId, out var versions))
            foreach (var one in versions)
                if (one.Version == version)
                    return one;
        return null;
    }

    public PlanVersion? Latest(string planId) => _versions.TryGetValue(planId, out var versions) ? versions[^1] : null;

    /// <summary>The register's entry, or an unregistered profile whose place follows from the code.</summary>
    public FacilityProfile Facility(string facilityId) =>
        _facilities.GetValueOrDefault(facilityId) ?? FacilityProfile.Unregistered(facilityId);

    public bool IsRegistered(string facilityId) => _facilities.ContainsKey(facilityId);
}
