namespace SettlementGrid.Api;

/// <summary>Who may call a method. The method table states the roles of each; a caller needs one of them.</summary>
[Flags]
public enum Roles
{
    /// <summary>No role.</summary>
    None = 0,

    /// <summary>A hospital's or pharmacy's information system.</summary>
    Hospital = 1,

    /// <summary>The insurer that carries a plan.</summary>
    Insurer = 2,

    /// <summary>The agency of one county or district.</summary>
    County = 4,

    /// <summary>The agency of the city that pools the fund.</summary>
    City = 8,

    /// <summary>Reads everything, changes nothing.</summary>
    Auditor = 16,

    /// <summary>Runs the machines.</summary>
    Operator = 32,

    /// <summary>Every role there is.</summary>
    All = Hospital | Insurer | County | City | Auditor | Operator,

    /// <summary>Needs no caller at all: the hook that identifies callers is not even asked (health probes).</summary>
    Anyone = 64,
}

/// <summary>
/// Whoever sent a request, as the host's identifying hook found out before the request's body was read.
/// </summary>
/// <param name="Id">Names the caller in the audit; <c>local</c> for a loopback call without a key.</param>
/// <param name="Roles">What the caller may be.</param>
/// <param name="FacilityId">The one facility the caller speaks for; empty: not bound to one.</param>
/// <param name="RegionId">The region the caller sees, with all that lies under it; empty: not bound to one.</param>
public sealed record Caller(string Id, Roles Roles, string FacilityId = "", string RegionId = "")
{
    /// <summary>The caller of a loopback connection without a key: every role, bound to nothing.</summary>
    public static Caller Local { get; } = new("local", Roles.All);

    /// <summary>The caller where none is asked for.</summary>
    public static Caller Nobody { get; } = new("nobody", Roles.None);
}
