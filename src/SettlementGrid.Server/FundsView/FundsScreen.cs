using SettlementGrid.Api.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SettlementGrid.Server.FundsView;

/// <summary>
/// Draws the board: in place on a terminal; as lines where the output is a file or a pipe (a table of what there is,
/// then a line for each fund that changes).
/// </summary>
public sealed class FundsScreen(IAnsiConsole console, FundsBoard board, TimeProvider clock)
{
    /// <summary>The terminal; or, for a file or a pipe, text without colours as wide as it takes.</summary>
    public static IAnsiConsole ConsoleFor(bool isTerminal)
    {
        if (isTerminal)
        {
            return AnsiConsole.Console;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = FundsTable.WholeWidth;
        return console;
    }

    /// <summary>What is shown once and left standing.</summary>
    public static void Print(IAnsiConsole console, FundsSight sight, DateTimeOffset now)
    {
        console.Write(FundsTable.Of(sight, console.Profile.Width, height: null, now));
        console.WriteLine(FundsTable.Where(sight));
    }

    /// <summary>
    /// Draws whatever is on the board, again and again, until cancelled: also when nothing came, for the clock and for
    /// marks that fade.
    /// </summary>
    public Task DrawAsync(CancellationToken cancellation) =>
        console.Live(Picture()).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            while (!cancellation.IsCancellationRequested)
            {
                live.UpdateTarget(Picture());
                live.Refresh();
                await Task.Delay(ServerLimits.FundsDrawPeriod, clock, cancellation)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });

    /// <summary>A line for each fund of a message that is no terminal's.</summary>
    public void WriteLines(IEnumerable<Position> positions)
    {
        foreach (var position in positions)
        {
            console.Profile.Out.Writer.WriteLine(FundsTable.Line(position, clock.GetUtcNow()));
        }
    }

    private Rows Picture()
    {
        var (sight, now) = (board.Look(), clock.GetUtcNow());
        IRenderable table = FundsTable.Of(sight, console.Profile.Width, console.Profile.Height, now);
        return new Rows(table, FundsTable.Footer(sight, console.Profile.Width, now));
    }
}
