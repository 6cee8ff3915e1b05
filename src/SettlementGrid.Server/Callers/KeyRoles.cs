using SettlementGrid.Api;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Server.Callers;

/// <summary>The roles a key or certificate can carry, and what each must be bound to.</summary>
public static class KeyRoles
{
    public static readonly IReadOnlyList<Roles> All =
        [Roles.Hospital, Roles.Insurer, Roles.County, Roles.City, Roles.Auditor, Roles.Operator];

    public static string NameOf(Roles role) => role.ToString().ToLowerInvariant();

    public static Roles? Find(string name) => All.Cast<Roles?>().FirstOrDefault(role => NameOf(role!.Value) == name);

    /// <summary>`hospital`, `county` …: as the command line and the table write them.</summary>
    public static string[] NamesOf(Roles roles) => [.. All.Where(role => roles.HasFlag(role)).Select(NameOf)];

    /// <summary>A role of a newer version is no role here: the key then opens less, never more.</summary>
    public static Roles Of(IEnumerable<string> names) =>
        names.Select(name => Find(name) ?? Roles.None).Aggregate(Roles.None, (all, role) => all | role);

    /// <summary>
    /// What a key of these roles lacks, or null. A hospital's key without its facility, or an agency's without its
    /// region, would speak for all of them.
    /// </summary>
    public static string? Fault(Roles roles, string facilityId, string regionId)
    {
        if (roles == Roles.None)
        {
            return "a key needs at least one --role.";
        }

        if (facilityId.Length > 0 && RequestChecks.CheckId("--facility", facilityId) is { } malformed)
        {
            return malformed.MessageEn + ".";
        }

        if (regionId.Length > 0 && !Region.IsWellFormed(regionId))
        {
            return "--region takes six digits, such as 150502 (county), 150500 (city), 150000 (province).";
        }

        if (roles.HasFlag(Roles.Hospital) && facilityId.Length == 0)
        {
            return "a hospital's key needs its --facility.";
        }

        return (roles & (Roles.Insurer | Roles.County | Roles.City)) != 0 && regionId.Length == 0
            ? "an insurer's, county's or city's key needs its --region."
            : null;
    }
}
