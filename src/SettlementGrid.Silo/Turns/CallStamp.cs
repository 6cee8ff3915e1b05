namespace SettlementGrid.Silo.Turns;

/// <summary>
/// What travels with a call beside its command: on whose behalf it is made and how long it may wait. Set by the program
/// that let the caller in, read by the silo that runs the turn; the runtime carries it along.
/// </summary>
/// <param name="Caller">The audit's name of the caller; never a person's id.</param>
/// <param name="Deadline">UTC. Machines' clocks must agree within a second or two: they decide who is too late.</param>
public readonly record struct CallStamp(string Caller, DateTimeOffset Deadline)
{
    const string CallerKey = "settlementgrid.caller";
    const string DeadlineKey = "settlementgrid.deadline";

    /// <summary>Who calls where nobody came in from outside: the start's own loads.</summary>
    public const string Program = "program";

    /// <summary>From here on calls of this flow are made on behalf of the caller.</summary>
    public static void ActFor(string caller) => RequestContext.Set(CallerKey, caller);

    /// <summary>Stamps the calls that this flow makes next.</summary>
    public static void Put(DateTimeOffset deadline)
    {
        if (RequestContext.Get(CallerKey) is null)
            ActFor(Program);
        RequestContext.Set(DeadlineKey, deadline.UtcTicks);
    }

    /// <summary>Of the call that is being carried out; null: whoever sent it let nobody in.</summary>
    public static CallStamp? Read() =>
        RequestContext.Get(CallerKey) is string caller && RequestContext.Get(DeadlineKey) is long ticks
            ? new CallStamp(caller, new DateTimeOffset(ticks, TimeSpan.Zero))
            : null;
}
