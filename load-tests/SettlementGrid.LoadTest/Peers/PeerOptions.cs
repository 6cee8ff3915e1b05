using System.CommandLine;
using System.CommandLine.Parsing;
using SettlementGrid.Peers;

namespace SettlementGrid.LoadTest.Peers;

/// <summary>The options of a comparison, beside those of every run.</summary>
sealed class PeerOptions
{
    static readonly TimeSpan UsualMeasured = TimeSpan.FromSeconds(8);
    static readonly TimeSpan UsualWarmUp = TimeSpan.FromSeconds(4);
    const int RoundsMax = 99;

    readonly Option<bool> _peers = new("--peers")
    {
        Description = "compare with peers and limits, by turns in the same run (about 7 minutes; 8 s each unless said)",
    };

    readonly Option<int> _rounds = new("--rounds")
    {
        Description = "with --peers, --silos: how often each is measured",
        HelpName = "N",
        DefaultValueFactory = _ => 3,
    };

    readonly Option<Contestant[]> _only = new("--only")
    {
        Description = "with --peers: these alone, the first is what the others are compared with",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. PeerSettings.Usual],
    };

    readonly Option<bool> _silos = new("--silos")
    {
        Description = "compare with the cluster's program, one silo and two with a gateway, where its packages restore",
    };

    readonly Option<int> _databaseConnections = new("--db-connections")
    {
        Description = "with --peers: connections that the stored function's calls share",
        HelpName = "N",
        DefaultValueFactory = _ => PeerLimits.Connections,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_peers);
        command.Options.Add(_rounds);
        command.Options.Add(_only);
        command.Options.Add(_silos);
        command.Options.Add(_databaseConnections);
    }

    /// <summary>Null: no comparison was asked for.</summary>
    public PeerSettings? Read(ParseResult parsed, LoadSettings load) =>
        !parsed.GetValue(_peers) && !parsed.GetValue(_silos) ? null
        : new PeerSettings(
            load with
            {
                Measured = IsSaid(parsed, "--seconds") ? load.Measured : UsualMeasured,
                WarmUp = IsSaid(parsed, "--warm-up") ? load.WarmUp : UsualWarmUp,
            },
            Math.Clamp(parsed.GetValue(_rounds), 1, RoundsMax))
        {
            Contestants = parsed.GetValue(_silos) ? PeerSettings.Cluster : [.. parsed.GetValue(_only)!.Distinct()],
            DatabaseConnections = Math.Clamp(parsed.GetValue(_databaseConnections), 1, PeerLimits.ConnectionsMax),
        };

    /// <summary>What is wrong with a comparison of these settings, or null.</summary>
    public static string? Fault(LoadSettings load) =>
        load.Server is not null || load.Data is not null || load.Roster is not null
            ? "--peers and --silos start every program itself: leave --server, --data and --roster out"
        : load.Repeat > 0 ? "--peers and --silos measure in rounds: say --rounds, not --repeat"
        : load.IsOpen || load.IsMany || load.PreviewPercent + load.ReversalPercent > 0
            ? "--peers and --silos compare unary Settle in a closed loop: leave --rate, --many and --mixed out"
        : null;

    static bool IsSaid(ParseResult parsed, string option) =>
        parsed.GetResult(option) is OptionResult { Implicit: false };
}
