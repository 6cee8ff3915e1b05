using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;

namespace SettlementGrid.Ledger.Tests.Conformance;

/// <summary>
/// What every adapter of the port promises, whatever it keeps its entries in; by subject, each for both adapters.
/// </summary>
/// <param name="open">A new and empty ledger.</param>
public abstract class LedgerConformance(Func<ShiftedClock, Task<ILedger>> open) : IAsyncLifetime
{
    ILedger? _ledger;

    protected ShiftedClock Clock { get; } = new();

    protected long Now => Clock.Now;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_ledger is IAsyncDisposable ledger)
            await ledger.DisposeAsync();
    }

    protected async Task<ILedger> NewLedger() => _ledger = await open(Clock);

    protected static Task<ILedger> InMemory(ShiftedClock clock) => Task.FromResult<ILedger>(new VolatileLedger(clock));
}
