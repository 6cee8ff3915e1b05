using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;
using SettlementGrid.Plans;
using SettlementGrid.Simulation.Checking;
using SettlementGrid.Simulation.Database;
using SettlementGrid.Testing;

namespace SettlementGrid.Simulation.World;

/// <summary>
/// A caller: settles, previews, reverses, cancels, repeats itself, changes its mind under the same id, and gives up
/// waiting. What it does not know it asks again until it does.
/// </summary>
/// <param name="pauseMilliseconds">The longest between two of its calls: short ones crowd the batches.</param>
sealed class SimulatedHospital(
    SimulatedThread thread, SimulatedServer[] servers, SimulatedDatabase database, History history, Sent sent,
    int pauseMilliseconds)
{
    static readonly string[] Facilities = ["H15050200001", "H15010200002", "clinic-7"];
    static readonly DateOnly[] Days = [new(2025, 2, 3), new(2025, 8, 20), new(2025, 12, 31), new(2026, 1, 1)];

    public async Task Work(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            await thread.Delay(thread.Random.Next(pauseMilliseconds));
            var draw = thread.Random.Next(100);
            if (draw < 34)
                await Twice(new Command.Settle(NewRequest(), null));
            else if (draw < 38)
                await Task.WhenAll(Enumerable.Range(0, thread.Random.Next(4, 10))
                    .Select(_ => Persist(new Command.Settle(NewRequest(), null))));
            else if (draw < 40)
                await Persist(new Command.Settle(Poisoned(), null));
            else if (draw < 52)
                await PreviewThenSettle();
            else if (draw < 62 && sent.Requests.Count > 0)
                await Persist(new Command.Settle(thread.Pick(sent.Requests), null));
            else if (draw < 68 && sent.Requests.Count > 0)
                await Persist(new Command.Settle(OtherContent(thread.Pick(sent.Requests)), null));
            else if (draw < 84 && sent.Requests.Count > 0)
                await Reverse(thread.Pick(sent.Requests));
            else if (draw < 92)
                await Cancel();
            else
                await Attempt(new Command.GetAccount(thread.Pick(Sent.Enrollees)));
        }
    }

    /// <summary>
    /// A crowd at one counter: some settle, some only look. While another server moves the catalog, those who look tell
    /// this server, and what was decided before waits in its queue beside what was decided after.
    /// </summary>
    public Task Rush(SimulatedServer server) => Task.WhenAll(
        Enumerable.Range(0, thread.Random.Next(8, 16)).Select(async _ =>
        {
            await thread.Delay(thread.Random.Next(SimulationLimits.RushMilliseconds));
            if (thread.Chance(0.7))
                await Persist(new Command.Settle(NewRequest(), null), server);
            else
                await Attempt(new Command.GetAccount(thread.Pick(Sent.Enrollees)), server);
        }));

    /// <summary>Asks again, at any server, until the outcome is known. False: it is not, after many tries.</summary>
    /// <param name="first">Where it asks first; null: anywhere.</param>
    public async Task<bool> Persist(Command command, SimulatedServer? first = null)
    {
        for (var i = 0; i < SimulationLimits.PersistMax; i++)
        {
            var attempt = await Attempt(command, i == 0 ? first : null);
            if (attempt.IsDefinite)
                return true;
            // Some callers lose interest: what became of their request stays open until the world heals.
            if (thread.Chance(0.05))
                break;
            await thread.Delay(thread.Random.Next(20 << Math.Min(i, 8)));
        }
        sent.Unresolved.Add(command);
        return false;
    }

    /// <param name="at">Null: any server.</param>
    public async Task<Attempt> Attempt(Command command, SimulatedServer? at = null)
    {
        var floor = history.Floor(command.EnrolleeId);
        var server = at ?? thread.Pick(servers);
        if (server.Grid is not { } grid)
        {
            await thread.Delay(thread.Random.Next(50));
            return new Attempt(command, Ending.NotStarted, null, floor);
        }
        var (call, life) = (sent.NextCall(), server.Life);
        if (thread.IsTold)
            thread.Say($"{server.Name} is asked ({call}): {Told.Of(command)}");
        using var cancellation = new CancellationTokenSource();
        var deadline = server.Clock.GetUtcNow().AddMilliseconds(thread.Random.Next(10, 10_000));
        var asked = Ask(grid, command, deadline, cancellation.Token);
        var patience = thread.Delay(thread.Random.Next(100, 12_000));
        await Task.WhenAny(asked, patience);
        if (!asked.IsCompleted && thread.Chance(0.5))
        {
            cancellation.Cancel();
            // Some hang up at once, some hear whether their call had begun.
            if (thread.Chance(0.5))
                await Task.WhenAny(asked, thread.Delay(1));
        }
        // An answer of a server that fell meanwhile did not leave it.
        var attempt = server.Life != life && !server.IsStopping ? new Attempt(command, Ending.Unknown, null, floor)
            : asked.IsCanceled ? new Attempt(command, Ending.NotStarted, null, floor)
            : asked.IsFaulted ? new Attempt(command, Faulted(server, command, asked.Exception), null, floor)
            : asked.IsCompleted ? new Attempt(command, Ending.Answered, await asked, floor)
            : new Attempt(command, Ending.Unknown, null, floor);
        if (attempt.Ending is Ending.NotStarted or Ending.Unknown)
            thread.Count(attempt.Ending == Ending.NotStarted ? Happening.NotStarted : Happening.GaveUp);
        if (thread.IsTold)
            thread.Say($"{server.Name} answers ({call}): {Told.Of(attempt)}");
        history.Add(attempt);
        return attempt;
    }

    /// <summary>A bad value is refused for good; an outcome is given up only by a server that stops.</summary>
    Ending Faulted(SimulatedServer server, Command command, AggregateException fault) =>
        command is Command.Settle settle && database.Poison.Contains(Keys.Of(settle.RequestKey)) ? Ending.Refused
        : server.IsStopping ? Ending.Unknown
        : throw new InvariantBroken("fault", $"{Told.Of(command)} failed: {fault.InnerException?.Message}");

    /// <summary>
    /// WhenAny over a promise that continues asynchronously would go through the thread pool; over this it does not.
    /// </summary>
    static async Task<Answer> Ask(IGrid grid, Command command, DateTimeOffset deadline,
        CancellationToken cancellation) =>
        await grid.Ask(command, deadline, cancellation);

    async Task PreviewThenSettle()
    {
        var request = NewRequest();
        if (await Attempt(new Command.Preview(request)) is { Answer: Answer.Settled { Settlement.Token: { } token } })
        {
            await thread.Delay(thread.Random.Next(500));
            await Persist(new Command.Settle(request, token));
        }
    }

    async Task Reverse(SettleRequest settled)
    {
        if (await Find(settled.Id) is not { Fact: Fact.Money } original)
            return;
        var request = new ReverseRequest(sent.NextId("v"), settled.FacilityId, settled.Id, "录入有误");
        sent.Reversals.Add((request, original));
        await Persist(new Command.Reverse(request, original, thread.Chance(0.2)));
        if (thread.Chance(0.3))
        {
            var (again, of) = thread.Pick(sent.Reversals);
            await Persist(new Command.Reverse(thread.Chance(0.7) ? again : again with { Reason = "其他" }, of, false));
        }
    }

    Task Cancel()
    {
        if (sent.Requests.Count == 0 || thread.Chance(0.2))
            return Persist(new Command.Cancel(thread.Pick(Sent.Enrollees), thread.Pick(Facilities), sent.NextId("r")));
        var request = thread.Pick(sent.Requests);
        return Twice(new Command.Cancel(request.EnrolleeId, request.FacilityId, request.RequestId));
    }

    /// <summary>Some callers send everything twice at once, to whichever servers they reach.</summary>
    Task Twice(Command command) =>
        thread.Chance(0.3) ? Task.WhenAll(Persist(command), Persist(command)) : Persist(command);

    async Task<Recorded?> Find(SettlementId id)
    {
        try
        {
            return thread.Pick(servers).Ledger is { } ledger
                ? await Task.WhenAny(ledger.Find(id, CancellationToken.None).AsTask(), None()).Unwrap()
                : null;
        }
        catch (LedgerUnavailableException)
        {
            return null;
        }

        async Task<Recorded?> None()
        {
            await thread.Delay(3_000);
            return null;
        }
    }

    /// <summary>What PostgreSQL will not take: it must fail alone, whoever stands beside it in the batch.</summary>
    SettleRequest Poisoned()
    {
        thread.Count(Happening.PoisonRow);
        var request = NewRequest();
        sent.Requests.Remove(request);
        database.Poison.Add(Keys.Of(request.Id));
        return request;
    }

    SettleRequest NewRequest()
    {
        var eligible = thread.Random.Next(0, 6_000_000);
        var request = new SettleRequest(
            sent.NextId("r"), thread.Pick(Facilities), "e" + thread.Random.Next(SimulationLimits.EncounterCount),
            thread.Pick(Sent.Enrollees),
            thread.Pick(Enum.GetValues<Channel>()), Given.Bill(0, 0, thread.Pick(Days)) with
            {
                StatedPlace = null,
                Total = new Money(eligible + thread.Random.Next(100_000)),
                Eligible = new Money(eligible),
                BasicPaid = new Money(thread.Random.Next(0, eligible / 4 + 1)),
                AssistancePaid = new Money(thread.Chance(0.2) ? thread.Random.Next(0, eligible / 8 + 1) : 0),
            });
        sent.Requests.Add(request);
        return request;
    }

    SettleRequest OtherContent(SettleRequest request) => thread.Random.Next(3) switch
    {
        0 => request with { Bill = request.Bill with { Total = request.Bill.Total + new Money(1) } },
        1 => request with { EnrolleeId = thread.Pick(Sent.Enrollees.Where(e => e != request.EnrolleeId).ToList()) },
        _ => request with { EncounterId = request.EncounterId + "x" },
    };
}
