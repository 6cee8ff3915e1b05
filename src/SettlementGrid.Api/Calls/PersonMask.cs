using System.Text.RegularExpressions;

namespace SettlementGrid.Api;

/// <summary>
/// What logs and errors may show of a person: the first two and the last two characters of the id.
/// </summary>
public static partial class PersonMask
{
    private const int Shown = 2;

    /// <summary>`150502199001011234` becomes `15**************34`; an id too short to hide anything, stars.</summary>
    public static string Mask(ReadOnlySpan<char> id) => id.Length <= 2 * Shown + 2
        ? new string('*', id.Length)
        : $"{id[..Shown]}{new string('*', id.Length - (2 * Shown))}{id[^Shown..]}";

    /// <summary>
    /// The safety net under those who forgot to mask: every run of 17 digits and a digit or X (a citizen's number)
    /// in a text is masked, wherever it stands. Ids of other shapes are masked by their writer.
    /// </summary>
    public static string MaskNumbers(string text) => CitizenNumber().Replace(text, found => Mask(found.ValueSpan));

    [GeneratedRegex(
        "(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex CitizenNumber();
}
