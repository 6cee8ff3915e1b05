using System.Collections.Concurrent;
using SettlementGrid.Enrollees;
using SettlementGrid.Testing;

namespace SettlementGrid.Grid.Tests;

/// <summary>
/// Holds a person's appends at a gate until the test opens it, and counts: barriers instead of sleeps.
/// </summary>
sealed class GatedLedger(ILedger inner) : LedgerAround(inner)
{
    readonly ConcurrentDictionary<string, Gate> _gates = [];
    readonly ConcurrentDictionary<string, int> _loads = [];
    readonly ConcurrentDictionary<string, int> _inside = [];
    readonly ConcurrentQueue<Exception> _faults = [];
    int _mostAtOnce;

    /// <summary>The most calls of one person that were ever in the ledger at the same time.</summary>
    public int MostAtOnce => _mostAtOnce;

    public int Loads(string id) => _loads.GetValueOrDefault(id);

    /// <summary>From now on the person's appends wait at the gate.</summary>
    public Gate Close(string id) => _gates[id] = new Gate();

    /// <summary>The next append throws this instead.</summary>
    public void FailNext(Exception fault) => _faults.Enqueue(fault);

    public override async ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation)
    {
        _loads.AddOrUpdate(enrolleeId, 1, static (_, n) => n + 1);
        Enter(enrolleeId);
        // Another thread goes on, as a database's reply would make it.
        await Task.Yield();
        var account = await base.Load(enrolleeId, cancellation);
        Leave(enrolleeId);
        return account;
    }

    public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        var id = append.Entries[0].Stream.Id;
        Enter(id);
        try
        {
            await Task.Yield();
            if (_gates.TryGetValue(id, out var gate))
                await gate.Pass(cancellation);
            if (_faults.TryDequeue(out var fault))
                throw fault;
            return await base.Append(append, CancellationToken.None);
        }
        finally
        {
            Leave(id);
        }
    }

    void Enter(string id)
    {
        var inside = _inside.AddOrUpdate(id, 1, static (_, n) => n + 1);
        int most;
        while (inside > (most = _mostAtOnce))
            Interlocked.CompareExchange(ref _mostAtOnce, inside, most);
    }

    void Leave(string id) => _inside.AddOrUpdate(id, 0, static (_, n) => n - 1);
}

/// <summary>A gate that appends wait at; it tells when the first has arrived.</summary>
sealed class Gate
{
    readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Arrived => _arrived.Task.WaitAsync(Patience);

    /// <summary>How long a test waits for what must happen: only a failing test ever waits that long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public void Open() => _open.TrySetResult();

    public async Task Pass(CancellationToken cancellation)
    {
        _arrived.TrySetResult();
        await _open.Task.WaitAsync(cancellation);
    }
}
