using SettlementGrid.Enrollees;
using SettlementGrid.Testing;

namespace SettlementGrid.Simulation.Checking;

/// <summary>
/// Stands between a server's engine and its ledger and sees whether two turns of one person are ever at it at once. The
/// fence would keep the money right all the same, which is why no other invariant would show it.
/// </summary>
sealed class OneTurnAtATime(ILedger inner, string? finding) : LedgerAround(inner)
{
    readonly HashSet<string> _busy = new(StringComparer.Ordinal);

    public string? Finding { get; private set; } = finding;

    public override async ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation)
    {
        Enter(enrolleeId);
        try
        {
            return await base.Load(enrolleeId, cancellation);
        }
        finally
        {
            _busy.Remove(enrolleeId);
        }
    }

    public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        var enrolleeId = append.Entries[0].Stream.Id;
        Enter(enrolleeId);
        try
        {
            return await base.Append(append, cancellation);
        }
        finally
        {
            _busy.Remove(enrolleeId);
        }
    }

    public override async ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation)
    {
        Enter(question.EnrolleeId);
        try
        {
            return await base.Confirm(question, cancellation);
        }
        finally
        {
            _busy.Remove(question.EnrolleeId);
        }
    }

    void Enter(string enrolleeId)
    {
        if (!_busy.Add(enrolleeId))
            Finding ??= $"two turns of {enrolleeId} are at the ledger at once in one server";
    }
}
