using System.Net;
using System.Runtime.InteropServices;

namespace SettlementGrid.Api;

/// <summary>What a call holds of the room; nothing, where it is the default.</summary>
/// <param name="Units">Settlements it asks for at the most: 1, or as many as a batch has.</param>
/// <param name="Share">1 + the slot of its facility, or of a probe's address; 0: it speaks for no single one.</param>
/// <param name="IsAside">It waits for its body and holds no room meanwhile.</param>
/// <param name="IsProbe">It is a stream that needs no caller.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Admitted(
    int Units, int Share, bool IsStream, bool IsAside = false, bool IsProbe = false);

/// <summary>
/// The door: bounds what all calls of the process hold together. Full means OVERLOADED at once, before the body is
/// read; nobody waits here, and who was let in stays in.
/// <para>
/// How long a call would wait is predicted by Little's law: what is under way, divided by how much ended a second
/// (<see cref="Pace"/>). It must be within half of what the caller's deadline leaves (the prediction may be wrong by
/// as much), and short in itself. A peak may fill a second: refusing it would help nobody. Where calls have waited for
/// long all the same, more comes than can be done, and a queue would only make every answer late: the room shrinks to
/// a fifth of a second until the crowd has gone. Where it is the processors that cannot keep up, their own queue tells
/// sooner (<see cref="ProcessorRoom"/>). So it is the time in the queue that is controlled, as CoDel does, but at the
/// door, where refusing costs least.
/// </para>
/// <para>
/// A call whose body is still to come waits for its caller and not for the server, and so stands aside: it has no part
/// in what is predicted, and asks for its room again when the body is there. Otherwise a thousand callers who send a
/// byte a second would keep everybody else out.
/// </para>
/// Safe from any thread; the counts may overshoot for a moment by callers that are about to be refused, never by calls
/// that are served.
/// </summary>
/// <param name="processorsWait">The shortest wait in the processors' queue since it was asked last.</param>
internal sealed class Admission(AdmissionBounds bounds, TimeProvider clock, Func<TimeSpan> processorsWait)
{
    // Facilities share slots by their hash: two that meet share one's half, which is still more than they need.
    private const int Shares = 1_024;
    private const long Never = long.MinValue;

    private readonly int[] _shares = new int[Shares + 1];
    private readonly Pace _pace = new(clock, bounds.PaceAtFirst);
    private readonly ProcessorRoom _processors = new(bounds);
    private readonly ProbeStreams _probes = new(bounds.ProbeStreamsMax);
    private int _calls;
    private int _batchUnits;
    private int _streams;
    private int _arriving;
    private long _bytes;
    private long _answerBytes;
    private long _crowdedSince = Never;
    private long _refusedAt = Never;

    /// <summary>Unary calls under way, a batch as many as it has requests.</summary>
    public int UnderWay => Volatile.Read(ref _calls) + Volatile.Read(ref _batchUnits);

    /// <summary>Callers' streams under way.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Streams under way that need no caller.</summary>
    public int ProbeStreams => _probes.UnderWay;

    /// <summary>Unary calls that were let in and whose body is still to come.</summary>
    public int Arriving => Volatile.Read(ref _arriving);

    /// <summary>What a call that comes now would wait.</summary>
    public TimeSpan PredictedWait => TimeSpan.FromSeconds(UnderWay / Math.Max(1, _pace.Last));

    /// <summary>How many calls the processors' queue allows.</summary>
    public int ProcessorRoom => _processors.Calls;

    /// <summary>
    /// Admits a call, to <see cref="Leave"/> when it has ended. Unary probes are always let in: an orchestrator would
    /// kill a server for being busy. Streams of anyone last an hour and have a bound of their own.
    /// </summary>
    /// <param name="patience">From now to its deadline.</param>
    /// <param name="from">Where a call comes from that needs no caller.</param>
    public bool TryEnter(
        Method method, Caller caller, TimeSpan patience, out Admitted admitted, IPAddress? from = null)
    {
        admitted = default;
        if (method.Shape == MethodShape.Unary)
        {
            return method.IsForAnyone || TryEnter(ShareOf(caller), patience, method.IsBatch, ref admitted);
        }

        if (method.IsForAnyone)
        {
            if (!_probes.TryEnter(from, out var share))
            {
                return false;
            }

            admitted = new Admitted(0, share, IsStream: true, IsProbe: true);
            return true;
        }

        if (Interlocked.Increment(ref _streams) > bounds.StreamsMax)
        {
            Interlocked.Decrement(ref _streams);
            return false;
        }

        admitted = new Admitted(0, 0, IsStream: true);
        return true;
    }

    /// <summary>
    /// Makes a call that was let in as one a batch of so many units. False: there is no room for them, and it still
    /// holds its one. All batches together leave half of the room to those who settle one by one, and come one at a
    /// time while such are refused. Where nobody does, the room is that of a peak: a batch can wait, and large
    /// commits are what makes it cheap.
    /// </summary>
    public bool TryGrow(ref Admitted admitted, int units)
    {
        var more = units - admitted.Units;
        if (more <= 0 || admitted.Units == 0)
        {
            return true;
        }

        var inBatches = Interlocked.Add(ref _batchUnits, more);
        var calls = Volatile.Read(ref _calls);
        Look(clock.GetTimestamp(), calls);
        var refusedAt = Volatile.Read(ref _refusedAt);
        var yields = refusedAt != Never && clock.GetElapsedTime(refusedAt) < bounds.BatchesYieldFor;
        var wait = calls > bounds.CallsFree ? bounds.WaitInCrowd : bounds.WaitAtPeak;
        if (inBatches > (yields ? more : Within(wait) / 2))
        {
            Interlocked.Add(ref _batchUnits, -more);
            return false;
        }

        admitted = admitted with { Units = units };
        return true;
    }

