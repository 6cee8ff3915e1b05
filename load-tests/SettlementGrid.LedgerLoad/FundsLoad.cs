using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.Ledger;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.LedgerLoad;

/// <summary>
/// The funds beside settling, all in one process over a PostgreSQL of its own. First the lag: settlements at a fixed
/// rate (open loop, from the intended moment on), and the time from each one's acknowledgment to a watcher's being
/// given a mark at or past it. Then what following costs: settling as fast as it goes, by turns without and with the
/// funds and a watcher, one pair a round; the median of the pairs counts.
/// </summary>
sealed class FundsLoad(
    string connection, int persons, int watchers, TimeSpan measured, TimeProvider clock, Action<string> say)
{
    const int InFlight = 256;
    static readonly FundQuery Everything = new("410000", "", 2026, true);
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    int _bills;

    public async Task Run(int rate, int rounds, CancellationToken cancellation)
    {
        await using var ledger = await PostgresLedger.Open(connection, clock, NullLogger.Instance, cancellation);
        var catalogs = new CatalogSource(ledger, Generated.ReadPlan);
        await Filling.Fill(ledger, catalogs, persons, 0, clock, cancellation);
        using var grid = new Mailboxes(ledger, catalogs, clock, TaskScheduler.Default);
        await Lag(ledger, grid, rate, cancellation);
        var ratios = new List<double>();
        for (var round = 1; round <= rounds; round++)
        {
            // The ledger grows meanwhile: what comes second is now the one, now the other.
            var (without, with) = (default((double Rate, double Cpu)), default((double Rate, double Cpu)));
            if (round % 2 == 1)
                without = await Settle(grid, cancellation);
            with = await SettleFollowed(ledger, grid, cancellation);
            if (round % 2 == 0)
                without = await Settle(grid, cancellation);
            ratios.Add(with.Rate / without.Rate);
            say($"| round {round} | {without.Rate:N0}/s without, {with.Rate:N0}/s with: "
                + $"{1 - with.Rate / without.Rate:P1} less; "
                + $"{without.Cpu:0.0} and {with.Cpu:0.0} µs of our own CPU each |");
        }
        ratios.Sort();
        say($"| median of {rounds} rounds | {1 - ratios[rounds / 2]:P1} less |");
    }

    async Task<(double Rate, double Cpu)> SettleFollowed(
        PostgresLedger ledger, Mailboxes grid, CancellationToken cancellation)
    {
        await using var funds = NewFunds(ledger);
        using var stop = new CancellationTokenSource();
        var watching = Watch(funds, _ => { }, stop.Token);
        await funds.CaughtUp;
        var rate = await Settle(grid, cancellation);
        await stop.CancelAsync();
        await watching;
        return rate;
    }

    Funds NewFunds(PostgresLedger ledger) => new(ledger, ledger.Checkpoints, Generated.ReadPlan, clock, say);

    async Task Lag(PostgresLedger ledger, Mailboxes grid, int rate, CancellationToken cancellation)
    {
        await using var funds = NewFunds(ledger);
        await funds.CaughtUp;
        using var stop = new CancellationTokenSource();
        var first = (await ledger.ReadHead(cancellation)).Position + 1;
        var count = (int)(rate * measured.TotalSeconds);
        // By position from the first on: when it was acknowledged, when the watcher was past it.
        var (acknowledged, seen) = (new long[count], new long[count]);
        var watching = Task.WhenAll(Enumerable.Range(0, watchers).Select(number => Watch(funds, mark =>
        {
            if (number > 0)
                return;
            var now = clock.GetTimestamp();
            for (var i = (int)Math.Min(count, mark + 1 - first) - 1; i >= 0 && seen[i] == 0; i--)
                seen[i] = now;
        }, stop.Token)));
        var start = clock.GetTimestamp();
        var calls = new List<Task>(count);
        for (var i = 0; i < count; i++)
        {
            while (clock.GetElapsedTime(start).TotalSeconds * rate < i)
                await Task.Delay(1, cancellation);
            calls.Add(Acknowledge());
        }
        await Task.WhenAll(calls);
        var took = clock.GetElapsedTime(start);
        await funds.Read(Everything, null, cancellation);
        await Task.Delay(FundLimits.WatchEvery * 3, cancellation);
        await stop.CancelAsync();
        await watching;
        var lags = acknowledged.Zip(seen, (a, s) => s == 0 ? throw new InvalidOperationException("A fact never came.")
            : Math.Max(0, clock.GetElapsedTime(a, s).TotalMilliseconds)).Order().ToList();
        say($"| {count:N0} settlements at {count / took.TotalSeconds:N0}/s, {watchers} watchers | lag p50 "
            + $"{lags[count / 2]:0} ms, p99 {lags[count * 99 / 100]:0} ms, longest {lags[^1]:0} ms |");

        async Task Acknowledge()
        {
            var answer = await grid.Ask(NextBill(), clock.GetUtcNow() + Deadline, cancellation);
            if (answer is not Answer.Settled settled)
                throw new InvalidOperationException($"A bill was not settled: {answer}");
            acknowledged[settled.Settlement.Recorded.Position - first] = clock.GetTimestamp();
        }
    }

    async Task<(double Rate, double Cpu)> Settle(Mailboxes grid, CancellationToken cancellation)
    {
        var (start, used, done) = (clock.GetTimestamp(), Environment.CpuUsage.TotalTime, 0);
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (clock.GetElapsedTime(start) < measured)
            {
                var answer = await grid.Ask(NextBill(), clock.GetUtcNow() + Deadline, cancellation);
                if (answer is not Answer.Settled)
                    throw new InvalidOperationException($"A bill was not settled: {answer}");
                Interlocked.Increment(ref done);
            }
        })));
        var cpu = (Environment.CpuUsage.TotalTime - used).TotalMicroseconds / done;
        return (done / clock.GetElapsedTime(start).TotalSeconds, cpu);
    }

    Command.Settle NextBill()
    {
        var number = Interlocked.Increment(ref _bills);
        return new Command.Settle(Generated.Bill(Generated.StrewnPerson(number, persons), number), null);
    }

    static async Task Watch(Funds funds, Action<long> given, CancellationToken stop)
    {
        try
        {
            await foreach (var reading in funds.Watch(Everything, null, stop))
                given(reading is FundReading.Given(var positions) ? positions.Mark
                    : throw new InvalidOperationException($"The watch ended: {reading}"));
        }
        catch (OperationCanceledException)
        {
            // It watches until the measurement is over.
        }
    }
}
