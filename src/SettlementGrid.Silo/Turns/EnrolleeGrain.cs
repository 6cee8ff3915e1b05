using Orleans.Placement;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Silo.Turns;

/// <summary>
/// The turn's owner and nothing more: the runtime gives it one call at a time, the same <see cref="Enrollee"/> decides
/// that a mailbox owns. Two activations of one person may exist for a while when memberships change; the ledger's fence
/// lets one of them win each version, and the one that lost goes, so that the next call finds whoever is left.
/// </summary>
/// <remarks>
/// Placed where the first call arrives: a client's calls of one person always enter by the same silo (the gateway
/// hashes the key), so the grain stands behind that door and no call takes a second hop.
/// </remarks>
[PreferLocalPlacement]
[GrainType("enrollee")]
public sealed class EnrolleeGrain(TurnGround ground, SiloStop stop) : Grain, IEnrolleeGrain
{
    Enrollee? _enrollee;
    string _id = "";

    public async ValueTask<AnswerParcel> Ask(CommandParcel parcel, CancellationToken cancellation)
    {
        var command = parcel.Command;
        var enrollee = _enrollee ??= Owned(command.EnrolleeId);
        if (command.EnrolleeId != _id)
            throw new InvalidOperationException("A command reached another person's grain.");

        // Not the caller's token: what began runs to its end.
        var answer = await enrollee.Turn(command, stop.Token);
        if (enrollee.LostFence)
        {
            _enrollee = null;
            DeactivateOnIdle();
        }

        return new AnswerParcel(answer);
    }

    Enrollee Owned(string id)
    {
        if (GrainKeys.Of(id) != this.GetPrimaryKey())
            throw new InvalidOperationException("A command reached a grain of another key.");
        _id = id;
        return new Enrollee(id, ground.Ledger, ground.Catalogs, ground.Clock);
    }
}
