using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace SettlementGrid.Api;

/// <summary>
/// How a call ends: by its handler's answer, by a failure, by the deadline's timer or because nobody waits.
/// </summary>
internal abstract partial class Exchange
{
    /// <summary>Ends the call with the handler's answer; a stream has none left to write.</summary>
    public async ValueTask FinishAsync(IMessage? response, WireRefusal? refusal)
    {
        if (refusal is not null)
        {
            await FailAsync(new Failure(refusal));
        }
        else if (TryBeginAnswer())
        {
            if (response is not null && !await TrySendAsync(response))
            {
                return;
            }

            (_outcome, _response) = (CallFigures.Ok, response);
            WriteEnd();
        }
        else
        {
            await _answeredByTimer!.Task;
        }
    }

    /// <summary>Ends the call without its response.</summary>
    public async ValueTask FailAsync(Failure failure)
    {
        if (TryBeginAnswer())
        {
            _outcome = failure.Outcome;
            WriteFailure(failure);
        }
        else
        {
            await _answeredByTimer!.Task;
        }
    }

    /// <summary>False: nobody takes it, and there is nobody left to answer.</summary>
    private ValueTask<bool> TrySendAsync(IMessage response)
    {
        var json = Print(response);
        if (CountedBytes(response, json) is > 0 and var bytes)
        {
            // From here on it waits for its caller and takes no room of others'. The deadline was kept; a slow line may
            // take longer than that for a list, and whoever waits no longer says so.
            surroundings.Admission.Leave(_admitted, answered: true);
            _admitted = default;
            _cancel!.CancelAfter(ApiLimits.AnswerTakenMax);
            return TryHandOverAsync(response, json, bytes);
        }

        WriteMessage(response, json);
        return new(true);
    }

    /// <summary>
    /// The bytes by which an answer is counted until its caller has taken it: of what is sent, for JSON is several
    /// times as large as the message.
    /// </summary>
    private int CountedBytes(IMessage response, byte[]? json) =>
        KeepsAnswers && (json?.Length ?? response.CalculateSize()) is > ApiLimits.AnswerBytesFree and var bytes
            ? bytes
            : 0;

    /// <summary>
    /// Waits until the connection has taken the answer. What was asked is done by now: for want of room it cannot be
    /// refused any more, so the call breaks off and whoever asks again is told. False: broken off, or nobody takes it.
    /// </summary>
    private async ValueTask<bool> TryHandOverAsync(IMessage response, byte[]? json, int countedBytes)
    {
        if (!surroundings.Admission.TryHoldAnswer(countedBytes))
        {
            Abort();
            return false;
        }

        try
        {
            WriteMessage(response, json);
            return !await FlushAsync();
        }
        catch (OperationCanceledException)
        {
            _flushStuck = true;
            throw;
        }
        finally
        {
            surroundings.Admission.GiveBackAnswer(countedBytes);
        }
    }

    private bool TryBeginAnswer()
    {
        var seen = Volatile.Read(ref _phase);
        _ownsAnswer |= seen != Answering && Interlocked.CompareExchange(ref _phase, Answering, seen) == seen;
        return _ownsAnswer;
    }

    private void OnCallerGone()
    {
        _callerGone = true;
        _cancel!.Cancel();
    }

    /// <summary>On the timer's thread, or on the call's own right after a write that outlasted the deadline.</summary>
    private void OnCancelled()
    {
        if (_callerGone)
        {
            return;
        }

        // Set before the phase changes: who then finds the phase Answering also finds what to wait for.
        var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answered = Interlocked.CompareExchange(ref _answeredByTimer, fresh, null) ?? fresh;
        if (Interlocked.CompareExchange(ref _phase, Answering, Working) == Working)
        {
            _ = AnswerCancelledAsync(answered);
        }
    }

    private async Task AnswerCancelledAsync(TaskCompletionSource answered)
    {
        try
        {
            var why = WhyCancelled();
            _outcome = why.Outcome;
            WriteFailure(why);
            await SendEndAsync();
        }
        catch (Exception broken)
        {
            surroundings.Log.LogDebug(broken, "The end of a cancelled call could not be sent");
        }
        finally
        {
            answered.SetResult();
        }
    }

    private async ValueTask EndCancelledAsync()
    {
        if (_callerGone)
        {
            return;
        }

        if (_flushStuck)
        {
            // The caller does not read: trailers would wait behind what it has not taken.
            Abort();
            return;
        }

        await TryFailAsync(WhyCancelled());
    }

    private Failure WhyCancelled() =>
        surroundings.Stopping.IsCancellationRequested && Method.Shape != MethodShape.Unary
            ? Failure.Stopping
            : Failure.DeadlineExceeded;

    private async ValueTask TryFailAsync(Failure failure)
    {
        try
        {
            await FailAsync(failure);
        }
        catch (Exception broken)
        {
            surroundings.Log.LogDebug(broken, "The failure of a call could not be sent");
            Abort();
        }
    }

    private void Abort()
    {
        const int http2Cancel = 8;
        if (Http.Features.Get<IHttpResetFeature>() is { } stream)
        {
            stream.Reset(http2Cancel);
        }
        else
        {
            Http.Abort();
        }
    }
}
