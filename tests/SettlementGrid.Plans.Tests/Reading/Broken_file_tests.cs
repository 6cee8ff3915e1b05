using System.Runtime.CompilerServices;
using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>Each row of broken-files.txt breaks the sound file in one way and names the finding that must come of
/// it.</summary>
public class Broken_file_tests
{
    [Fact]
    public void The_file_that_the_rows_break_is_sound()
    {
        var reading = PlanFile.Read(SoundFile.Text);
        Assert.Empty(reading.Findings);
        Assert.Equal(["ward", "drug"], reading.Plan!.Layers.Select(layer => layer.Id));
    }

    public static TheoryData<string, string, string> Rows()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var line in File.ReadLines(Path.Combine(Here(), "broken-files.txt")))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var cells = line.Replace("\\n", "\n", StringComparison.Ordinal)
                .Replace("\\t", "\t", StringComparison.Ordinal).Split('¦');
            data.Add(Unpadded(cells[0]), Unpadded(cells[1]), Unpadded(cells[2]));
        }
        return data;

        // One space on either side belongs to the row, further ones to the edit.
        static string Unpadded(string cell) =>
            cell[(cell.StartsWith(' ') ? 1 : 0)..(cell.EndsWith(' ') ? cell.Length - 1 : cell.Length)];
    }

    static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_fault_is_found_at_its_place(string sound, string broken, string finding)
    {
        var text = Edit(sound, broken);
        var reading = PlanFile.Read(text);
        Assert.Null(reading.Plan);
        var found = Assert.Single(reading.Findings, f => f.ToString().Contains(finding, StringComparison.Ordinal));
        Assert.Equal(Severity.Error, found.Severity);
        Assert.True(found.MessageZh.Length > 0 && found.MessageZh != found.MessageEn);
        Assert.InRange(found.Line, 1, text.Split('\n').Length + 1);
    }

    [Fact]
    public void All_faults_of_a_file_are_given_at_once_in_the_order_of_their_places()
    {
        var text = Edit("kind: CRITICAL", "kind: NONE")
            .Replace("rate: 60%", "rate: 600%", StringComparison.Ordinal)
            .Replace("from: 50000, to: 100000", "from: 1, to: 100000", StringComparison.Ordinal)
            .Replace("layers: [ward, drug]", "layers: [wards]", StringComparison.Ordinal)
            .Replace("identities: [LOW_INCOME, ORPHAN]", "identities: [NOBODY]", StringComparison.Ordinal);
        Assert.Equal(
            ["kind", "identity_groups.poor.identities[0]", "layers[0].rates[1].bands[0].rate",
             "layers[0].rates[1].bands[1].from", "shared_caps[0].layers[0]"],
            PlanFile.Read(text).Findings.Select(f => f.Path));
    }

    [Fact]
    public void Warnings_do_not_stand_in_the_way()
    {
        var reading = PlanFile.Read(
            Edit("{ from: 100000, rate: { parameter: ratio } }", "{ from: 100000, to: 200000, rate: 70% }"));
        Assert.NotNull(reading.Plan);
        var warning = Assert.Single(reading.Findings);
        Assert.Equal((Severity.Warning, "layers[0].rates[1].bands[2].to"), (warning.Severity, warning.Path));
    }

    internal static string Edit(string sound, string broken)
    {
        var at = SoundFile.Text.IndexOf(sound, StringComparison.Ordinal);
        Assert.True(at >= 0, "the sound file does not hold: " + sound);
        return string.Concat(SoundFile.Text.AsSpan(0, at), broken, SoundFile.Text.AsSpan(at + sound.Length));
    }
}
