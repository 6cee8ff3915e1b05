using SettlementGrid.Faults.Crashes;
using SettlementGrid.Faults.Hostile;
using SettlementGrid.Faults.Hostile.Fuzzing;
using SettlementGrid.Faults.Hostile.Tampering;
using SettlementGrid.Faults.Writers;
using SettlementGrid.Faults.Writers.Clocks;
using SettlementGrid.Faults.Writers.Reversing;

namespace SettlementGrid.Faults;

/// <summary>Every fault there is; one line each.</summary>
public static class FaultList
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        // Crashes: processes and storage die.
        new KillServers(),
        new KillBackend(),
        new StopDatabase(),
        new LostReplies(),
        new FailingCommit(),
        new PartedDatabase(),
        new UnsafeSettings(),
        new FlippedByte(),
        new OlderBackup(),
        new FullLog(),
        new FullTable(),

        // Writers: several servers, time, order.
        new PoisonedBatch(),
        new ClockJumps(),
        new YearsEnd(),
        new GivingUp(),
        new Overlapping(),
        new PlanVersions(),
        new StandsStill(),
        new SameIds(),
        new Alternating(),
        new Reversals(),
        new StaleRows(),
        new Overflow(),

        // Hostile: what no proper client sends, and who changes the ledger behind its back.
        new Fuzz(),
        new Injection(),
        new HostileFault(),
        new LedgerTampering(),
    ];
    /// <summary>
    /// The faults of these names, in the order of the list; a part of one that can be made alone
    /// (<c>hostile/oversize</c>) comes after them. Names that are none are left out.
    /// </summary>
    public static IReadOnlyList<Fault> Of(IReadOnlyCollection<string> names) =>
    [
        .. All.Where(fault => names.Contains(fault.Name)),
        .. names.Select(HostileFault.Find).OfType<Fault>(),
    ];
}
