using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid.Tests;
using SettlementGrid.Silo.Turns;
using SettlementGrid.Testing;

namespace SettlementGrid.Silo.Tests;

/// <summary>Accounts leave memory and nothing else: what they knew is in the ledger.</summary>
public sealed class Collection_tests : IAsyncLifetime
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    static readonly string[] Persons = [.. Enumerable.Range(0, 20).Select(i => $"person-{i}")];

    readonly ManualClock _clock = new();
    TwoSilos _silos = null!;

    public async Task InitializeAsync()
    {
        var ledger = await Given.Ledger(_clock, Persons);
        _silos = await TwoSilos.Start(new TurnGround(ledger, await Given.Catalogs(ledger), _clock));
    }

    public async Task DisposeAsync() => await _silos.DisposeAsync();

    [Fact]
    public async Task Idle_accounts_leave_at_their_age_and_come_back_as_they_were()
    {
        var first = await SettleAll("first");
        await Management.ForceActivationCollection(SiloLimits.IdleAge);
        Assert.Equal(Persons.Length, (await Active()).Count);

        await Management.ForceActivationCollection(TimeSpan.Zero);
        Assert.Empty(await Active());

        Assert.Equal(first, await SettleAll("first"));
        Assert.All(await SettleAll("second"), one => Assert.Equal(3, one.Version));
        Assert.Equal(Persons.Length, (await Active()).Count);
    }

    [Fact]
    public void Every_silo_collects_by_the_age_and_the_share_of_memory_that_are_written_down()
    {
        foreach (var silo in _silos.Cluster.Silos)
        {
            var set = silo.ServiceProvider.GetRequiredService<IOptions<GrainCollectionOptions>>().Value;
            Assert.Equal(SiloLimits.IdleAge, set.CollectionAge);
            Assert.True(set.EnableActivationSheddingOnMemoryPressure);
            Assert.Equal(SiloLimits.MemoryShareMax, set.MemoryUsageLimitPercentage);
            Assert.Equal(SiloLimits.MemoryShareAfter, set.MemoryUsageTargetPercentage, precision: 6);
        }
    }

    IManagementGrain Management => _silos.Cluster.Client.GetGrain<IManagementGrain>(0);

    async Task<List<GrainId>> Active() => await Management.GetActiveGrains(GrainType.Create("enrollee"));

    /// <summary>Everybody's bill of this name; the version and the ledger's position of each.</summary>
    async Task<(long Version, long Position)[]> SettleAll(string name) =>
        await Task.WhenAll(Persons.Select(async person =>
        {
            var command = Given.Settle($"{name}-{person}", person);
            var answer = await _silos.Grid.Ask(command, _clock.GetUtcNow() + Deadline, default)
                .AsTask().WaitAsync(Gate.Patience);
            var recorded = Assert.IsType<Answer.Settled>(answer).Settlement.Recorded;
            return (recorded.Entry.Version, recorded.Position);
        }));
}
