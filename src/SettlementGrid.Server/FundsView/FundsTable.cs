using System.Globalization;
using SettlementGrid.Api.V1;
using SettlementGrid.Plans;
using SettlementGrid.SampleCity;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SettlementGrid.Server.FundsView;

/// <summary>
/// The funds as a table: as many columns as the width takes, as many rows as the height takes, and a line that says how
/// many rows are left out.
/// </summary>
public static class FundsTable
{
    /// <summary>Wide enough for every column; what lines that are not for a terminal are written for.</summary>
    public const int WholeWidth = 220;

    // Lines around the rows: blank, heading, its rule, "… n more", two lines of the footer, the cursor's.
    private const int OtherLines = 8;
    private const int FrameOfColumn = 3;
    private const int PlanCharactersMax = 32;

    // Of each column the frame takes 3 more.
    private static readonly Column[] Columns =
    [
        new("地区 region", 0, Right: false, Region),
        new("计划 plan", 2, Right: false, row => Markup.Escape(Cut(row.Position.PlanId, PlanCharactersMax))),
        new("人次/参保 persons", 5, Right: true, row => $"{row.Position.Persons:N0}/{row.Position.Insured:N0}"),
        new("笔 cases", 4, Right: true, row => $"{row.Position.Cases:N0}"),
        new("筹资 premium", 3, Right: true, row => Yuan(row.Position.PremiumFen)),
        new("已付 paid", 0, Right: true, row => Moved(row, Yuan(row.Position.PaidFen))),
        new("结余 balance", 1, Right: true, row => Yuan(row.Position.BalanceFen)),
        new("使用率 usage", 0, Right: false, row => UsageBar.Of(row.Position)),
        new("年末预计 projected", 6, Right: true, row => Yuan(row.Position.ProjectedPaidFen)),
        new("预警 alerts", 0, Right: false, row => Alerts(row.Position)),
    ];

    /// <param name="sight">What there is to show.</param>
    /// <param name="width">Of the terminal, characters.</param>
    /// <param name="height">Of the terminal, lines; null: not bounded.</param>
    /// <param name="now">For the footer's clock and for what moved lately.</param>
    public static IRenderable Of(FundsSight sight, int width, int? height, DateTimeOffset now)
    {
        var shown = height is { } lines ? Math.Max(1, lines - OtherLines) : int.MaxValue;
        var rows = sight.Rows.Take(shown).Select(row => IsFresh(row, now) ? row : row with { MovedAt = null }).ToList();
        var columns = Fitting(rows, width);
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            var made = new TableColumn(column.Heading).NoWrap();
            table.AddColumn(column.Right ? made.RightAligned() : made);
        }

        foreach (var row in rows)
        {
            table.AddRow([.. columns.Select(column => new Markup(column.Text(row)))]);
        }

        var parts = new List<IRenderable> { table };
        if (sight.Rows.Count > shown)
        {
            var more = sight.Rows.Count - shown;
            parts.Add(new Markup($"[grey]… {more} more 另有 {more} 行[/]"));
        }
        else if (sight.Rows.Count == 0)
        {
            parts.Add(new Markup("[grey]nothing yet 暂无数据[/]"));
        }

