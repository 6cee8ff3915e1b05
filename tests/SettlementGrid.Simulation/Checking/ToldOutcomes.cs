using SettlementGrid.Enrollees;
using SettlementGrid.Testing;

namespace SettlementGrid.Simulation.Checking;

/// <summary>
/// What a ledger told its server of every append, held against what is stored in the end: committed is stored,
/// anything else that was told is not stored and never will be (the port's contract, which callers' answers show only
/// now and then, because the fence repairs much of what a wrong answer spoils).
/// </summary>
sealed class ToldOutcomes
{
    // By hash, over all servers: two of them may decide the very same bytes in the same millisecond.
    readonly Dictionary<EntryHash, Said> _said = [];

    /// <summary>The ledger, listened to.</summary>
    public ILedger Listen(ILedger ledger) => new Listening(ledger, this);

    public void Check(IEnumerable<Recorded> all)
    {
        var stored = new HashSet<EntryHash>();
        foreach (var recorded in all)
        {
            stored.Add(recorded.Entry.Hash);
            Invariants.Require("I7",
                !_said.TryGetValue(recorded.Entry.Hash, out var said) || said.Committed || said.Open > 0,
                $"{World.Told.Of(recorded.Entry)} is in the ledger; the server was told that it is not");
        }
        foreach (var (hash, said) in _said)
            Invariants.Require("I1", !said.Committed || stored.Contains(hash),
                $"{said.Name} is not in the ledger; the server was told that it is");
    }

    sealed record Said(string Name)
    {
        /// <summary>Appends without an answer: they may be stored.</summary>
        public int Open { get; set; }

        public bool Committed { get; set; }
    }

    sealed class Listening(ILedger inner, ToldOutcomes told) : LedgerAround(inner)
    {
        public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
        {
            foreach (var said in Of(append))
                said.Open++;
            try
            {
                var outcome = await base.Append(append, cancellation);
                foreach (var said in Of(append))
                {
                    said.Open--;
                    said.Committed |= outcome is AppendOutcome.Committed;
                }
                return outcome;
            }
            catch (Exception e) when (
                e is LedgerUnavailableException or OperationCanceledException or EntryRefusedException)
            {
                foreach (var said in Of(append))
                    said.Open--;
                throw;
            }
        }

        IEnumerable<Said> Of(Append append)
        {
            foreach (var entry in append.Entries)
            {
                if (!told._said.TryGetValue(entry.Hash, out var said))
                    told._said.Add(entry.Hash, said = new Said(World.Told.Of(entry)));
                yield return said;
            }
        }
    }
}
