using SettlementGrid.Enrollees;

namespace SettlementGrid.Grid;

enum Admission { Queued, QueuedFirst, PersonQueueFull, Closed }

/// <summary>
/// The persons of one lock: mailboxes of those who are busy, warm accounts of those who are idle; never both of one
/// person. Every member takes the lock itself and holds it for a few dictionary steps only, never over a turn.
/// </summary>
sealed class Shard(GridBounds bounds, Func<string, Enrollee> cold)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, Mailbox> _busy = new(StringComparer.Ordinal);
    readonly WarmEnrollees _warm = new(bounds.WarmCountMax / bounds.Shards, bounds.WarmBytesMax / bounds.Shards);
    TaskCompletionSource? _idle;
    ShardFigures _figures;

    /// <summary>QueuedFirst: the person was idle; the caller must now start the loop of the mailbox.</summary>
    public Admission Admit(string id, Call call, out Mailbox? mailbox)
    {
        lock (_lock)
        {
            mailbox = null;
            if (_idle is not null)
                return Admission.Closed;
            if (_busy.TryGetValue(id, out mailbox))
            {
                if (mailbox.Waiting >= bounds.PersonQueueMax)
                {
                    _figures.Overloaded++;
                    return Admission.PersonQueueFull;
                }
                mailbox.Add(call);
                return Admission.Queued;
            }
            mailbox = new Mailbox(id) { Enrollee = _warm.Take(id) };
            mailbox.Add(call);
            _busy.Add(id, mailbox);
            return Admission.QueuedFirst;
        }
    }

    /// <summary>The next call in order; null: none waits, and the mailbox is gone (its account is warm now).</summary>
    public Call? TakeNext(Mailbox mailbox)
    {
        TaskCompletionSource? idle;
        lock (_lock)
        {
            if (mailbox.Take() is { } call)
                return call;
            _busy.Remove(mailbox.EnrolleeId);
            if (mailbox.Enrollee is { } enrollee)
                _warm.Put(enrollee);
            idle = _busy.Count == 0 ? _idle : null;
        }
        // Outside the lock: whoever drains may go on right here.
        idle?.TrySetResult();
        return null;
    }

    /// <summary>What the turn runs on; asked after the call began, so a dropped call makes no cold account.</summary>
    public Enrollee Begin(Mailbox mailbox)
    {
        lock (_lock)
        {
            _figures.Turns++;
            if (mailbox.Enrollee is { } enrollee)
                return enrollee;
            _figures.ColdLoads++;
            return mailbox.Enrollee = cold(mailbox.EnrolleeId);
        }
    }

    public void Forget(string id)
    {
        lock (_lock)
        {
            _warm.Take(id);
            if (_busy.TryGetValue(id, out var mailbox))
                mailbox.Enrollee = null;
        }
    }

    /// <summary>Admits nothing from now on; the task ends when no turn runs or waits.</summary>
    public Task Close()
    {
        lock (_lock)
        {
            if (_idle is null)
            {
                _idle = new TaskCompletionSource();
                if (_busy.Count == 0)
                    _idle.SetResult();
            }
            return _idle.Task;
        }
    }

    /// <summary>Answers every waiting call with <paramref name="answer"/>; running turns go on.</summary>
    public void RefuseWaiting(Answer answer)
    {
        lock (_lock)
        {
            // A refused call stays in its queue, where the loop finds it dropped: the loop alone takes calls out.
            foreach (var mailbox in _busy.Values)
                for (var call = mailbox.First; call is not null; call = call.Next)
                    call.Refuse(answer);
        }
    }

    public void CountOverloaded()
    {
        lock (_lock)
            _figures.Overloaded++;
    }

    public ShardFigures Figures
    {
        get
        {
            lock (_lock)
            {
                return _figures with
                {
                    Mailboxes = _busy.Count,
                    Warm = _warm.Count,
                    WarmBytes = _warm.Bytes,
                    Evictions = _warm.Evictions,
                };
            }
        }
    }
}

/// <summary>
/// Counted under the shard's lock, which the hot path holds anyway; read only when somebody measures.
/// </summary>
record struct ShardFigures(
    long Turns, long ColdLoads, long Overloaded, long Evictions, long Mailboxes, long Warm, long WarmBytes);
