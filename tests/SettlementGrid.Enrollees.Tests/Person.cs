using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>One ledger, and turns asked of a person's actor at one server or another, one at a time.</summary>
sealed class Person
{
    readonly Dictionary<(string, int), Enrollee> _actors = [];
    readonly Dictionary<int, CatalogSource> _catalogs = [];

    Person(VolatileLedger ledger, ManualClock clock) => (Ledger, Clock) = (ledger, clock);

    public VolatileLedger Ledger { get; }

    public ManualClock Clock { get; }

    public static async Task<Person> Enrolled(params string[] ids)
    {
        var clock = new ManualClock();
        var person = new Person(await Given.Ledger(clock, ids.Length == 0 ? ["anna"] : ids), clock);
        for (var server = 0; server < 2; server++)
            person._catalogs[server] = await Given.Catalogs(person.Ledger);
        return person;
    }

    public async Task<Answer> Ask(Command command, int server = 0)
    {
        if (!_actors.TryGetValue((command.EnrolleeId, server), out var actor))
            _actors[(command.EnrolleeId, server)] = actor =
                new Enrollee(command.EnrolleeId, Ledger, _catalogs[server], Clock);
        return await actor.Turn(command, default);
    }

    public async Task<Settlement> Settled(Command command, int server = 0) =>
        Assert.IsType<Answer.Settled>(await Ask(command, server)).Settlement;

    public async Task<Refusal> Refused(RefusalReason reason, Command command, int server = 0)
    {
        var refusal = Assert.IsType<Answer.Refused>(await Ask(command, server)).Refusal;
        Assert.Equal(reason, refusal.Reason);
        return refusal;
    }

    public async Task<Account> Account(string id = "anna") => await Ledger.Load(id, default);

    public async Task<AccumulatorSet> Accumulators(string id = "anna") => (await Account(id)).Accumulators;

    public Task<Settlement> Settle(string requestId, decimal eligible = 30_000, string id = "anna", int server = 0) =>
        Settled(Given.Settle(requestId, id, eligible), server);

    public static Command.Reverse Reverse(string requestId, Settlement original, bool dryRun = false) => new(
        new ReverseRequest(requestId, original.Fact.Request.FacilityId, original.Fact.Id, "录入有误"), original.Recorded,
            dryRun);

    public static Command.Cancel Cancel(string requestId, string id = "anna") => new(id, Given.Hospital, requestId);

    public async Task PutRoster(string id, Func<RosterEntry, RosterEntry> change)
    {
        var account = await Account(id);
        var load = new RosterLoad(Ledger, new NoGrid(), Clock);
        var (_, refusal) = await load.Put([new RosterPut(id, change(account.Roster!))], default);
        Assert.Null(refusal);
    }

    public async Task<Refusal?> PutOpening(OpeningBalance balance) =>
        (await new RosterLoad(Ledger, new NoGrid(), Clock).PutOpeningBalances([balance], default)).Refusal;

    /// <summary>The actors are not told of what goes past them: the fence has to show it.</summary>
    sealed class NoGrid : IGrid
    {
        public ValueTask<Answer> Ask(Command command, DateTimeOffset deadline, CancellationToken cancellation) =>
            throw new InvalidOperationException("The roster asks no turn.");

        public void Forget(IReadOnlyCollection<string> enrolleeIds)
        {
        }
    }
}
