using System.Globalization;
using System.Text.RegularExpressions;
using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// A plan a thousand times smaller: every amount of its file (starts, band edges, caps, parameters in yuan) divided by
/// a thousand, rates and days as they are. Small enough to put each single fen of a bill through it.
/// </summary>
static partial class ScaledPlan
{
    public static Plan Read(string file, Func<string, string>? edit = null)
    {
        var text = Text(file, edit);
        return PlanFile.Read(text) is { Plan: { } plan, Findings.Count: 0 }
            ? plan
            : throw new InvalidDataException(text);
    }

    public static string Text(string file, Func<string, string>? edit = null)
    {
        var text = ShippedPlans.Text(file);
        return Amount().Replace(edit is null ? text : edit(text), Smaller);
    }

    static string Smaller(Match amount)
    {
        var smaller = decimal.Parse(amount.Groups["yuan"].Value, CultureInfo.InvariantCulture) / 1_000;
        // A fraction of a fen would not be the same plan in small.
        return smaller * 100 % 1 == 0
            ? $"{amount.Groups["key"].Value}: {smaller.ToString("0.00", CultureInfo.InvariantCulture)}"
            : throw new InvalidDataException($"{amount.Value} cannot be divided by a thousand.");
    }

    /// <summary>A figure behind a key that holds yuan: neither a day (2025-01-01) nor a rate (25%).</summary>
    [GeneratedRegex(@"\b(?<key>amount|value|from|to): (?<yuan>[0-9]+(\.[0-9]{1,2})?)(?=[ ,}\r\n])")]
    private static partial Regex Amount();
}
