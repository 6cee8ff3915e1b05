using System.CommandLine;
using SettlementGrid.ScaleLedger;

var data = new Option<string>("--data")
{
    Description = "the data folder", HelpName = "DIR", Required = true,
};
var persons = Number("--persons", 2_217_285, "on the roster");
var discharges = Number(
    "--settlements", 500_000, "discharges over the year; one in a hundred is corrected, three facts");
var commitRows = Number("--commit-rows", 4, "facts of one commit of the history");
var seed = Number("--seed", 1, "of everything");
var fill = new Command(
    "fill", "Fills an empty data folder with a city and its year by COPY, as the server would have stored it.")
{
    data, persons, discharges, commitRows, seed,
};
fill.SetAction(async (parsed, cancellation) =>
{
    var city = new City(
        parsed.GetValue(persons), parsed.GetValue(discharges), (ulong)parsed.GetValue(seed));
    if (city.Persons is < 1 or > ScaleLimits.PersonsMax || city.Discharges < 0 || parsed.GetValue(commitRows) < 1)
    {
        await Console.Error.WriteLineAsync($"--persons is 1 to {ScaleLimits.PersonsMax}, --commit-rows above 0");
        return 2;
    }
    await new Filling(
        parsed.GetValue(data)!, city, parsed.GetValue(commitRows), TimeProvider.System, Console.Error.WriteLine)
        .Run(cancellation);
    return 0;
});
var accounts = Number("--accounts", 1_000_000, "persons made warm");
var memory = new Command("memory", "What a warm account takes, all in; on a filled folder that no server uses.")
{
    data, accounts,
};
memory.SetAction((parsed, cancellation) => new WarmMemory(
    parsed.GetValue(data)!, parsed.GetValue(accounts), TimeProvider.System, Console.Error.WriteLine).Run(cancellation));
var folders = new Option<string[]>("--data")
{
    Description = "filled folders, measured by turns", HelpName = "DIR", Required = true,
    AllowMultipleArgumentsPerToken = true,
};
var rounds = Number("--rounds", 3, "how often each is measured");
var count = Number("--settlements", 20_000, "of a round, cold and warm each; they stay in the ledger");
var cost = new Command(
    "cost", "What a settlement costs at each size: processor time, WAL, disk. No server may use them.")
{
    folders, count, rounds,
};
cost.SetAction((parsed, cancellation) => new SettlingCost(
    parsed.GetValue(folders)!, parsed.GetValue(count), parsed.GetValue(rounds), TimeProvider.System,
    Console.WriteLine).Run(cancellation));
var start = new Command("start", "How long the server takes from its start to ready; after a stop and after SIGKILL.")
{
    folders, rounds,
};
start.SetAction((parsed, cancellation) => new Starting(
    parsed.GetValue(folders)!, parsed.GetValue(rounds), Console.WriteLine).Run(cancellation));
var fold = new Command("fold", "Folds the funds from nothing, as a start without any checkpoint does.") { folders };
fold.SetAction((parsed, cancellation) => new FoldingAll(
    parsed.GetValue(folders)!, TimeProvider.System, Console.WriteLine).Run(cancellation));
var root = new RootCommand("Ledgers of the size of a city, and what depends on the size.")
{
    fill, memory, cost, start, fold,
};
return await root.Parse(args).InvokeAsync();

static Option<int> Number(string name, int usual, string what) =>
    new(name) { Description = what, DefaultValueFactory = _ => usual };
