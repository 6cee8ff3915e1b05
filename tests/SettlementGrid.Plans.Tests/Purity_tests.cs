using System.Reflection;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// The rules of a settlement stand on the framework's core alone: no packages, no files, no network, no clock.
/// </summary>
public class Purity_tests
{
    static readonly string[] Core =
    [
        "System.Runtime", "System.Collections", "System.Linq", "System.Memory", "System.Runtime.InteropServices",
        "System.Runtime.Extensions", "System.Runtime.Numerics", "System.Numerics.Vectors",
    ];

    static IEnumerable<string> Foreign(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => !Core.Contains(name));

    [Fact]
    public void Plans_reference_the_frameworks_core_only() => Assert.Empty(Foreign(typeof(Adjudication).Assembly));

    [Fact]
    public void The_check_above_sees_a_foreign_reference() =>
        Assert.Contains("YamlDotNet", Foreign(typeof(PlanFiles.PlanFile).Assembly));
}
