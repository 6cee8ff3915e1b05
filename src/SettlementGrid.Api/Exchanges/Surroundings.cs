using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SettlementGrid.Api;

/// <summary>What every exchange needs of the program around it.</summary>
/// <param name="Identify">Who calls, from the connection and headers alone: the body has not been read.</param>
/// <param name="Clock">Read once for each call.</param>
/// <param name="Log">Of faults.</param>
/// <param name="Admission">Bounds all calls together.</param>
/// <param name="Stopping">Ends streams when the server stops; unary calls are drained.</param>
internal sealed record Surroundings(
    Func<HttpContext, Result<Caller>> Identify,
    TimeProvider Clock,
    ILogger Log,
    Admission Admission,
    CancellationToken Stopping);

/// <summary>What came in: a message, a failure, or (at the end of the requests) neither.</summary>
internal readonly record struct Inbound(IMessage? Message, Failure? Failure);
