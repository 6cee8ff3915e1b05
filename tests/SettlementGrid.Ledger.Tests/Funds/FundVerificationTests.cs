using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using SettlementGrid.Ledger.Verification;
using SettlementGrid.Regions.Folding;
using SettlementGrid.Regions.Following;
using SettlementGrid.Testing;

namespace SettlementGrid.Ledger.Tests;

[Collection(OnPostgres.Name)]
public sealed class FundVerificationTests(PostgresFixture postgres) : IAsyncLifetime
{
    const int CheckpointAt = 120;

    readonly ShiftedClock _clock = new();
    IReadOnlyList<Recorded> _facts = [];
    string _database = "";

    public async Task InitializeAsync()
    {
        _database = await postgres.NewDatabase();
        _facts = await FundLedger.Facts(seed: 11, steps: 400);
        await using var ledger = await PostgresFixture.Open(_database, _clock);
        await FundLedger.Write(ledger, _facts, _clock);
        await ledger.Checkpoints.Write(await Checkpoint(ledger, _facts), default);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Sums_and_checkpoints_of_an_honest_ledger_are_clean()
    {
        var report = await Verify();
        Assert.Empty(report.Findings);
        Assert.Equal(1, report.Checkpoints);
        Assert.True(report.Funds > 20, $"{report.Funds} funds show nothing.");
    }

    [Fact]
    public async Task A_paid_amount_changed_in_the_columns_shows_with_both_sums_wherever_the_region_counts()
    {
        var settled = _facts.First(f => f.Fact is Fact.Settled { RegionId: "150502" }
            && f.Entry.LayerKeys.Any(k => k.StartsWith(GivenPlans.Tongliao, StringComparison.Ordinal)));
        await Tamper($"""
            UPDATE ledger.entries SET layer_paid[1] = layer_paid[1] + 1
            WHERE stream_id = '{settled.Entry.Stream.Id}' AND version = {settled.Entry.Version}
            """);
        var findings = (await Verify()).Findings.Select(f => f.ToString()).ToList();
        foreach (var region in new[] { "150502", "150500", "150000" })
            Assert.Contains(
                findings, f => f.Contains($"the fund of region {region}, plan ", StringComparison.Ordinal)
                    && f.Contains("by columns", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("packed = set_byte(packed, 40, get_byte(packed, 40) # 1)", "was changed")]
    [InlineData("commit_hash = sha256('x')", "was changed")]
    [InlineData("mark = mark + 100000", "ahead of the ledger")]
    public async Task A_changed_checkpoint_is_named(string change, string what)
    {
        await Tamper($"UPDATE ledger.fund_checkpoints SET {change}");
        Assert.Contains(what, Assert.Single((await Verify()).Findings).What, StringComparison.Ordinal);
    }

    /// <summary>Whoever knows the format: all digests in order, one settlement never happened.</summary>
    [Fact]
    public async Task A_forged_checkpoint_is_named_with_region_plan_and_both_sums()
    {
        await Tamper("DELETE FROM ledger.fund_checkpoints");
        await using (var ledger = await PostgresFixture.Open(_database, _clock))
        {
            var left = _facts.Last(f => f.Position <= CheckpointAt && f.Fact is Fact.Settled settled
                && settled.Outcome.Layers.Any(l => l.PlanId == GivenPlans.Tongliao && l.Paid.Fen > 0));
            await ledger.Checkpoints.Write(
                await Checkpoint(ledger, [.. _facts.Select(f => f == left ? Nothing(f) : f)]), default);
        }
        var findings = (await Verify()).Findings;
        Assert.NotEmpty(findings);
        Assert.All(findings, f => Assert.Equal(CheckpointAt, f.Position));
        Assert.Contains(findings, f => f.What.Contains(GivenPlans.Tongliao, StringComparison.Ordinal)
            && f.What.Contains("folded from nothing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_checkpoint_of_another_ledger_is_named()
    {
        await Tamper("DELETE FROM ledger.fund_checkpoints");
        await using (var ledger = await PostgresFixture.Open(_database, _clock))
        {
            var own = await Checkpoint(ledger, _facts);
            var other = own.Commit with { Hash = new EntryHash(1, 2) };
            await ledger.Checkpoints.Write(StoredCheckpoint.Of(own.Mark, other, own.At, own.Packed), default);
        }
        Assert.Contains("of another ledger", Assert.Single((await Verify()).Findings).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Past_a_missing_entry_no_sums_are_claimed()
    {
        await Tamper($"DELETE FROM ledger.entries WHERE stream_id = '{_facts[60].Entry.Stream.Id}'");
        var report = await Verify();
        Assert.Contains(report.Findings, f => f.What.Contains("cannot be folded", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Findings, f => f.What.Contains("the fund of region", StringComparison.Ordinal));
    }

    /// <summary>A fact that touches no fund, in the place of another.</summary>
    static Recorded Nothing(Recorded fact) => fact with
    {
        Entry = Entry.Next(Account.Unknown("nobody"), new Fact.Barred("H41092600001", "never"), fact.Entry.At),
    };

    static async Task<StoredCheckpoint> Checkpoint(PostgresLedger ledger, IReadOnlyList<Recorded> facts)
    {
        var fold = new FundFold(GivenPlans.Read);
        foreach (var fact in facts.Take(CheckpointAt))
            fold.Apply(fact);
        using var copy = new MemoryStream();
        fold.WriteCheckpoint(copy);
        var commit = await ledger.CommitOf(CheckpointAt, default);
        return StoredCheckpoint.Of(CheckpointAt, commit!.Value, fold.At, StoredCheckpoint.Pack(copy));
    }

    Task<VerificationReport> Verify() => new LedgerVerification(_database, GivenPlans.Read, null).Run(null, default);

    Task Tamper(string sql) => PostgresFixture.Execute(
        postgres.AsSuperuser(_database), "SET session_replication_role = replica; " + sql);
}
