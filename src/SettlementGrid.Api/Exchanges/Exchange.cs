using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace SettlementGrid.Api;

/// <summary>
/// One call on one wire protocol, from its headers to the end of its answer. Guarantees that a call is answered once
/// and at the latest at its deadline, whatever the handler does.
/// <para>
/// Two threads may want to answer: the call's own, and the timer's at the deadline. <c>_phase</c> decides between
/// them: the timer may only go from Working to Answering, so it never touches a response that the call's own thread
/// is writing; the call's thread leaves every phase by compare-and-swap and finds out if it came too late.
/// The HttpContext outlives both in every case, since <see cref="RunAsync"/> waits for the handler and, where the
/// timer answers, for the timer.
/// </para>
/// </summary>
internal abstract partial class Exchange(HttpContext http, Method method, Surroundings surroundings) : IDisposable
{
    private const int Preparing = 0;
    private const int Working = 1;
    private const int Writing = 2;
    private const int Answering = 3;

    private readonly long _began = surroundings.Clock.GetTimestamp();
    private int _phase;
    private volatile bool _callerGone;
    private bool _ownsAnswer;
    private bool _flushStuck;
    private Admitted _admitted;
    private int _bytesHeld;
    private Caller _caller = Caller.Nobody;
    private string _outcome = CallFigures.CallerGone;
    private IMessage? _request;
    private IMessage? _response;
    private CancellationTokenSource? _cancel;
    private CancellationTokenRegistration _abort;
    private CancellationTokenRegistration _stop;
    private TaskCompletionSource? _answeredByTimer;

    public Call Call { get; private set; } = null!;

    protected HttpContext Http { get; } = http;

    protected Method Method { get; } = method;

    protected Language Language { get; } = Languages.Of(http.Request.Headers.AcceptLanguage);

    /// <summary>Whether what is written stays in this program's memory until the caller has taken it.</summary>
    protected virtual bool KeepsAnswers => false;

    protected CancellationToken Cancelled => _cancel!.Token;

    /// <summary>Serves the call. Throws nothing.</summary>
    public virtual async Task RunAsync()
    {
        try
        {
            if (Open() is { } failure)
            {
                await FailAsync(failure);
                CallFigures.Refused(failure, surroundings.Clock.GetElapsedTime(_began));
            }
            else if (!_callerGone)
            {
                // Reading the body of a call that was taken back already would be an exception through four methods.
                await Method.ServeAsync(this);
            }
        }
        catch (OperationCanceledException) when (_callerGone || IsOver())
        {
            await EndCancelledAsync();
        }
        catch (BadHttpRequestException bad)
        {
            await TryFailAsync(bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Failure.TooLarge(Method.RequestBytesMax)
                : Failure.Malformed("请求正文无法读取。", "The request's body could not be read."));
        }
        catch (Exception) when (_callerGone || Http.RequestAborted.IsCancellationRequested)
        {
            // The connection broke under a read or write; nobody is left to answer.
        }
        catch (IOException) when (Volatile.Read(ref _phase) == Preparing || Method.Shape == MethodShape.Bidi)
        {
            // A reset stream shows in its body a moment before RequestAborted. Later than this an IOException is the
            // handler's; reflection, the one that reads while it works, does no I/O of its own.
        }
        catch (Enrollees.LedgerUnavailableException away)
        {
            surroundings.Log.LogWarning("{Path} could not read the ledger: {Why}", Method.Path, away.Message);
            await TryFailAsync(Failure.Unavailable);
        }
        catch (Exception fault)
        {
            // The id is unique within the process and says which connection and stream it was.
            var id = Http.TraceIdentifier;
            surroundings.Log.LogError(fault, "Fault {FaultId} in {Path}", id, Method.Path);
            await TryFailAsync(Failure.Fault(id));
        }
        finally
        {
            // On whatever way it got here: the timer may not write once this has returned, nor be writing still.
            if (!_ownsAnswer && !TryBeginAnswer())
            {
                await _answeredByTimer!.Task;
            }

            Dispose();
            surroundings.Ended(new EndedCall(
                Method, _caller, Call?.At ?? surroundings.Clock.GetUtcNow(), _began, _outcome, _request, _response,
                Http));
        }
    }

    /// <summary>Reads the one request of a unary call or a server stream, and that nothing follows it.</summary>
    public abstract ValueTask<Inbound> ReadOnlyAsync();

    /// <summary>Reads the next request of a bidirectional call; neither message nor failure at the end.</summary>
    public abstract ValueTask<Inbound> ReadNextAsync();

    /// <summary>
    /// To be asked when the whole request is there: it takes the room of as many calls as it weighs, or is refused.
    /// </summary>
    public Failure? TakeRoom(IMessage request) =>
        surroundings.Admission.TryReturn(Method, Call.Deadline - surroundings.Clock.GetUtcNow(), ref _admitted)
            && surroundings.Admission.TryGrow(ref _admitted, Method.UnitsOf(request))
            ? null
            : Failure.Overloaded;

    /// <summary>From here on the deadline is answered by the timer if the handler does not return in time.</summary>
    public void BeginWork()
    {
        Volatile.Write(ref _phase, Working);
        Cancelled.ThrowIfCancellationRequested();
    }

