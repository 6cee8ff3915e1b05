using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Verification;

namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>What a test stores on its way, and the ledger it leaves behind.</summary>
static class Storing
{
    /// <summary>All of them in one append, decided when the last of them says; gives their positions.</summary>
    public static async Task<long[]> Stored(ILedger ledger, params Entry[] entries)
    {
        var outcome = await ledger.Append(new Append(entries, null, entries.Max(e => e.At)), default);
        return Assert.IsType<AppendOutcome.Committed>(outcome).Positions;
    }

    public static async Task Clean(string database)
    {
        var report = await new LedgerVerification(database, City.ReadPlan, null).Run(null, default);
        Assert.Empty(report.Findings);
    }
}
