using System.Diagnostics;
using System.Text;
using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>Files that nobody wrote as a plan: nothing may throw, take long or eat memory.</summary>
public class Hostile_file_tests
{
    static PlanReading ReadQuickly(string text)
    {
        var clock = Stopwatch.StartNew();
        var reading = PlanFile.Read(text);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        Assert.Null(reading.Plan);
        Assert.NotEmpty(reading.Findings);
        Assert.InRange(reading.Findings.Count, 1, Limits.FindingsMax + 1);
        return reading;
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n\n")]
    [InlineData("# only a remark")]
    [InlineData("---")]
    [InlineData("just text")]
    [InlineData("- a\n- b")]
    [InlineData("? [a, b]\n: c")]
    [InlineData("{")]
    [InlineData("a: 'unterminated")]
    [InlineData("\u0000\u0001")]
    [InlineData("a: \"\\uD800\"")]
    [InlineData("%YAML 9.9\n---\na: b")]
    public void Text_that_is_no_plan_is_a_finding(string text) => ReadQuickly(text);

    [Fact]
    public void A_billion_laughs_are_refused_at_the_first_anchor()
    {
        var text = new StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for (var i = 1; i < 30; i++)
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        Assert.Contains("anchors are not allowed", ReadQuickly(text.ToString()).Findings[0].MessageEn);
    }

    [Fact]
    public void A_deep_file_is_refused_at_the_bound() =>
        Assert.Contains("nested too deeply", ReadQuickly(new string('[', 100_000)).Findings[0].MessageEn);

    [Fact]
    public void A_deep_block_file_is_refused_at_the_bound()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 600; i++)
            text.Append(' ', i).Append("a:\n");
        Assert.Contains("nested too deeply", ReadQuickly(text.ToString()).Findings[0].MessageEn);
    }

    [Fact]
    public void A_large_file_is_refused_before_it_is_parsed() =>
        Assert.Contains("too large", ReadQuickly(new string('a', Limits.TextLengthMax + 1)).Findings[0].MessageEn);

    [Fact]
    public void Many_nodes_are_refused_at_the_bound() =>
        Assert.Contains("too many nodes",
            ReadQuickly("a: [" + string.Join(',', Enumerable.Repeat("b", 30_000)) + "]").Findings[0].MessageEn);

    [Fact]
    public void Many_findings_are_counted_beyond_the_bound()
    {
        var text = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"key{i}: x\n"));
        var findings = ReadQuickly(text).Findings;
        Assert.Equal(Limits.FindingsMax + 1, findings.Count);
        Assert.Contains("further findings are not listed", findings[^1].MessageEn);
    }

    [Fact]
    public void A_key_as_long_as_the_file_is_not_repeated_in_each_finding_under_it()
    {
        var under = string.Join(", ", Enumerable.Range(0, 500).Select(i => $"n{i}: x"));
        var text = $"identity_groups:\n  ? {new string('k', 100_000)}\n  : {{{under}}}\n";
        var before = GC.GetAllocatedBytesForCurrentThread();
        var findings = ReadQuickly(text).Findings;

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
        Assert.Equal(Limits.FindingsMax + 1, findings.Count);
        Assert.All(findings, finding => Assert.InRange(finding.ToString().Length, 1, 4_000));
        Assert.Contains(findings, finding => finding.Path.EndsWith(".n0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "ab…")]
    [InlineData("a😀cd", 3, "a…")]
    [InlineData("a😀cd", 4, "a😀…")]
    [InlineData("abcd", 1, "…")]
    public void An_excerpt_is_within_its_bound_and_cuts_no_character(string text, int max, string expected) =>
        Assert.Equal(expected, Excerpt.Of(text, max));

    [Fact]
    public void A_file_cut_or_garbled_anywhere_is_read_without_a_fault()
    {
        var random = Seeded.Random(20260101);
        for (var i = 0; i < 3_000; i++)
        {
            var text = new StringBuilder(SoundFile.Text);
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                if (random.Next(2) == 0)
                    text.Remove(at, Math.Min(random.Next(1, 30), text.Length - at));
                else
                    text.Insert(at, "{}[]:,-'\"#&*!|>%@\t\n \u0085中0"[random.Next(22)]);
            }
            var reading = PlanFile.Read(text.ToString());
            Assert.True(reading.Plan is not null || reading.Findings.Any(f => f.Severity == Severity.Error));
        }
    }
}

static class Seeded
{
#pragma warning disable RS0030 // Seeded here, once: every test run garbles the same.
    public static Random Random(int seed) => new(seed);
#pragma warning restore RS0030
}
