using System.CommandLine;
using SettlementGrid.FoldLoad;

var persons = Number("--persons", 2_200_000, "on the roster");
var facts = Number("--facts", 2_000_000, "settlements and reversals folded after it");
var root = new RootCommand("Measures the fold of funds alone: time of a fact, bytes of a person, checkpoints, answers.")
{
    persons, facts,
};
root.SetAction(parsed => new FoldLoad(
    parsed.GetValue(persons), parsed.GetValue(facts), TimeProvider.System, Console.WriteLine).Run());
return root.Parse(args).Invoke();

static Option<int> Number(string name, int otherwise, string what) => new(name)
{
    Description = what,
    DefaultValueFactory = _ => otherwise,
};
