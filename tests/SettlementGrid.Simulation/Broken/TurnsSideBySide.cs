using SettlementGrid.Enrollees;

namespace SettlementGrid.Simulation.Broken;

/// <summary>An engine without mailboxes: every call is a turn at once, two of one person run side by side.</summary>
sealed class TurnsSideBySide(ILedger ledger, CatalogSource catalogs, TimeProvider clock) : IGrid
{
    readonly Dictionary<string, Enrollee> _enrollees = new(StringComparer.Ordinal);

    public async ValueTask<Answer> Ask(Command command, DateTimeOffset deadline, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (clock.GetUtcNow() >= deadline)
            throw new OperationCanceledException(new CancellationToken(canceled: true));
        if (!_enrollees.TryGetValue(command.EnrolleeId, out var enrollee))
            _enrollees.Add(command.EnrolleeId, enrollee = new Enrollee(command.EnrolleeId, ledger, catalogs, clock));
        return await enrollee.Turn(command, CancellationToken.None);
    }

    public void Forget(IReadOnlyCollection<string> enrolleeIds)
    {
        foreach (var id in enrolleeIds)
            _enrollees.Remove(id);
    }
}
