using System.CommandLine;
using SettlementGrid.LoadTest;

var server = new Option<string?>("--server")
{
    Description = "gRPC address of a running server; by default one is started on fresh data and stopped again",
    HelpName = "ADDRESS",
};
var seconds = Number("--seconds", 20, "how long is measured");
var warmUp = Number("--warm-up", 5, "seconds of the same load before");
var inFlight = Number("--inflight", 64, "calls under way at any moment");
var connections = Number("--connections", 4, "HTTP/2 connections");
var persons = Number("--persons", 20_000, "enrollees, put on the roster first");
var seed = Number("--seed", 1, "of every bill and choice");
var duplicates = Number("--duplicates", 2, "of 100 calls, how many repeat an acknowledged one");
var audited = Number("--audit", 50_000, "settlements looked up again at the end");
var report = new Option<FileInfo?>("--report")
{
    Description = "write the result as Markdown, best under load-tests/results/",
    HelpName = "FILE",
};

var root = new RootCommand("Settles as fast as the server answers (closed loop) and checks what it acknowledged.")
{
    server, seconds, warmUp, inFlight, connections, persons, seed, duplicates, audited, report,
};
root.SetAction(async (parsed, cancellation) =>
{
    var settings = new LoadSettings
    {
        Server = parsed.GetValue(server) is { } address ? new Uri(address) : null,
        Measured = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
        WarmUp = TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
        InFlight = parsed.GetValue(inFlight),
        Connections = parsed.GetValue(connections),
        Persons = parsed.GetValue(persons),
        Seed = parsed.GetValue(seed),
        DuplicatePercent = parsed.GetValue(duplicates),
        Audited = parsed.GetValue(audited),
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
