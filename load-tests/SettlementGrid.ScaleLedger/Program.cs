using System.CommandLine;
using SettlementGrid.ScaleLedger;

var data = new Option<string>("--data")
{
    Description = "the data folder", HelpName = "DIR", Required = true,
};
var persons = Number("--persons", 2_217_285, "on the roster");
var discharges = Number("--settlements", 500_000, "discharges over the year; one in a hundred is corrected, three facts");
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
var root = new RootCommand("Ledgers of the size of a city, and what depends on the size.") { fill, memory };
return await root.Parse(args).InvokeAsync();

static Option<int> Number(string name, int usual, string what) =>
    new(name) { Description = what, DefaultValueFactory = _ => usual };
