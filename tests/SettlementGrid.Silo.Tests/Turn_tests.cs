using SettlementGrid.Enrollees;
using SettlementGrid.Grid.Tests;
using SettlementGrid.Silo.Turns;
using SettlementGrid.Testing;

namespace SettlementGrid.Silo.Tests;

/// <summary>What grains do besides what every engine keeps.</summary>
public sealed class Turn_tests : IAsyncLifetime
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    readonly ManualClock _clock = new();
    VolatileLedger _ledger = null!;
    TwoSilos _silos = null!;

    public async Task InitializeAsync()
    {
        _ledger = await Given.Ledger(_clock, "anna");
        _silos = await TwoSilos.Start(await Ground());
    }

    public async Task DisposeAsync() => await _silos.DisposeAsync();

    [Fact]
    public async Task A_lost_fence_deactivates_the_grain_and_the_settlement_is_right_all_the_same()
    {
        Assert.IsType<Answer.Settled>(await Ask(Given.Settle("r1", "anna")));
        var gone = _silos.Cluster.WaitForDeactivationAsync(Anna);

        // Another program writes the person; the grain still believes in version 2.
        var other = new Enrollee("anna", _ledger, await Given.Catalogs(_ledger), _clock);
        Assert.IsType<Answer.Settled>(await other.Turn(Given.Settle("r2", "anna"), default));
        var third = Assert.IsType<Answer.Settled>(await Ask(Given.Settle("r3", "anna")));
        Assert.Equal(4, third.Settlement.Recorded.Entry.Version);
        await gone.WaitAsync(Gate.Patience);
        Assert.IsType<Answer.Settled>(await Ask(Given.Settle("r4", "anna")));
    }

    [Fact]
    public async Task A_grain_whose_fence_holds_stays()
    {
        Assert.IsType<Answer.State>(await Ask(new Command.GetAccount("anna")));
        var gone = _silos.Cluster.WaitForDeactivationAsync(Anna);
        for (var i = 0; i < 5; i++)
            Assert.IsType<Answer.Settled>(await Ask(Given.Settle("r" + i, "anna")));
        Assert.False(gone.IsCompleted);
    }

    [Fact]
    public async Task A_turn_that_is_asked_for_on_nobodys_behalf_is_refused()
    {
        await Assert.ThrowsAsync<UnauthorizedAccessException>(
            () => Anna.Ask(new CommandParcel(Given.Settle("r1", "anna")), default).AsTask());
        Assert.Equal(1, (await _ledger.Load("anna", default)).Version);
    }

    [Fact]
    public async Task A_command_that_reaches_another_persons_grain_does_nothing()
    {
        CallStamp.Put(_clock.GetUtcNow() + Deadline);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Anna.Ask(new CommandParcel(Given.Settle("r1", "bert")), default).AsTask());
        Assert.Equal(0, (await _ledger.Load("bert", default)).Version);
    }

    [Fact]
    public async Task No_key_of_a_grain_shows_the_persons_number()
    {
        const string number = "150502199001011234";
        Assert.IsType<Answer.State>(await Ask(new Command.GetAccount(number)));
        var grain = _silos.Cluster.Client.GetGrain<IEnrolleeGrain>(GrainKeys.Of(number)).GetGrainId();
        Assert.DoesNotContain(number, grain.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(GrainKeys.Of(number), GrainKeys.Of(number[..^1]));
    }

    IEnrolleeGrain Anna => _silos.Cluster.Client.GetGrain<IEnrolleeGrain>(GrainKeys.Of("anna"));

    Task<Answer> Ask(Command command) =>
        _silos.Grid.Ask(command, _clock.GetUtcNow() + Deadline, default).AsTask().WaitAsync(Gate.Patience);

    async Task<TurnGround> Ground() => new(_ledger, await Given.Catalogs(_ledger), _clock);
}
