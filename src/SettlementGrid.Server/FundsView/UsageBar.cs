using System.Globalization;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Server.FundsView;

/// <summary>
/// Paid of premium as a bar, coloured by the alert it has reached, with a mark where the year stands: a bar beyond the
/// mark spends faster than the year goes.
/// </summary>
public static class UsageBar
{
    /// <summary>Of the bar, characters: 5 % each.</summary>
    public const int Width = 20;

    private const int WholeBp = 10_000;

    /// <summary>Markup; a dash where there is no premium to hold it against.</summary>
    public static string Of(Position position)
    {
        if (!position.HasUsageBp)
        {
            return "[grey]—[/]";
        }

        var filled = Cells(position.UsageBp);
        var year = Math.Min(Cells(position.YearGoneBp), Width - 1);
        var bar = string.Concat(Enumerable.Range(0, Width)
            .Select(cell => cell == year ? '│' : cell < filled ? '█' : '░'));
        return $"[{Colour(position)}]{bar} {Percent(position.UsageBp)}[/]";
    }

    /// <summary>Green below the first alert, then yellow, orange (90 %) and red (100 %).</summary>
    public static string Colour(Position position) => !position.HasUsageBp ? "grey"
        : position.UsageBp >= WholeBp ? "red"
        : position.UsageBp >= 9_000 ? "darkorange"
        : position.UsageBp >= 8_000 ? "yellow"
        : position.Alerts.Count > 0 ? "yellow"
        : "green";

    public static string Percent(int bp) =>
        string.Create(CultureInfo.InvariantCulture, $"{bp / 100m:0.0}%");

    private static int Cells(int bp) => (int)Math.Clamp(((long)bp * Width + (WholeBp / 2)) / WholeBp, 0, Width);
}
