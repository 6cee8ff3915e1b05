using System.Text.RegularExpressions;
using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>The plan files as they lie in deploy/plans.</summary>
public class Shipped_file_tests
{
    public static TheoryData<string> Files()
    {
        var data = new TheoryData<string>();
        foreach (var file in Directory.EnumerateFiles(ShippedPlans.Folder(), "*.yaml", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
            data.Add(Path.GetRelativePath(ShippedPlans.Folder(), file));
        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_file_is_read_without_a_finding_and_is_named_after_its_plan(string file)
    {
        var reading = PlanFile.Read(ShippedPlans.Text(file));
        Assert.Empty(reading.Findings);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), reading.Plan!.Id);
        Assert.Equal(file.StartsWith("samples", StringComparison.Ordinal), reading.Plan.Sample);
        Assert.NotEmpty(reading.Plan.Remarks);
    }

    [Theory]
    [InlineData("puyang-employee-large-2026", "puyang-sample")]
    [InlineData("tongliao-resident-critical-2025", "tongliao-sample")]
    public void A_sample_is_its_plan_without_an_end_date(string original, string sample)
    {
        Assert.Null(ShippedPlans.Read($"samples/{sample}.yaml").Effective.To);
        Assert.Equal(Rules(ShippedPlans.Text(original + ".yaml")), Rules(ShippedPlans.Text($"samples/{sample}.yaml")));
    }

    [Fact]
    public void Every_reading_stands_with_its_clause()
    {
        var remarks = ShippedPlans.Tongliao.Remarks;
        Assert.All(remarks, remark => Assert.True(remark.Clause.Length > 0 && remark.Text.Length > 0));
        Assert.Contains(remarks, remark =>
            remark is { Path: "layers[0].cap[1]", Clause: "第四条" } && remark.Text.Contains("38万元"));
        Assert.Contains(ShippedPlans.Puyang.Remarks, remark => remark.Path == "basic.cap");
    }

    [Fact]
    public void Districts_are_those_of_the_agreements()
    {
        Assert.Equal(9, ShippedPlans.Tongliao.Districts.Count);
        Assert.Equal(["410922", "410923", "410902", "410926"], ShippedPlans.Puyang.Districts.Select(d => d.Region));
    }

    [Fact]
    public void Every_key_of_every_file_is_described_in_the_readme()
    {
        var readme = ShippedPlans.Text("README.md");
        var texts = Directory.EnumerateFiles(ShippedPlans.Folder(), "*.yaml", SearchOption.AllDirectories)
            .Select(File.ReadAllText).Append(SoundFile.Text);
        var keys = texts.SelectMany(text =>
            Regex.Matches(text, @"(?<=^\s*(- )?|[{,] )[a-z_]+(?=:( |\n))", RegexOptions.Multiline))
            .Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        // Ids that the files give themselves.
        keys.ExceptWith(["income", "ratio", "poor", "special", "hardship", "preexisting", "drug_ratio",
            "enrolment_rate",
            "basic_cap", "person_share", "insured_amount", "premium", "provincial_limit"]);
        Assert.True(keys.Count > 50, string.Join(' ', keys));
        Assert.All(keys, key => Assert.Matches($@"\b{key}\b", readme));
    }

    // From the basic pool on everything is rules; above it stand names and dates.
    static string Rules(string text) =>
        Regex.Match(text, "^basic:.*", RegexOptions.Singleline | RegexOptions.Multiline).Value;
}