    /// <summary>
    /// To be asked before waiting for the body: the call's room is others' until <see cref="TryReturn"/>. False: too
    /// many wait already, and it still holds its room.
    /// </summary>
    public bool TryStandAside(ref Admitted admitted)
    {
        if (admitted.Units == 0 || admitted.IsAside)
        {
            return true;
        }

        if (Interlocked.Increment(ref _arriving) > bounds.ArrivingMax)
        {
            Interlocked.Decrement(ref _arriving);
            return false;
        }

        GiveBack(admitted.Share);
        admitted = admitted with { IsAside = true };
        return true;
    }

    /// <summary>The body is there. False: meanwhile there is no room for the call, and it holds none.</summary>
    /// <param name="patience">From now to its deadline.</param>
    public bool TryReturn(Method method, TimeSpan patience, ref Admitted admitted)
    {
        if (!admitted.IsAside)
        {
            return true;
        }

        Interlocked.Decrement(ref _arriving);
        var share = admitted.Share;
        admitted = default;
        return TryEnter(share, patience, method.IsBatch, ref admitted);
    }

    /// <param name="answered">Whether the server did what was asked: what ran into its deadline shows no pace.</param>
    public void Leave(in Admitted admitted, bool answered)
    {
        if (admitted.IsProbe)
        {
            _probes.Leave(admitted.Share);
        }
        else if (admitted.IsStream)
        {
            Interlocked.Decrement(ref _streams);
        }
        else if (admitted.IsAside)
        {
            Interlocked.Decrement(ref _arriving);
        }
        else if (admitted.Units > 0)
        {
            GiveBack(admitted.Share);
            if (admitted.Units > 1)
            {
                Interlocked.Add(ref _batchUnits, 1 - admitted.Units);
            }

            if (answered)
            {
                _pace.Count(admitted.Units);
            }
        }
    }

    /// <summary>Takes room for the bytes of a message that has not arrived whole.</summary>
    public bool TryHold(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= bounds.BytesMax)
        {
            return true;
        }

        GiveBackBytes(bytes);
        return false;
    }

    public void GiveBackBytes(int bytes)
    {
        if (bytes > 0)
        {
            Interlocked.Add(ref _bytes, -bytes);
        }
    }

    /// <summary>
    /// Takes room for the bytes of a large answer until its caller has taken them; a small one has none.
    /// </summary>
    public bool TryHoldAnswer(int bytes)
    {
        if (bytes == 0 || Interlocked.Add(ref _answerBytes, bytes) <= bounds.AnswerBytesWaitingMax)
        {
            return true;
        }

        GiveBackAnswer(bytes);
        return false;
    }

    public void GiveBackAnswer(int bytes) => Interlocked.Add(ref _answerBytes, -bytes);

    /// <summary>1 + the slot that counts the caller's facility; 0: it speaks for no single one.</summary>
    internal static int ShareOf(Caller caller) => caller.FacilityId.Length == 0
        ? 0
        : 1 + (int)((uint)string.GetHashCode(caller.FacilityId, StringComparison.Ordinal) % Shares);

    // Whether a batch has room is asked when it is known how many it has (TryGrow).
    private bool TryEnter(int share, TimeSpan patience, bool isBatch, ref Admitted admitted)
    {
        var calls = Interlocked.Increment(ref _calls);
        var ofFacility = share == 0 ? 0 : Interlocked.Increment(ref _shares[share]);
        if (isBatch ? calls > bounds.CallsMax : calls > bounds.CallsFree && !HasRoom(calls, ofFacility, patience))
        {
            GiveBack(share);
            return false;
        }

        admitted = new Admitted(1, share, IsStream: false);
        return true;
    }

    private void GiveBack(int share)
    {
        Interlocked.Decrement(ref _calls);
        if (share != 0)
        {
            Interlocked.Decrement(ref _shares[share]);
        }
    }

    private bool HasRoom(int calls, int ofFacility, TimeSpan patience)
    {
        var now = clock.GetTimestamp();
        Look(now, calls);
        var underWay = calls + Volatile.Read(ref _batchUnits);
        var longest = IsCrowded(underWay, now) ? bounds.WaitInCrowd : bounds.WaitAtPeak;
        var room = Within(patience / 2 < longest ? patience / 2 : longest);
        if (underWay <= room && calls <= _processors.Calls
            && ofFacility <= Math.Max(bounds.CallsFree, Math.Min(room, _processors.Calls) / 2))
        {
            return true;
        }

        Volatile.Write(ref _refusedAt, now);
        return false;
    }

    /// <summary>Once a slot: what ended in it, and how long the processors' queue was.</summary>
    private void Look(long now, int calls)
    {
        if (!_pace.TryEnd(now, out var afterPause))
        {
            return;
        }

        if (afterPause)
        {
            _processors.Reset();
            Volatile.Write(ref _crowdedSince, Never);
        }

        _processors.Look(processorsWait(), calls, _pace.Newest);
    }

    private bool IsCrowded(int underWay, long now)
    {
        var (usual, since) = (Within(bounds.WaitInCrowd), Volatile.Read(ref _crowdedSince));
        if (underWay > usual && since == Never)
        {
            Volatile.Write(ref _crowdedSince, since = now);
        }
        else if (underWay <= usual / 2 && since != Never)
        {
            // Not at the first call that finds room: batches leave in hundreds while the crowd is still at the door.
            Volatile.Write(ref _crowdedSince, since = Never);
        }

        return since != Never && clock.GetElapsedTime(since, now) >= bounds.CrowdAfter;
    }

    private int Within(TimeSpan wait) =>
        (int)Math.Clamp(wait.TotalSeconds * _pace.Last, bounds.CallsForBatches, bounds.CallsMax);
}
