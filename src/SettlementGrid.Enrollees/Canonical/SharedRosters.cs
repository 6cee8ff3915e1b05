using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// One roster entry for all persons whose entry is the same: most of a county's people have one cover and no identity,
/// and an entry of their own would be a quarter of a warm account. A small direct-mapped table, so memory stays bounded
/// whatever is read. A lost race only makes a second equal entry.
/// </summary>
static class SharedRosters
{
    const int Slots = 4096;
    static readonly RosterEntry?[] Table = new RosterEntry?[Slots];

    public static RosterEntry Of(RosterEntry entry)
    {
        var hash = new HashCode();
        hash.Add(entry.RegionId, StringComparer.Ordinal);
        hash.Add(entry.Insurance);
        foreach (var coverage in entry.Coverages)
        {
            hash.Add(coverage.PlanId, StringComparer.Ordinal);
            hash.Add(coverage.Days);
        }
        foreach (var identity in entry.Identities)
        {
            hash.Add(identity.Kind);
            hash.Add(identity.Days);
        }
        ref var slot = ref Table[(uint)hash.ToHashCode() % Slots];
        var known = slot;
        return known is not null && known.Equals(entry) ? known : slot = entry;
    }
}
