using SettlementGrid.Enrollees;

namespace SettlementGrid.Import.Tests;

public sealed class ResumeTests
{
    const int Persons = 9_000;

    static readonly string[] Lines =
    [
        "enrollee_id,region_id,insurance,coverages,identities",
        .. Enumerable.Range(1, Persons)
            .Select(n => n % 3_000 == 7 ? "bad," + n : $"P{n},150502,RESIDENT,a@2026-01-01..,"),
        "P1,150502,RESIDENT,a,",
    ];

    [Fact]
    public async Task A_killed_import_goes_on_where_its_checkpoint_stood()
    {
        // 1. The process dies while the sixth batch is on its way. It is known by a person in it, not by its turn: the
        // seventh may be appended before it.
        var killed = false;
        using var town = new Town(new HastyClock(), inner => new LedgerFront(inner, _ => null)
        {
            OnEntries = append =>
            {
                if (killed || append.Entries.All(e => e.Stream.Id != "P5500"))
                    return null;
                killed = true;
                throw new InvalidOperationException("killed");
            },
        });
        var path = town.Write("r.csv", Lines);
        await Assert.ThrowsAsync<InvalidOperationException>(() => town.Import().Run(path, default));
        Assert.True(File.Exists(Path.ChangeExtension(path, ".progress")));

        // 2. The same import again ends as if nothing had been.
        var done = await town.Done(path);
        Assert.InRange(done.ResumedAfterLine, 2_000, 6_001);
        Assert.Equal(Persons - 3, done.Counts.Enrolled + done.Counts.Unchanged);
        Assert.Equal(["8", "3008", "6008", "9002"], Rejects.Of(done.RejectsPath!).Select(r => r.Line));
        Assert.Equal(4, done.Counts.Rejected);
        Assert.False(File.Exists(Path.ChangeExtension(path, ".progress")));
        Assert.Equal(Persons - 3, (await town.Ledger.ReadHead(default)).Position);
        Assert.NotNull(await town.Entry($"P{Persons}"));

        // 3. And once more writes nothing.
        Assert.Equal(Persons - 3, (await town.Done(path)).Counts.Unchanged);
    }

    [Fact]
    public async Task A_cancelled_import_leaves_a_checkpoint_and_nothing_in_flight()
    {
        using var stop = new CancellationTokenSource();
        using var town = new Town(null, inner => new LedgerFront(inner, n =>
        {
            if (n == 5)
                stop.Cancel();
            return null;
        }));
        var path = town.Write("r.csv", Lines);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => town.Import().Run(path, stop.Token));
        var head = await town.Ledger.ReadHead(default);
        var done = await town.Done(path);
        Assert.True(done.ResumedAfterLine > 0);
        Assert.True(head.Position < Persons - 3);
        Assert.Equal(Persons - 3, (await town.Ledger.ReadHead(default)).Position);
    }

    [Fact]
    public async Task A_checkpoint_of_another_file_or_another_ledger_does_not_count()
    {
        using var first = new Town(new HastyClock(), inner => new LedgerFront(
            inner, n => n == 6 ? throw new InvalidOperationException("killed") : null));
        var path = first.Write("r.csv", Lines);
        await Assert.ThrowsAsync<InvalidOperationException>(() => first.Import().Run(path, default));

        using var other = new Town();
        var copy = other.Write("r.csv", Lines);
        File.Copy(Path.ChangeExtension(path, ".progress"), Path.ChangeExtension(copy, ".progress"));
        var elsewhere = await other.Done(copy);
        Assert.Equal((0L, Persons - 3L), (elsewhere.ResumedAfterLine, elsewhere.Counts.Enrolled));

        var changed = Lines.ToArray();
        changed[1] = changed[1].Replace("150502", "150521", StringComparison.Ordinal);
        var done = await first.Done(first.Write("r.csv", changed));
        Assert.Equal(0, done.ResumedAfterLine);
        Assert.Equal(1, done.Counts.Changed);
    }

    [Fact]
    public async Task Told_overloaded_a_batch_waits_and_comes_again()
    {
        LedgerFront? front = null;
        using var town = new Town(new HastyClock(), inner => front = new LedgerFront(
            inner, n => n % 3 != 0 ? new AppendOutcome.Overloaded() : null));
        var done = await town.Done(town.Write("r.csv", Lines));
        Assert.Equal(Persons - 3, done.Counts.Enrolled);
        Assert.True(front!.Appends >= 3 * 9);
    }

    [Fact]
    public async Task A_ledger_that_is_away_is_waited_for_but_not_for_ever()
    {
        var away = true;
        using var town = new Town(new HastyClock(), inner => new LedgerFront(
            inner, n => away && n > 3 ? throw new LedgerUnavailableException() : null));
        var path = town.Write("r.csv", Lines);
        var stopped = Assert.IsType<ImportOutcome.Stopped>(await town.Import().Run(path, default));
        Assert.Equal(Plans.RefusalReason.Unavailable, stopped.Refusal.Reason);
        away = false;
        await town.Done(path);
        Assert.Equal(Persons - 3, (await town.Ledger.ReadHead(default)).Position);
    }

    [Fact]
    public async Task New_persons_are_not_loaded_and_known_ones_cost_one_refused_append()
    {
        LedgerFront? front = null;
        using var town = new Town(null, inner => front = new LedgerFront(inner, _ => null));
        var path = town.Write("r.csv", Lines);
        await town.Done(path);
        Assert.Equal(0, front!.Loads);
        var appends = front.Appends;
        await town.Done(path);
        // What the first batches met is assumed of the others; those in flight by then guessed too.
        Assert.InRange(front.Appends - appends, 1, Limits.BatchesInFlightMax);
    }

    [Fact]
    public async Task Progress_ends_at_a_hundred_percent_and_never_falls()
    {
        using var town = new Town(new HastyClock());
        var reports = new List<ImportProgress>();
        await town.Import(reports.Add).Run(town.Write("r.csv", Lines), default);
        Assert.True(reports.Count > 3);
        Assert.Equal(reports.OrderBy(r => r.Percent), reports);
        Assert.Equal(100, reports[^1].Percent);
        Assert.Equal(Persons + 1, reports[^1].Counts.Rows);
    }
}
