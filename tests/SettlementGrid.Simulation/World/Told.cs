using Microsoft.Extensions.Logging;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Simulation.World;

/// <summary>How a history names things: the same words for the same run.</summary>
static class Told
{
    public static string Of(Entry entry) => $"{entry.Fact.Kind} {entry.Stream.Id}/{entry.Version}";

    public static string Of(Command command) => command switch
    {
        Command.Settle settle => $"settle {Of(settle.Request)}{(settle.Token is null ? "" : " as previewed")}",
        Command.Preview preview => $"preview {Of(preview.Request)}",
        Command.Reverse { DryRun: true } shown =>
            $"show the reversal of {Of(shown.Original.Entry)} by {shown.Request.RequestId}",
        Command.Reverse reverse => $"reverse {Of(reverse.Original.Entry)} by {reverse.Request.RequestId}",
        Command.Cancel cancel => $"cancel {cancel.FacilityId} {cancel.RequestId} of {cancel.Enrollee}",
        _ => $"account of {command.EnrolleeId}",
    };

    public static string Of(Attempt attempt) => attempt.Answer switch
    {
        null => attempt.Ending.ToString(),
        Answer.Settled { Settlement: { IsPreview: true, Recorded: var shown } } => $"shown {Of(shown.Entry)}",
        Answer.Settled { Settlement.Recorded: var recorded } => $"{Of(recorded.Entry)} at {recorded.Position}",
        Answer.Cancelled { Reversal.Recorded: var recorded } => $"{Of(recorded.Entry)} at {recorded.Position}",
        Answer.Cancelled => "barred",
        Answer.State { Account: var account } => $"version {account.Version}",
        Answer.Refused { Refusal.Reason: var reason } => $"refused {reason}",
        _ => "answered",
    };

    static string Of(SettleRequest request) =>
        $"{request.FacilityId} {request.RequestId} of {request.EnrolleeId}, {request.EncounterId}, "
        + $"{request.Bill.Total}";
}

/// <summary>A server's log, as lines of the history.</summary>
sealed class ToldLog(SimulatedThread thread, string server) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => thread.IsTold;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (thread.IsTold)
            thread.Say($"{server} logs: {formatter(state, exception)}");
    }
}
