using SettlementGrid.Api;

namespace SettlementGrid.Server.Callers;

/// <summary>The roles a key can carry, and what each must be bound to.</summary>
public static class KeyRoles
{
    public static readonly IReadOnlyList<Roles> All =
        [Roles.Hospital, Roles.Insurer, Roles.County, Roles.City, Roles.Auditor, Roles.Operator];

    public static string NameOf(Roles role) => role.ToString().ToLowerInvariant();

    public static Roles? Find(string name) => All.Cast<Roles?>().FirstOrDefault(role => NameOf(role!.Value) == name);

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

        if (roles.HasFlag(Roles.Hospital) && facilityId.Length == 0)
        {
            return "a hospital's key needs its --facility.";
        }

        return (roles & (Roles.Insurer | Roles.County | Roles.City)) != 0 && regionId.Length == 0
            ? "an insurer's, county's or city's key needs its --region."
            : null;
    }
}