    /// <summary>Lifts what would end a body that lasts as long as its caller likes; the deadline remains.</summary>
    public void AllowLongBody()
    {
        if (Http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    /// <summary>Writes one response of several and waits until the connection has taken it.</summary>
    public async ValueTask WriteAsync(IMessage response)
    {
        if (Interlocked.CompareExchange(ref _phase, Writing, Working) != Working)
        {
            throw new OperationCanceledException(Cancelled);
        }

        var json = Print(response);
        if (!await TryHandOverAsync(response, json, CountedBytes(response, json)))
        {
            _callerGone = true;
            throw new OperationCanceledException();
        }

        Volatile.Write(ref _phase, Working);
        if (Cancelled.IsCancellationRequested)
        {
            OnCancelled();
            throw new OperationCanceledException(Cancelled);
        }
    }

    public void Dispose()
    {
        // Each Dispose waits for its callback, so nothing cancels a source that serves another call.
        _abort.Dispose();
        _stop.Dispose();
        if (_cancel is not null)
        {
            surroundings.Deadlines.Leave(_cancel);
        }

        ReleaseBytes();
        surroundings.Admission.Leave(_admitted, CallFigures.IsAnswer(_outcome));
    }

    /// <summary>Refuses by headers alone; also finds how long the caller waits, if it says so.</summary>
    protected abstract Failure? CheckHeaders(out TimeSpan? timeout);

    /// <summary>
    /// A response as JSON where the wire sends that: printed once, to be counted and then written. Null: it is written
    /// as it is.
    /// </summary>
    protected virtual byte[]? Print(IMessage response) => null;

    /// <summary>Puts a response into the body; nothing is sent before the body is flushed or the call ends.</summary>
    /// <param name="json">What <see cref="Print"/> made of it.</param>
    protected abstract void WriteMessage(IMessage response, byte[]? json);

    /// <summary>Sends what was put into the body; true: nobody takes it any more.</summary>
    protected virtual async ValueTask<bool> FlushAsync() =>
        (await Http.Response.BodyWriter.FlushAsync(Cancelled)).IsCompleted;

    /// <summary>Sends the end of a call whose handler has not returned yet.</summary>
    protected virtual Task SendEndAsync() => Http.Response.CompleteAsync();

    /// <summary>Ends a call that went well.</summary>
    protected abstract void WriteEnd();

    /// <summary>Ends a call that did not, before or after the first response.</summary>
    protected abstract void WriteFailure(Failure failure);

    /// <summary>A parsed request, or its refusal where it holds values that no handler should see.</summary>
    protected Inbound Checked(IMessage message)
    {
        _request = message;
        return Method.Check.Find(message) is { } found
            ? new(null, Failure.Malformed($"字段的值未知或超出范围：{found}。", $"Unknown or impossible value: {found}."))
            : new(message, null);
    }

    /// <summary>
    /// What of the body has come, or else what comes next: who waits for its caller takes nobody's room, and is refused
    /// where too many wait already. On the way of every call, so no async method: what is there costs nothing to ask
    /// for.
    /// </summary>
    protected Failure? ReadBody(out ValueTask<ReadResult> read)
    {
        if (Http.Request.BodyReader.TryRead(out var here))
        {
            read = new(here);
            return null;
        }

        var full = StandAside();
        read = full is null ? Http.Request.BodyReader.ReadAsync(Cancelled) : default;
        return full;
    }

    /// <summary>
    /// To be asked before waiting for more of the body: who waits for its caller takes nobody's room.
    /// </summary>
    protected Failure? StandAside() =>
        surroundings.Admission.TryStandAside(ref _admitted) ? null : Failure.Overloaded;

    /// <summary>
    /// To be asked before waiting for the rest of a message: messages that have arrived whole hold no buffers for
    /// long, those that dribble in do. Asking again for the same call changes nothing.
    /// </summary>
    protected Failure? HoldBytes(int bytes)
    {
        if (_bytesHeld == 0 && bytes > 0)
        {
            if (!surroundings.Admission.TryHold(bytes))
            {
                return Failure.Overloaded;
            }

            _bytesHeld = bytes;
        }

        return null;
    }

    /// <summary>The message has arrived and left its buffers.</summary>
    protected void ReleaseBytes()
    {
        surroundings.Admission.GiveBackBytes(_bytesHeld);
        _bytesHeld = 0;
    }

    // The grid goes by the clock, the timer by what has gone: where the clock jumps ahead, calls end before their
    // timers.
    private bool IsOver() =>
        _cancel is { IsCancellationRequested: true } || surroundings.Clock.GetUtcNow() >= Call?.Deadline;

    private Failure? Open()
    {
        // Nothing of the body is read, and nothing of the caller's words interpreted, before it is known who calls.
        (_caller, var refused) = surroundings.Permit(Http, Method);
        if (refused is not null)
        {
            return refused;
        }

        if (CheckHeaders(out var stated) is { } failure)
        {
            return failure;
        }

        var wanted = stated ?? Method.Deadline;
        var timeout = wanted < Method.DeadlineMax ? wanted : Method.DeadlineMax;
        if (timeout <= TimeSpan.Zero)
        {
            return Failure.DeadlineExceeded;
        }

        var from = Method.IsForAnyone ? Http.Connection.RemoteIpAddress : null;
        if (!surroundings.Admission.TryEnter(Method, _caller, timeout, out _admitted, from))
        {
            return Failure.Overloaded;
        }

        var at = surroundings.Clock.GetUtcNow();
        _cancel = surroundings.Deadlines.Begin(timeout);
        Call = new Call(_caller, at, at + timeout, Language, _cancel.Token);
        _ = _cancel.Token.UnsafeRegister(static exchange => ((Exchange)exchange!).OnCancelled(), this);
        _abort = Http.RequestAborted.UnsafeRegister(static exchange => ((Exchange)exchange!).OnCallerGone(), this);
        if (Method.Shape != MethodShape.Unary)
        {
            _stop = surroundings.Stopping.UnsafeRegister(
                static exchange => ((Exchange)exchange!)._cancel!.Cancel(), this);
        }

        return null;
    }
}
