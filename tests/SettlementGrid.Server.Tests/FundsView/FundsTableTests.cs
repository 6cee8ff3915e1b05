using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Api.V1;
using SettlementGrid.Server.FundsView;
using Spectre.Console;

namespace SettlementGrid.Server.Tests.FundsView;

public sealed class FundsTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 4, 5, 6, TimeSpan.Zero);

    [Fact]
    public void Row_names_the_region_and_shows_every_figure_where_the_width_takes_it()
    {
        var text = Draw(FundsTable.WholeWidth, null, Fund("150502", usageBp: 8_550, yearGoneBp: 5_000));

        Assert.Contains("150502 科尔沁区", text, StringComparison.Ordinal);
        Assert.Contains("12/3,640", text, StringComparison.Ordinal);
        Assert.Contains("1,000.00", text, StringComparison.Ordinal);
        Assert.Contains("855.00", text, StringComparison.Ordinal);
        Assert.Contains("145.00", text, StringComparison.Ordinal);
        Assert.Contains("1,710.00", text, StringComparison.Ordinal);
        Assert.Contains("██████████│██████░░░ 85.5%", text, StringComparison.Ordinal);
        Assert.Contains("≥80%", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Region_without_a_known_name_goes_by_its_code()
    {
        var text = Draw(FundsTable.WholeWidth, null, Fund("440300", 100, 100));

        Assert.Contains("440300", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(120)]
    [InlineData(100)]
    public void No_line_is_wider_than_the_terminal_and_the_usage_stays(int width)
    {
        var text = Draw(width, null, Fund("150502", 8_550, 5_000));

        Assert.All(text.Split('\n'), line => Assert.InRange(Cells(line), 0, width));
        Assert.Contains("85.5%", text, StringComparison.Ordinal);
        Assert.Contains("855.00", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_beyond_the_height_are_counted_in_one_line()
    {
        var funds = Enumerable.Range(0, 50).Select(number => Fund($"1505{number:00}", 5_000, 5_000)).ToArray();

        var text = Draw(FundsTable.WholeWidth, 20, funds);

        Assert.True(text.TrimEnd('\n').Split('\n').Length <= 20, text);
        Assert.Contains("… 38 more", text, StringComparison.Ordinal);
        Assert.Contains("150511", text, StringComparison.Ordinal);
        Assert.DoesNotContain("150512", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "green")]
    [InlineData(7_999, "green")]
    [InlineData(8_000, "yellow")]
    [InlineData(9_000, "darkorange")]
    [InlineData(10_000, "red")]
    [InlineData(25_000, "red")]
    public void Bar_has_the_colour_of_the_alert_it_has_reached(int usageBp, string colour)
    {
        Assert.Equal(colour, UsageBar.Colour(new Position { UsageBp = usageBp }));
        Assert.StartsWith($"[{colour}]", UsageBar.Of(new Position { UsageBp = usageBp }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    [InlineData(int.MaxValue)]
    public void Bar_keeps_its_width_whatever_the_usage(int usageBp)
    {
        var bar = UsageBar.Of(new Position { UsageBp = usageBp, YearGoneBp = 10_000 });

        Assert.Equal(UsageBar.Width, bar.Count(cell => cell is '█' or '░' or '│'));
    }

    [Fact]
    public void Fund_without_premium_has_no_usage()
    {
        var text = Draw(FundsTable.WholeWidth, null, new Position { RegionId = "150502", PlanId = "p", PaidFen = 1 });

        Assert.Contains("—", text, StringComparison.Ordinal);
        Assert.DoesNotContain("%", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_look_like_markup_are_text()
    {
        var text = Draw(
            FundsTable.WholeWidth, null, new Position { RegionId = "150502", PlanId = "[red]x[/]", PaidFen = 1 });

        Assert.Contains("[red]x[/]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Board_keeps_one_row_a_fund_the_newest_mark_and_what_moved()
    {
        var board = new FundsBoard(TimeProvider.System);
        board.Take("150500", [Fund("150502", 100, 100), Fund("150500", 100, 100)], mark: 7, isFirst: true);
        board.Take("150500", [Fund("150502", 200, 100)], mark: 9, isFirst: false);
        board.Take("410900", [new Position { RegionId = "410900" }], mark: 8, isFirst: true);

        var sight = board.Look();

        Assert.Equal(["150500", "150502"], sight.Rows.Select(row => row.Position.RegionId));
        Assert.Equal([false, true], sight.Rows.Select(row => row.MovedAt is not null));
        Assert.Equal(200, sight.Rows[1].Position.UsageBp);
        Assert.Equal(9, sight.Mark);
        Assert.Equal(Now, sight.AsOf);
        Assert.Null(sight.Trouble);
    }

    [Fact]
    public void Lost_region_is_told_until_it_is_heard_again()
    {
        var board = new FundsBoard(TimeProvider.System);
        board.Take("150500", [Fund("150502", 100, 100)], mark: 7, isFirst: true);

        board.Lost("150500", "gone");

        Assert.Equal("gone", board.Look().Trouble);
        Assert.Single(board.Look().Rows);
        board.Take("150500", [], mark: 7, isFirst: false);
        Assert.Null(board.Look().Trouble);
        board.Forget("150500");
        Assert.Empty(board.Look().Rows);
    }

    private static Position Fund(string region, int usageBp, int yearGoneBp)
    {
        var fund = new Position
        {
            RegionId = region,
            PlanId = "tongliao-sample",
            Year = 2026,
            PremiumFen = 100_000,
            PaidFen = usageBp * 10L,
            BalanceFen = 100_000 - (usageBp * 10L),
            UsageBp = usageBp,
            YearGoneBp = yearGoneBp,
            ProjectedPaidFen = usageBp * 20L,
            Persons = 12,
            Insured = 3_640,
            Cases = 17,
            LedgerPosition = 5,
            AsOf = Timestamp.FromDateTimeOffset(Now),
        };
        if (usageBp >= 8_000)
        {
            fund.Alerts.Add(new FundAlert { Kind = FundAlertKind.Usage80 });
        }

        return fund;
    }

    private static string Draw(int width, int? height, params Position[] funds)
    {
        var board = new FundsBoard(TimeProvider.System);
        board.Take("150500", funds, mark: 5, isFirst: true);
        var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(FundsTable.Of(board.Look(), width, height, Now));
        if (height is not null)
        {
            console.Write(FundsTable.Footer(board.Look(), width, Now));
        }

        return writer.ToString();
    }

    // A Chinese character takes two cells of a terminal.
    private static int Cells(string line) => line.TrimEnd().Sum(character => character is >= '一' and <= '龥' ? 2 : 1);
}
