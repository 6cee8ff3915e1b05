using System.CommandLine;
using System.CommandLine.Parsing;

namespace SettlementGrid.LoadTest;

/// <summary>The options of the command line and what they make of a run.</summary>
sealed class LoadOptions
{
    const int ClosedInFlight = 128;
    const int OpenInFlight = 2_048;

    // Each is a call of many: 16 fill every batch and still fit into the connections' windows.
    const int ManyInFlight = 16;
    const int ManyUsual = 200;

    readonly Option<string?> _server = new("--server")
    {
        Description = "gRPC address of a running server; by default one is started on fresh data and stopped again",
        HelpName = "ADDRESS",
    };

    readonly Option<string?> _data = new("--data")
    {
        Description = "the own server works on this data folder and leaves it there",
        HelpName = "DIR",
    };

    readonly Option<string?> _roster = new("--roster")
    {
        Description = "persons NAME-P0000000, NAME-P0000001 … are on the roster already (City: those of ScaleLedger)",
        HelpName = "NAME",
    };

    readonly Option<bool> _cold = new("--cold")
    {
        Description = "every account cold: the server is started again first, nobody is asked for twice",
    };

    readonly Option<bool> _warm = new("--warm")
    {
        Description = "every account warm: each is asked for once before",
    };

    readonly Option<int> _seconds = Number("--seconds", 20, "how long is measured");
    readonly Option<int> _warmUp = Number("--warm-up", 5, "seconds of the same load before");

    readonly Option<int> _rate = Number(
        "--rate", 0, "arrivals a second (open loop); 0: each caller goes on when it is answered (closed loop)");

    readonly Option<bool> _day = new("--day")
    {
        Description = "arrivals follow a hospital day with its peak from 10 to 11 h; --rate is the peak's",
    };

    readonly Option<bool> _mixed = new("--mixed")
    {
        Description = "3 % previews followed by settle and 1 % reversals besides",
    };

    readonly Option<int?> _many = new("--many")
    {
        Description = $"bills by SettleMany, N in each call ({ManyUsual} where N is left out)",
        HelpName = "N",
        Arity = ArgumentArity.ZeroOrOne,
    };

    readonly Option<int> _repeat = new("--repeat")
    {
        Description = "N runs, each beside an echo and a commit control; medians are told, disturbed runs made again",
        HelpName = "N",
    };

    readonly Option<int> _servers = Number(
        "--servers", 1, "so many servers on one database, in rounds that alternate with one server");

    readonly Option<int?> _inFlight = new("--inflight")
    {
        Description = "calls under way at any moment (128; open loop: at most 2,048; --many: 16)",
        HelpName = "N",
    };

    readonly Option<int> _connections = Number("--connections", 8, "HTTP/2 connections");
    readonly Option<int> _persons = Number("--persons", 20_000, "enrollees, put on the roster first");
    readonly Option<int> _seed = Number("--seed", 1, "of every bill and choice");

    readonly Option<int?> _duplicates = new("--duplicates")
    {
        Description = "of 100 calls, how many repeat an acknowledged one (2; --cold: 0)",
        HelpName = "N",
    };

    readonly Option<FileInfo?> _json = File("--json", "write the result as JSON");
    readonly Option<FileInfo?> _report = File(
        "--report", "write the result as Markdown, best under load-tests/results/");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[
            _rate, _day, _mixed, _many, _repeat, _servers, _seconds, _warmUp, _inFlight, _connections, _persons, _cold, _warm,
            _server, _data, _roster, _seed, _duplicates, _report, _json])
            command.Options.Add(option);
    }

    public LoadSettings Read(ParseResult parsed)
    {
        var rate = parsed.GetValue(_rate);
        var many = parsed.GetResult(_many) is null ? 0 : parsed.GetValue(_many) ?? ManyUsual;
        return new LoadSettings
        {
            Server = parsed.GetValue(_server) is { } address ? new Uri(address) : null,
            Data = parsed.GetValue(_data),
            Roster = parsed.GetValue(_roster),
            Accounts = parsed.GetValue(_cold) ? AccountsAre.Cold
                : parsed.GetValue(_warm) ? AccountsAre.Warm
                : AccountsAre.AsTheyCome,
            Measured = TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(_warmUp)),
            Rate = rate,
            Day = parsed.GetValue(_day),
            Many = many,
            Repeat = parsed.GetValue(_repeat),
            Servers = parsed.GetValue(_servers),
            InFlight = parsed.GetValue(_inFlight)
                ?? (rate > 0 ? OpenInFlight : many > 0 ? ManyInFlight : ClosedInFlight),
            Connections = parsed.GetValue(_connections),
            Persons = parsed.GetValue(_persons),
            Seed = parsed.GetValue(_seed),
            DuplicatePercent = parsed.GetValue(_duplicates) ?? (parsed.GetValue(_cold) ? 0 : 2),
            PreviewPercent = parsed.GetValue(_mixed) ? 3 : 0,
            ReversalPercent = parsed.GetValue(_mixed) ? 1 : 0,
            Json = parsed.GetValue(_json),
            Report = parsed.GetValue(_report),
        };
    }

    /// <summary>Whether nothing was asked for but where to write: the tour.</summary>
    public bool IsTour(ParseResult parsed) => parsed.CommandResult.Children.OfType<OptionResult>()
        .All(given => given.Implicit || given.Option == _json || given.Option == _report);

    static Option<int> Number(string name, int usual, string description) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };

    static Option<FileInfo?> File(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE" };
}
