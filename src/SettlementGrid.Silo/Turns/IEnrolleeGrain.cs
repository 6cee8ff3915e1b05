using SettlementGrid.Enrollees;

namespace SettlementGrid.Silo.Turns;

/// <summary>
/// One enrollee's turns on a cluster. The key is <see cref="GrainKeys.Of"/> the id: the runtime logs and lists keys,
/// and a citizen's number must stand in neither.
/// </summary>
[Alias("settlementgrid.enrollee")]
public interface IEnrolleeGrain : IGrainWithGuidKey
{
    /// <summary>
    /// Runs the command as one turn, after the turns asked for before. Whoever cancels before the turn began takes the
    /// call out of the queue; a turn that began runs to its end.
    /// </summary>
    [Alias("ask")]
    [ResponseTimeout(SiloLimits.AnswerMax)]
    ValueTask<AnswerParcel> Ask(CommandParcel parcel, CancellationToken cancellation);
}
