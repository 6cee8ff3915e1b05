using System.Runtime.CompilerServices;
using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>The plan files as they are shipped, read once.</summary>
static class ShippedPlans
{
    public static readonly Plan Puyang = Read("puyang-employee-large-2026.yaml");
    public static readonly Plan Tongliao = Read("tongliao-resident-critical-2025.yaml");

    public static readonly Plan Sanming = Read("sanming-puhui-2024.yaml");
    public static readonly Plan FujianSample = Read("samples/fujian-sample.yaml");
    public static readonly Plan DalianSample = Read("samples/dalian-sample.yaml");
    public static readonly Plan SanmingSample = Read("samples/sanming-sample.yaml");

    public static Plan Read(string file) =>
        PlanFile.Read(Text(file)) is { Plan: { } plan, Findings.Count: 0 }
            ? plan
            : throw new InvalidOperationException(file + ": " + string.Join("; ", PlanFile.Read(Text(file)).Findings));

    public static string Text(string file) => File.ReadAllText(Path.Combine(Folder(), file));

    public static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../deploy/plans"));

    public static Catalog Catalog(params Plan[] plans) =>
        new(1, plans.Select(plan => new PlanVersion(plan, 1, "")), []);
}
