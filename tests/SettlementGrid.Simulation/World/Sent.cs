using SettlementGrid.Enrollees;

namespace SettlementGrid.Simulation.World;

/// <summary>What hospitals sent so far, so that they can repeat, reverse and cancel each other's requests.</summary>
sealed class Sent
{
    public static readonly string[] Enrollees = ["anna", "bert", "carl", "dora", "emil", "fred"];

    int _ids;
    int _calls;

    public List<SettleRequest> Requests { get; } = [];

    public List<(ReverseRequest Request, Recorded Original)> Reversals { get; } = [];

    public List<Command> Unresolved { get; } = [];

    public int NextCall() => ++_calls;

    public string NextId(string prefix) => prefix + _ids++;
}
