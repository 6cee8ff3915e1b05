using System.CommandLine;
using SettlementGrid.LoadTest;

const int ClosedInFlight = 128;
const int OpenInFlight = 2_048;

var server = new Option<string?>("--server")
{
    Description = "gRPC address of a running server; by default one is started on fresh data and stopped again",
    HelpName = "ADDRESS",
};
var seconds = Number("--seconds", 20, "how long is measured");
var warmUp = Number("--warm-up", 5, "seconds of the same load before");
var rate = Number("--rate", 0, "arrivals a second (open loop); 0: each caller goes on when it is answered (closed loop)");
var day = new Option<bool>("--day") { Description = "arrivals follow a hospital day with its peak from 10 to 11 h; --rate is the peak's" };
var mixed = new Option<bool>("--mixed") { Description = "3 % previews followed by settle and 1 % reversals besides" };
var inFlight = new Option<int?>("--inflight") { Description = "calls under way at any moment (128; open loop: at most 2,048)", HelpName = "N" };
var connections = Number("--connections", 8, "HTTP/2 connections");
var persons = Number("--persons", 20_000, "enrollees, put on the roster first");
var seed = Number("--seed", 1, "of every bill and choice");
var duplicates = Number("--duplicates", 2, "of 100 calls, how many repeat an acknowledged one");
var json = new Option<FileInfo?>("--json") { Description = "write the result as JSON", HelpName = "FILE" };
var report = new Option<FileInfo?>("--report")
{
    Description = "write the result as Markdown, best under load-tests/results/",
    HelpName = "FILE",
};

var root = new RootCommand(
    "Settles as fast as the server answers (closed loop) or as patients arrive (--rate, open loop), then holds every "
    + "acknowledged answer against the ledger.")
{
    server, seconds, warmUp, rate, day, mixed, inFlight, connections, persons, seed, duplicates, report, json,
};
root.SetAction(async (parsed, cancellation) =>
{
    var settings = new LoadSettings
    {
        Server = parsed.GetValue(server) is { } address ? new Uri(address) : null,
        Measured = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
        WarmUp = TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
        Rate = parsed.GetValue(rate),
        Day = parsed.GetValue(day),
        InFlight = parsed.GetValue(inFlight) ?? (parsed.GetValue(rate) > 0 ? OpenInFlight : ClosedInFlight),
        Connections = parsed.GetValue(connections),
        Persons = parsed.GetValue(persons),
        Seed = parsed.GetValue(seed),
        DuplicatePercent = parsed.GetValue(duplicates),
        PreviewPercent = parsed.GetValue(mixed) ? 3 : 0,
        ReversalPercent = parsed.GetValue(mixed) ? 1 : 0,
        Json = parsed.GetValue(json),
        Report = parsed.GetValue(report),
    };
    if (settings.Fault() is { } fault)
    {
        await Console.Error.WriteLineAsync(fault);
        return 2;
    }
    return await LoadRun.RunAsync(settings, TimeProvider.System, Console.Error.WriteLine, cancellation) ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();

static Option<int> Number(string name, int usual, string description) =>
    new(name) { Description = description, DefaultValueFactory = _ => usual };
