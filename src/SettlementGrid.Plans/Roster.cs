namespace SettlementGrid.Plans;

/// <summary>A span of days, both ends inclusive; an open end is null.</summary>
public readonly record struct DaySpan(DateOnly? From, DateOnly? To)
{
    public bool Holds(DateOnly day) => (From is null || From <= day) && (To is null || day <= To);
}

/// <summary>Cover under one plan. Two entries with a gap between them are a suspension and a resumption.</summary>
public sealed record Coverage(string PlanId, DaySpan Days);

public sealed record Identity(IdentityKind Kind, DaySpan Days);

/// <summary>
/// What the agency's roster says of a person. Equality is by content in the given order, so that an unchanged entry
/// makes no fact.
/// </summary>
public sealed record RosterEntry(
    string RegionId, Insurance Insurance, IReadOnlyList<Coverage> Coverages, IReadOnlyList<Identity> Identities)
{
    public bool Equals(RosterEntry? other) =>
        other is not null && RegionId == other.RegionId && Insurance == other.Insurance
        && Coverages.SequenceEqual(other.Coverages) && Identities.SequenceEqual(other.Identities);

    public override int GetHashCode() => HashCode.Combine(RegionId, Insurance, Coverages.Count, Identities.Count);
}

/// <summary>
/// The register's entry of a facility. <see cref="Registered"/> is false where there is none: such a facility counts as
/// meeting every condition unless the plan requires designation.
/// </summary>
/// <param name="RegionId">Six-digit code of where it stands; empty where neither register nor national code
/// tells.</param>
/// <param name="Level">1–3; 0 where unknown.</param>
public sealed record FacilityProfile(
    string FacilityId, string Name, string RegionId, int Level, bool Public, bool Drg, bool SpecialDisease,
    bool Registered)
{
    /// <summary>
    /// A facility without an entry: its place follows from the national code (H + six digits + five digits).
    /// </summary>
    public static FacilityProfile Unregistered(string facilityId) =>
        new(facilityId, "", RegionOfCode(facilityId) ?? "", 0, false, false, false, false);

    public static string? RegionOfCode(string facilityId) =>
        facilityId.Length == 12 && facilityId[0] == 'H' && facilityId.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0
            ? facilityId.Substring(1, 6)
            : null;
}

/// <summary>Administrative codes: the tree goes by prefix (county 150502 → city 150500 → province 150000).</summary>
public static class Region
{
    public static bool IsWellFormed(string code) =>
        code.Length == 6 && code.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 && code[0] != '0';

    /// <summary>Whether <paramref name="code"/> is <paramref name="ancestor"/> or lies under it.</summary>
    public static bool IsWithin(string code, string ancestor) =>
        code.AsSpan().StartsWith(Stem(ancestor), StringComparison.Ordinal);

    /// <summary>
    /// What every code within the region begins with; of the empty one, which bounds nothing, nothing.
    /// </summary>
    public static ReadOnlySpan<char> Stem(string region) =>
        region.EndsWith("0000", StringComparison.Ordinal) ? region.AsSpan(0, 2)
        : region.EndsWith("00", StringComparison.Ordinal) ? region.AsSpan(0, 4) : region.AsSpan();

    /// <summary>The place of care seen from a pooling region: in it, elsewhere in its province, or outside.</summary>
    public static CarePlace PlaceOf(string facilityRegion, string poolingRegion) =>
        IsWithin(facilityRegion, poolingRegion) ? CarePlace.InRegion
        : facilityRegion.AsSpan(0, 2).SequenceEqual(poolingRegion.AsSpan(0, 2)) ? CarePlace.InProvince
        : CarePlace.OutOfProvince;
}
