using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// The engine that gives every enrollee one turn at a time. Mailboxes in one process are one adapter, Orleans grains on
/// a cluster the other. Correctness does not rest on it: the ledger is the fence.
/// </summary>
public interface IGrid
{
    /// <summary>
    /// Runs the command as one turn of its enrollee, after the turns asked for before. A full queue answers OVERLOADED
    /// at once. A call whose deadline has passed, or that was cancelled, before its turn began is not started and
    /// throws <see cref="OperationCanceledException"/>; a turn that began runs to its end whatever the caller does.
    /// </summary>
    /// <param name="deadline">On the engine's clock.</param>
    ValueTask<Answer> Ask(Command command, DateTimeOffset deadline, CancellationToken cancellation);

    /// <summary>
    /// Drops what is remembered of these persons: somebody else wrote their facts. A hint, for speed only.
    /// </summary>
    void Forget(IReadOnlyCollection<string> enrolleeIds);
}
