using Microsoft.Extensions.Logging;

namespace SettlementGrid.Silo.Turns;

/// <summary>
/// Stands before every turn of a silo: one that nobody asked for is refused, one whose caller has given up waiting is
/// not started, one that breaks is logged with who asked for it. What the runtime itself says to a grain passes.
/// </summary>
public sealed class TurnFilter(TurnGround ground, ILogger<TurnFilter> log) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) =>
        context.InterfaceMethod?.DeclaringType == typeof(IEnrolleeGrain) ? Turn(context) : context.Invoke();

    async Task Turn(IIncomingGrainCallContext context)
    {
        if (CallStamp.Read() is not { } stamp)
            throw new UnauthorizedAccessException("A turn was asked for on nobody's behalf.");
        if (ground.Clock.GetUtcNow() >= stamp.Deadline)
            throw new OperationCanceledException("The deadline passed before the turn began.");
        try
        {
            await context.Invoke();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.LogError(fault, "A turn asked for by {Caller} broke", stamp.Caller);
            throw;
        }
    }
}
