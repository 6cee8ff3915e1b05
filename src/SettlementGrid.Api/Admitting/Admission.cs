using System.Runtime.InteropServices;

namespace SettlementGrid.Api;

/// <summary>What a call holds of the room; nothing, where it is the default.</summary>
/// <param name="Units">Settlements it asks for at the most: 1, or as many as a batch has.</param>
/// <param name="Share">1 + the slot of its facility; 0: it speaks for no single one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Admitted(int Units, int Share, bool IsStream);

/// <summary>
/// The door: bounds what all calls of the process hold together. Full means OVERLOADED at once, before the body is
/// read; nobody waits here, and who was let in stays in.
/// <para>
/// How long a call would wait is predicted by Little's law: calls under way, divided by how many ended a second
/// (<see cref="Pace"/>). It must be within half of what the caller's deadline leaves (the prediction may be wrong by
/// as much), and short in itself. A peak may fill a second: refusing it would help nobody. Where calls have waited for
/// long all the same, more comes than can be done, and a queue would only make every answer late: the room shrinks to
/// a fifth of a second until the crowd has gone. So it is the time in the queue that is controlled, as CoDel does, but
/// at the door, where refusing costs least.
/// </para>
/// Safe from any thread; the counts may overshoot for a moment by callers that are about to be refused, never by calls
/// that are served.
/// </summary>
internal sealed class Admission(AdmissionBounds bounds, TimeProvider clock)
{
    // Facilities share slots by their hash: two that meet share one's half, which is still more than they need.
    private const int Shares = 1_024;
    private const long NoCrowd = long.MinValue;

    private readonly int[] _shares = new int[Shares + 1];
    private readonly Pace _pace = new(clock, bounds.PaceAtFirst);
    private int _units;
    private int _batchUnits;
    private int _streams;
    private long _bytes;
    private long _crowdedSince = NoCrowd;

    /// <summary>Unary calls under way, a batch as many as it has requests.</summary>
    public int UnderWay => Volatile.Read(ref _units);

    public int Streams => Volatile.Read(ref _streams);

    /// <summary>What a call that comes now would wait.</summary>
    public TimeSpan PredictedWait => TimeSpan.FromSeconds(UnderWay / Math.Max(1, _pace.Last));

    /// <summary>Admits a call, to <see cref="Leave"/> when it has ended. Probes are always let in.</summary>
    /// <param name="patience">From now to its deadline.</param>
    public bool TryEnter(Method method, Caller caller, TimeSpan patience, out Admitted admitted)
    {
        admitted = default;
        if (method.Roles == Roles.Anyone)
        {
            return true;
        }

        if (method.Shape == MethodShape.Unary)
        {
            return TryTake(1, ShareOf(caller), patience, ref admitted);
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
    /// holds its one. All batches together leave half of the room to those who settle one by one.
    /// </summary>
    public bool TryGrow(ref Admitted admitted, int units, TimeSpan patience)
    {
        var more = units - admitted.Units;
        if (more <= 0 || admitted.Units == 0)
        {
            return true;
        }

        var inBatches = Interlocked.Add(ref _batchUnits, more);
        if (UnderWay + more <= bounds.CallsFree || inBatches <= Room(UnderWay, patience) / 2)
        {
            if (TryTake(more, admitted.Share, patience, ref admitted))
            {
                return true;
            }
        }

        Interlocked.Add(ref _batchUnits, -more);
        return false;
    }

    /// <param name="answered">Whether the server did what was asked: what ran into its deadline shows no pace.</param>
    public void Leave(in Admitted admitted, bool answered)
    {
        if (admitted.IsStream)
        {
            Interlocked.Decrement(ref _streams);
        }
        else if (admitted.Units > 0)
        {
            GiveBack(admitted.Units, admitted.Share);
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

        GiveBack(bytes);
        return false;
    }

    public void GiveBack(int bytes)
    {
        if (bytes > 0)
        {
            Interlocked.Add(ref _bytes, -bytes);
        }
    }

    private static int ShareOf(Caller caller) => caller.FacilityId.Length == 0
        ? 0
        : 1 + (int)((uint)string.GetHashCode(caller.FacilityId, StringComparison.Ordinal) % Shares);

    private bool TryTake(int units, int share, TimeSpan patience, ref Admitted admitted)
    {
        var underWay = Interlocked.Add(ref _units, units);
        var ofFacility = share == 0 ? 0 : Interlocked.Add(ref _shares[share], units);
        if (underWay > bounds.CallsFree)
        {
            var room = Room(underWay, patience);
            if (underWay > room || ofFacility > room / 2)
            {
                GiveBack(units, share);
                return false;
            }
        }
        else if (underWay <= bounds.CallsFree / 2 && Volatile.Read(ref _crowdedSince) != NoCrowd)
        {
            Volatile.Write(ref _crowdedSince, NoCrowd);
        }

        admitted = admitted with { Units = admitted.Units + units, Share = share };
        return true;
    }

    private void GiveBack(int units, int share)
    {
        Interlocked.Add(ref _units, -units);
        if (share != 0)
        {
            Interlocked.Add(ref _shares[share], -units);
        }
    }

    /// <summary>How many may be under way together with a call that waits as long as its patience.</summary>
    private int Room(int underWay, TimeSpan patience)
    {
        var now = clock.GetTimestamp();
        var pace = _pace.At(now);
        var inCrowd = Within(bounds.WaitInCrowd, pace);
        var since = Volatile.Read(ref _crowdedSince);
        if (underWay > inCrowd)
        {
            if (since == NoCrowd)
            {
                Volatile.Write(ref _crowdedSince, since = now);
            }
        }
        else if (underWay <= inCrowd / 2 && since != NoCrowd)
        {
            // Not at the first call that finds room: batches leave in hundreds while the crowd is still at the door.
            Volatile.Write(ref _crowdedSince, since = NoCrowd);
        }

        var crowded = since != NoCrowd && clock.GetElapsedTime(since, now) >= bounds.CrowdAfter;
        var longest = crowded ? bounds.WaitInCrowd : bounds.WaitAtPeak;
        return Math.Min(bounds.CallsMax, Within(patience / 2 < longest ? patience / 2 : longest, pace));
    }

    private int Within(TimeSpan wait, double pace) =>
        (int)Math.Clamp(wait.TotalSeconds * pace, bounds.CallsFree, bounds.CallsMax);
}
