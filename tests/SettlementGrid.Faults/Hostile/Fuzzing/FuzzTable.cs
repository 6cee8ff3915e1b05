using SettlementGrid.Api;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>The rows of the method table, which fuzzing walks: a method that is added is fuzzed from then on.</summary>
static class FuzzTable
{
    public static IReadOnlyList<Method> Rows { get; } = MethodTable.Of(
        new Handlers
        {
            // Only the rows are looked at; nobody calls these.
            Preview = (_, _) => default,
            Settle = (_, _) => default,
            Reverse = (_, _) => default,
            Cancel = (_, _) => default,
            GetSettlement = (_, _) => default,
            ListSettlements = (_, _) => default,
            SettleMany = (_, _) => default,
            PutEnrollees = (_, _) => default,
            PutOpeningBalances = (_, _) => default,
            GetAccount = (_, _) => default,
            PutFacilities = (_, _) => default,
            GetFacility = (_, _) => default,
            ListPlans = (_, _) => default,
            GetPlan = (_, _) => default,
            ValidatePlan = (_, _) => default,
            PublishPlan = (_, _) => default,
            ListAudit = (_, _) => default,
            ListServers = (_, _) => default,
            GetPosition = (_, _) => default,
            ListPositions = (_, _) => default,
            WatchPositions = (_, _, _) => default,
            RecordPremium = (_, _) => default,
            Simulate = (_, _, _) => default,
        },
        () => true,
        TimeProvider.System).Rows;

    /// <summary>Of Settle, whose numbers other methods' messages refer to.</summary>
    public static int SettleRow { get; } = Rows.Select((row, index) => (row, index))
        .First(one => one.row.Descriptor.Name == "Settle").index;
}
