using SettlementGrid.Enrollees;

namespace SettlementGrid.Grid;

/// <summary>
/// A person's queue while turns run or wait; it comes with the first call and goes with the last. Guarded by its
/// shard's lock; only the one loop that runs its turns takes calls out.
/// </summary>
sealed class Mailbox(string enrolleeId)
{
    Call? _first;
    Call? _last;

    public string EnrolleeId => enrolleeId;

    /// <summary>
    /// What the next turn runs on; null: nothing is remembered, the next turn begins cold. A turn that is running when
    /// the person is forgotten holds its own reference and never puts it back here.
    /// </summary>
    public Enrollee? Enrollee { get; set; }

    public Call? First => _first;

    public int Waiting { get; private set; }

    public void Add(Call call)
    {
        if (_last is null)
            _first = call;
        else
            _last.Next = call;
        _last = call;
        Waiting++;
    }

    public Call? Take()
    {
        if (_first is not { } call)
            return null;
        _first = call.Next;
        if (_first is null)
            _last = null;
        call.Next = null;
        Waiting--;
        return call;
    }
}
