using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>Everything that is read in pages or now and then, of a ledger whose database must not answer it.</summary>
static class EveryPage
{
    /// <param name="settled">Of one person, at <see cref="Make.Hospital"/>.</param>
    /// <param name="now">Milliseconds since 1970.</param>
    public static IReadOnlyList<Func<Task>> Of(PostgresLedger ledger, Fact.Settled settled, long now) =>
    [
        async () => await ledger.Find(settled.Id, default),
        async () => await ledger.ReadStream(StreamKey.Person("p1"), 1, 10, default),
        async () => await ledger.Reversals([settled], default),
        async () => await ledger.ListFacility(Make.Hospital, "", now, now + 1, 0, 10, default),
        async () => await ledger.ReadTail(0, 10, default),
        async () => await ledger.ReadCatalog(default),
        async () => await ledger.ReadHead(default),
        async () => await ledger.CommitOf(1, default),
        async () =>
        {
            await foreach (var run in ledger.ReadBodies(0, 1, default))
                Assert.Fail($"{run.Count} bodies came through");
        },
    ];
}
