using SettlementGrid.Faults.Crashes;
using SettlementGrid.Faults.Hostile;
using SettlementGrid.Faults.Hostile.Fuzzing;
using SettlementGrid.Faults.Hostile.Tampering;

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

        // Hostile: what no proper client sends, and who changes the ledger behind its back.
        new Fuzz(),
        new Injection(),
        new HostileFault(),
        new LedgerTampering(),
    ];
}