        return new Rows(parts);
    }

    /// <summary>The two last lines under a live table.</summary>
    public static IRenderable Footer(FundsSight sight, int width, DateTimeOffset now)
    {
        const string Lost = "连接中断，正在重连 reconnecting: ";
        var state = sight.Trouble is { } why
            ? $"[yellow]{Lost}{Markup.Escape(Cut(why, Math.Max(1, width - Cells(Lost))))}[/]"
            : "[green]实时 live[/] [grey]按 Ctrl-C 结束 Ctrl-C ends it[/]";
        return new Markup($"[grey]{Where(sight)}  北京时间 {Clock(now)}[/]\n{state}");
    }

    /// <summary>Which ledger position the figures stand at, and of when.</summary>
    public static string Where(FundsSight sight) =>
        (sight.Rows.Count > 0 ? $"{sight.Rows[0].Position.Year} 年度 policy year，" : "")
        + $"账本位置 mark {sight.Mark}"
        + (sight.AsOf is { } at ? $"，至 as of {at.ToOffset(BeijingTime.Offset):yyyy-MM-dd HH:mm:ss}" : "");

    /// <summary>One fund as a line of text, for where there is no terminal to draw on.</summary>
    public static string Line(Position position, DateTimeOffset now)
    {
        var usage = position.HasUsageBp ? $"  使用率 usage {UsageBar.Percent(position.UsageBp)}" : "";
        var alerts = position.Alerts.Count > 0 ? $"  预警 alerts {AlertWords(position)}" : "";
        return $"{Clock(now)} mark {position.LedgerPosition}  {Name(position.RegionId)}  {position.PlanId}"
            + $"  笔 cases {position.Cases}  已付 paid {Yuan(position.PaidFen)}"
            + $"  结余 balance {Yuan(position.BalanceFen)}{usage}{alerts}";
    }

    private static bool IsFresh(FundsRow row, DateTimeOffset now) =>
        row.MovedAt is { } at && now - at < ServerLimits.FundsMovedFor;

    /// <summary>All columns, less the least needed ones where they are wider than the terminal.</summary>
    private static List<Column> Fitting(List<FundsRow> rows, int width)
    {
        var widths = Columns.ToDictionary(
            column => column,
            column => FrameOfColumn + rows.Select(row => Cells(Markup.Remove(column.Text(row))))
                .Append(Cells(column.Heading)).Max());
        var kept = Columns.ToList();
        while (kept.Sum(column => widths[column]) + 1 > width
            && kept.MaxBy(column => column.Dropped) is { Dropped: > 0 } least)
        {
            kept.Remove(least);
        }

        return kept;
    }

    // A Chinese character takes two cells of a terminal; letters, digits, signs and the bar's blocks take one.
    private static int Cells(string text) => text.Sum(character => character is >= '\u2e80' and <= '\uffdc' ? 2 : 1);

    private static string Region(FundsRow row)
    {
        var name = Markup.Escape(Name(row.Position.RegionId));
        return row.Position.RegionId.EndsWith("00", StringComparison.Ordinal) ? $"[bold]{name}[/]" : name;
    }

    private static string Name(string regionId) =>
        Sample.NameOfRegion(regionId) is { } name ? $"{regionId} {name}" : regionId;

    private static string Moved(FundsRow row, string text) => row.MovedAt is null ? text : $"[bold aqua]{text}[/]";

    private static string Alerts(Position position) => position.Alerts.Count == 0
        ? ""
        : $"[{UsageBar.Colour(position)}]{Markup.Escape(AlertWords(position))}[/]";

    // Of the usage alerts the highest says it all.
    private static string AlertWords(Position position)
    {
        var kinds = position.Alerts.Select(alert => alert.Kind).ToList();
        var usage = kinds.Where(IsUsage).Select(kind => (FundAlertKind?)kind).Max();
        return string.Join(' ', kinds.Where(kind => !IsUsage(kind) || kind == usage).Select(Word));
    }

    private static bool IsUsage(FundAlertKind kind) =>
        kind is FundAlertKind.Usage80 or FundAlertKind.Usage90 or FundAlertKind.Usage100;

    private static string Word(FundAlertKind kind) => kind switch
    {
        FundAlertKind.Usage80 => "≥80%",
        FundAlertKind.Usage90 => "≥90%",
        FundAlertKind.Usage100 => "≥100%",
        FundAlertKind.SurplusBelow3 => "结余<3%",
        FundAlertKind.ProjectedAbovePremium => "预计超支",
        _ => kind.ToString(),
    };

    private static string Yuan(long fen) => new Money(fen).ToString();

    private static string Cut(string text, int max) =>
        text.Length <= max ? text : string.Concat(text.AsSpan(0, max - 1), "…");

    private static string Clock(DateTimeOffset now) => now.ToOffset(BeijingTime.Offset).ToString(
        "HH:mm:ss", CultureInfo.InvariantCulture);

    /// <param name="Dropped">Where the width does not take all: the highest is dropped first; 0: never.</param>
    private sealed record Column(string Heading, int Dropped, bool Right, Func<FundsRow, string> Text);
}
