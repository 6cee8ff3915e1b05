using System.CommandLine;

namespace SettlementGrid.LoadTest.Overload;

/// <summary>The options of this mode on the command line.</summary>
sealed class OverloadOptions
{
    readonly Option<int?> _overload = new("--overload")
    {
        Description = "find the knee, then twice as many arrivals for N seconds "
            + $"({OverloadSettings.UsualSeconds}), then half: goodput, refusals, recovery",
        HelpName = "N",
        Arity = ArgumentArity.ZeroOrOne,
    };

    readonly Option<int> _knee = new("--knee")
    {
        Description = "with --overload: settlements a second at the knee; 0: found first",
        HelpName = "N",
    };

    readonly Option<bool> _retry = new("--retry")
    {
        Description = "with --overload: refused bills are sent again, up to five times, as hospitals do",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_overload, _knee, _retry])
            command.Options.Add(option);
    }

    /// <summary>Null: another mode is asked for.</summary>
    public OverloadSettings? Read(ParseResult parsed, LoadSettings load)
    {
        if (parsed.GetResult(_overload) is null)
            return null;
        return new OverloadSettings(
            load with { Connections = Math.Max(load.Connections, OverloadSettings.UsualConnections) },
            TimeSpan.FromSeconds(parsed.GetValue(_overload) ?? OverloadSettings.UsualSeconds),
            parsed.GetValue(_knee), parsed.GetValue(_retry));
    }
}
