using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SettlementGrid.Api;

/// <summary>What every exchange needs of the program around it.</summary>
/// <param name="Identify">Who calls, from the connection and headers alone: the body has not been read.</param>
/// <param name="Clock">Read once for each call.</param>
/// <param name="Log">Of faults.</param>
/// <param name="Admission">Bounds all calls together.</param>
/// <param name="Audit">Told of calls that must be accounted for.</param>
/// <param name="Stopping">Ends streams when the server stops; unary calls are drained.</param>
internal sealed record Surroundings(
    Func<HttpContext, Result<Caller>> Identify,
    TimeProvider Clock,
    ILogger Log,
    Admission Admission,
    AuditHook Audit,
    CancellationToken Stopping)
{
    /// <summary>Of all calls.</summary>
    public Deadlines Deadlines { get; } = new(Clock);

    /// <summary>Whoever calls, and why that caller may not go on.</summary>
    public (Caller Caller, Failure? Failure) Permit(HttpContext http, Method method)
    {
        if (method.IsForAnyone)
        {
            return (Caller.Nobody, null);
        }

        var identified = Identify(http);
        if (identified.Refusal is { } unknown)
        {
            return (http.Features.Get<ClaimedCaller>()?.Caller ?? Caller.Nobody, new Failure(unknown));
        }

        var caller = identified.Response!;
        return (caller, (caller.Roles & method.Roles) == Roles.None ? Failure.NotPermitted
            : method.Audited == Audited.Always && !Audit.HasRoom() ? Failure.Overloaded
            : null);
    }

    /// <summary>Counts a call that has ended, and has it audited if its row or its outcome asks for it.</summary>
    public void Ended(in EndedCall call)
    {
        CallFigures.Ended(call.Method.Name, call.Outcome, Clock.GetElapsedTime(call.Began));
        if (call.Method.Audited != Audited.Always && call.Outcome is not ("NOT_PERMITTED" or "UNAUTHENTICATED"))
        {
            return;
        }

        var subject = call.Request is { } request
            ? AuditSubject.Of(request, call.Response)
            : AuditSubject.Of(call.Http.Connection.RemoteIpAddress);
        Audit.Note(new AuditedCall(call.Caller, call.Method.Name, call.Outcome, subject, call.At));
    }
}

/// <summary>What is known of a call at its end.</summary>
/// <param name="Began">The clock's timestamp when its headers had been read.</param>
/// <param name="Request">Null where it was refused unread.</param>
/// <param name="Response">Of a unary call that went well.</param>
internal readonly record struct EndedCall(
    Method Method, Caller Caller, DateTimeOffset At, long Began, string Outcome, IMessage? Request, IMessage? Response,
    HttpContext Http);

/// <summary>What came in: a message, a failure, or (at the end of the requests) neither.</summary>
internal readonly record struct Inbound(IMessage? Message, Failure? Failure);
