using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.Simulation.Database;
using SettlementGrid.Simulation.World;

namespace SettlementGrid.Simulation.Broken;

/// <summary>
/// How a server is put together. The real one has no error; every other has one that was really made somewhere, to
/// show that the simulation finds it.
/// </summary>
/// <param name="FoundBy">The invariants that show the error.</param>
sealed record Build(string Name, string Zh, string En, params string[] FoundBy)
{
    public static readonly Build Real = new("real", "正式程序", "what ships");

    /// <summary>The broken ones, in the order of the help.</summary>
    public static readonly IReadOnlyList<Build> Broken =
    [
        new("acknowledges-before-commit", "提交前即回执", "answers before the commit is stored", "I1", "I3", "I6")
        {
            Ledger = static (ledger, _) => new AcknowledgesBeforeAppend(ledger),
        },
        new("does-nothing-on-conflict", "冲突时不写入仍算成功", "ON CONFLICT DO NOTHING instead of INSERT", "I1", "I3")
        {
            Ledger = static (ledger, _) => new InsertsOrDoesNothing(ledger),
        },
        new("evolves-before-append", "先改内存后写账", "the state moves before the append returned", "I3", "I6", "I10")
        {
            Ledger = static (ledger, _) => new EvolvesBeforeAppend(ledger),
        },
        new("loses-single-flight", "同一人并行办理", "two turns of one person side by side", "turns")
        {
            Grid = static (ledger, catalogs, clock, _) => new TurnsSideBySide(ledger, catalogs, clock),
        },
        new("unsorted-batch", "批内不排序", "rows of a batch are not sorted", "deadlock")
        {
            Prepare = static request => request with { Rows = [.. request.Rows.OrderBy(r => r.Ordinal)] },
        },
        new("guesses-lost-replies", "回执丢失时猜测未入账", "says \"not stored\" where a reply was lost", "I7")
        {
            Ledger = static (ledger, thread) => new GuessesLostReplies(ledger, thread),
        },
        new("ignores-the-catalog", "忽略险种变更", "commits without the catalog's fence", "I4 catalog")
        {
            Ledger = static (ledger, _) => new IgnoresTheCatalog(ledger),
        },
        new("trusts-the-newest", "批内只核对最新目录版本", "checks a batch by its newest catalog revision alone", "I4 catalog")
        {
            Ledger = static (ledger, _) => new TrustsTheNewestOfABatch(ledger),
        },
        new("trusts-its-memory", "凭内存确认", "confirms from memory what it should look up", "I6")
        {
            Ledger = static (ledger, _) => new TrustsItsMemory(ledger),
        },
    ];

    /// <summary>The ledger that the engine is given, around the connection's.</summary>
    public Func<ILedger, SimulatedThread, ILedger> Ledger { get; init; } = static (ledger, _) => ledger;

    public Func<ILedger, CatalogSource, TimeProvider, SimulatedThread, IGrid> Grid { get; init; } =
        static (ledger, catalogs, clock, thread) =>
            new Mailboxes(ledger, catalogs, clock, thread, SimulatedServer.Bounds);

    /// <summary>What is sent to the database, from what the group commit sends.</summary>
    public Func<CommitRequest, CommitRequest> Prepare { get; init; } = static request => request;

    /// <summary>Null: there is none of that name.</summary>
    public static Build? Named(string name) => name == Real.Name ? Real : Broken.FirstOrDefault(b => b.Name == name);
}
