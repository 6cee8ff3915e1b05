using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>What came of reading a plan file. A plan only where no finding is an error.</summary>
public sealed record PlanReading(Plan? Plan, IReadOnlyList<Finding> Findings);

/// <summary>
/// Reads a plan file. Every finding of the file is given at once, each with its place; nothing a file contains makes it
/// throw or take long (see <see cref="Limits"/>).
/// </summary>
public static class PlanFile
{
    public const string Format = "settlementgrid-plan/1";

    public static PlanReading Read(string yamlText)
    {
        var findings = new FindingList();
        var plan = YamlTree.Read(yamlText, findings) is { } root
            && Fields.Of(root, "", findings) is { } fields
                ? PlanReader.Read(new PlanContext(findings), fields)
                : null;
        return new PlanReading(findings.HasErrors ? null : plan, findings.InOrder());
    }
}
