using System.CommandLine;
using SettlementGrid.LedgerLoad;
using SettlementGrid.Postgres;

var persons = Number("--persons", 2_200_000, "on the roster before anything is measured");
var rows = Number("--rows", 400_000, "settlements written, each of another person");
var inFlight = Number("--inflight", 1_024, "appends under way at any moment");
var rounds = Number("--rounds", 5, "how often each is measured");
var postgres = new Option<string?>("--postgres")
{
    Description = "an empty database; by default a PostgreSQL is started and thrown away",
    HelpName = "CONNECTION",
};
var root = new RootCommand("Measures the ledger alone: roster, settlements, cold loads, confirmations, verification.")
{
    persons, rows, inFlight, postgres,
};
root.SetAction(async (parsed, cancellation) =>
{
    await using var own = await OwnAsync(parsed, cancellation);
    var load = new LedgerLoad(
        parsed.GetValue(postgres) ?? own!.ConnectionString, parsed.GetValue(persons), parsed.GetValue(inFlight),
        TimeProvider.System, line => Console.WriteLine(line));
    return await load.Run(Math.Min(parsed.GetValue(rows), parsed.GetValue(persons)), cancellation) ? 0 : 1;
});
var fold = new Command("fold", "Measures folding the funds from nothing, and checkpoints.")
{
    persons, rows, rounds, postgres,
};
fold.SetAction(async (parsed, cancellation) =>
{
    await using var own = await OwnAsync(parsed, cancellation);
    await new FoldLoad(
        parsed.GetValue(postgres) ?? own!.ConnectionString, parsed.GetValue(persons),
        Math.Min(parsed.GetValue(rows), parsed.GetValue(persons)), parsed.GetValue(rounds), TimeProvider.System,
        line => Console.WriteLine(line)).Run(cancellation);
});
root.Subcommands.Add(fold);
var rate = Number("--rate", 3_500, "settlements a second while the lag is measured");
var seconds = Number("--seconds", 20, "how long each is measured");
var watchers = Number("--watchers", 10, "consoles that watch every region while the lag is measured");
var funds = new Command("funds", "Measures the funds' lag, and what following costs settling.")
{
    persons, rate, seconds, watchers, rounds, postgres,
};
funds.SetAction(async (parsed, cancellation) =>
{
    await using var own = await OwnAsync(parsed, cancellation);
    await new FundsLoad(
        parsed.GetValue(postgres) ?? own!.ConnectionString, parsed.GetValue(persons), parsed.GetValue(watchers),
        TimeSpan.FromSeconds(parsed.GetValue(seconds)), TimeProvider.System, line => Console.WriteLine(line))
        .Run(parsed.GetValue(rate), parsed.GetValue(rounds), cancellation);
});
root.Subcommands.Add(funds);
var batches = new Command("batches", "Measures batches of 256 by one writer, all decided before.")
{
    persons, rows, postgres,
};
batches.SetAction(async (parsed, cancellation) =>
{
    await using var own = await OwnAsync(parsed, cancellation);
    var load = new BatchLoad(
        parsed.GetValue(postgres) ?? own!.ConnectionString, parsed.GetValue(persons), TimeProvider.System);
    var rate = await load.Run(parsed.GetValue(rows), () => { }, cancellation);
    Console.WriteLine($"| batches of {BatchLoad.BatchRows} by one writer | {rate.PerSecond:N0}/s; {rate.Rows:N0} in "
        + $"{rate.Seconds:0.0} s; {rate.OwnCpuSeconds * 1_000_000 / rate.Rows:0.0} µs of our own CPU each |");
});
root.Subcommands.Add(batches);
return await root.Parse(args).InvokeAsync();

async Task<TemporaryPostgres?> OwnAsync(ParseResult parsed, CancellationToken cancellation) =>
    parsed.GetValue(postgres) is null
        ? await TemporaryPostgres.StartAsync(Console.Error.WriteLine, cancellation, PostgresSettings.ForThisMachine())
        : null;

static Option<int> Number(string name, int otherwise, string what) => new(name)
{
    Description = what,
    DefaultValueFactory = _ => otherwise,
};
