using System.Runtime.CompilerServices;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Simulating;

/// <summary>Plans to try: the given ones with something changed.</summary>
static class Drafts
{
    public const string NextYear = "tongliao-resident-critical-2027";

    public static readonly string LowerStartText = Changed(GivenPlans.TongliaoText, "amount: 14000", "amount: 12000");

    public static readonly string LowerTopText =
        Changed(LowerStartText, "{ from: 80000, rate: 90% }", "{ from: 80000, rate: 50% }");

    public static readonly Plan Same = GivenPlans.Read(GivenPlans.TongliaoText);

    /// <summary>Ordinary persons' start lowered by 2,000.</summary>
    public static readonly Plan LowerStart = GivenPlans.Read(LowerStartText);

    /// <summary>Lower start, but half of what is above 80,000 instead of nine tenths.</summary>
    public static readonly Plan LowerTop = GivenPlans.Read(LowerTopText);

    /// <summary>Puyang's basic cap at 105,000 instead of 110,000.</summary>
    public static readonly Plan LowerBasicCap = GivenPlans.Read(
        Changed(GivenPlans.PuyangText, "amount: 110000", "amount: 105000"));

    /// <summary>The same rules under another id and for another year.</summary>
    public static readonly Plan SameNextYear = GivenPlans.Read(
        Changed(Changed(Changed(GivenPlans.TongliaoText, "id: " + GivenPlans.Tongliao, "id: " + NextYear),
            "from: 2025-01-01\n", "from: 2027-01-01\n"), "to: 2025-12-31\n", "to: 2027-12-31\n"));

    /// <summary>The supplement with its start announced for another year only.</summary>
    public static readonly Plan WithoutStart = GivenPlans.Read(
        Changed(GivenPlans.SupplementText, "from: 2025-01-01, to: 2025-12-31", "from: 2024-01-01, to: 2024-12-31"));

    public static readonly string SanmingText = File.ReadAllText(
        Path.Combine(PlanFolder(), "sanming-puhui-2024.yaml"));

    /// <summary>Sanming's rules under another id.</summary>
    public static readonly Plan SanmingNext = GivenPlans.Read(
        Changed(SanmingText, "id: sanming-puhui-2024", "id: sanming-puhui-2025"));

    static string PlanFolder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../deploy/plans"));

    static string Changed(string text, string old, string with) => text.Contains(old, StringComparison.Ordinal)
        ? text.Replace(old, with, StringComparison.Ordinal)
        : throw new InvalidOperationException($"The plan does not say '{old}'.");
}
