using System.Diagnostics.Metrics;
using Orleans.Runtime.Messaging;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Silo.Turns;

/// <summary>
/// The engine of a cluster: every enrollee is a grain. This program's calls of a person keep their order
/// (<see cref="Lanes"/>), those of several programs meet in the grain's own queue. A call that lost its silo on the way
/// is asked again until its deadline; that is safe, since requests are known by their ids and what was carried out
/// answers as it did. Thread-safe.
/// </summary>
public sealed class OrleansGrid : IGrid, IDisposable
{
    static readonly Answer PersonQueueFull = new Answer.Refused(Enrollees.Refusals.Overloaded(
        "该参保人排队的请求过多，本次未办理；请稍后用同一请求重试",
        "Too many requests wait for this enrollee; nothing was done. Retry the same request later"));

    static readonly Answer GridFull = new Answer.Refused(Enrollees.Refusals.Overloaded(
        "系统繁忙，本次未办理；请用同一请求重试", "The server is full; nothing was done. Retry the same request"));

    static readonly Answer Lost = new Answer.Refused(new Refusal(
        RefusalReason.Unavailable, "与集群节点的联系中断，结果未知；请用同一请求重试",
        "A node of the cluster was lost and the outcome is unknown; retry the same request"));

    readonly IGrainFactory _grains;
    readonly TimeProvider _clock;
    readonly Lanes _lanes = new(SiloLimits.PersonQueueMax);
    readonly Meter _meter = new("SettlementGrid.Silo.Turns");
    readonly Counter<long> _askedAgain;
    int _calls;

    public OrleansGrid(IGrainFactory grains, TimeProvider clock)
    {
        (_grains, _clock) = (grains, clock);
        _meter.CreateObservableUpDownCounter(
            "settlementgrid.cluster.calls", () => Volatile.Read(ref _calls), "{call}",
            "Calls of this program under way: waiting in their lanes and running in the cluster");
        _askedAgain = _meter.CreateCounter<long>(
            "settlementgrid.cluster.asked_again", "{call}", "Calls lost on the way to a silo and asked again");
    }

    public void Dispose() => _meter.Dispose();

    public async ValueTask<Answer> Ask(Command command, DateTimeOffset deadline, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_clock.GetUtcNow() >= deadline)
            throw new OperationCanceledException("The deadline has passed.");
        if (Interlocked.Increment(ref _calls) > SiloLimits.CallsMax)
        {
            Interlocked.Decrement(ref _calls);
            return GridFull;
        }
        try
        {
            return _lanes.Enter(command.EnrolleeId) is { } place
                ? await AskInTurn(place, command, deadline, cancellation)
                : PersonQueueFull;
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    /// <summary>
    /// Nothing: a grain notices at its next append or look that somebody else wrote, and a message to each person of a
    /// roster would activate grains by the hundred thousand.
    /// </summary>
    public void Forget(IReadOnlyCollection<string> enrolleeIds)
    {
    }

    async ValueTask<Answer> AskInTurn(
        Lanes.Place place, Command command, DateTimeOffset deadline, CancellationToken cancellation)
    {
        try
        {
            if (!place.Turn.IsCompleted)
            {
                await place.Turn.WaitAsync(cancellation);
                if (_clock.GetUtcNow() >= deadline)
                    throw new OperationCanceledException("The deadline passed before the turn began.");
            }
            CallStamp.Put(deadline);
            return await AskUntil(deadline, new CommandParcel(command), cancellation);
        }
        finally
        {
            _lanes.Leave(place);
        }
    }

    async ValueTask<Answer> AskUntil(DateTimeOffset deadline, CommandParcel parcel, CancellationToken cancellation)
    {
        var grain = _grains.GetGrain<IEnrolleeGrain>(GrainKeys.Of(parcel.Command.EnrolleeId));
        while (true)
        {
            try
            {
                return (await grain.Ask(parcel, cancellation)).Answer;
            }
            catch (LimitExceededException)
            {
                return PersonQueueFull;
            }
            catch (GatewayTooBusyException)
            {
                return GridFull;
            }
            catch (Exception lost) when (IsOnTheWay(lost))
            {
                if (_clock.GetUtcNow() + SiloLimits.AskAgainAfter >= deadline)
                    return Lost;
                _askedAgain.Add(1);
                await Task.Delay(SiloLimits.AskAgainAfter, _clock, cancellation);
            }
        }
    }

    /// <summary>Whether the call or its answer was lost between the programs; not what a turn itself came to.</summary>
    static bool IsOnTheWay(Exception lost) =>
        lost is SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException
            or TimeoutException or ClientNotAvailableException;
}
