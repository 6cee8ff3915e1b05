namespace SettlementGrid.Simulation.Checking;

/// <summary>A promise of the product that a run did not keep.</summary>
/// <param name="name">
/// I1 acknowledged is durable once, I2 idempotent, I3 chain, I4 model, I5 conservation, I6 real time, I7 honest
/// outcome, I10 heals; "turns": two turns of one person at once in one server; "deadlock": sorted batches waited for
/// each other.
/// </param>
sealed class InvariantBroken(string name, string what) : Exception($"{name}: {what}")
{
    public string Name => name;
}
