namespace SettlementGrid.Silo.Turns;

/// <summary>
/// One lane a person for the calls of this program, so that they reach the grain in the order they were asked: the
/// runtime promises none. Whoever waits, waits here and can turn back without a message. A lane exists only while it is
/// used.
/// </summary>
/// <param name="waitingMax">Calls behind the one under way.</param>
sealed class Lanes(int waitingMax)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);

    /// <summary>
    /// The last place in the person's lane; null: it is full. To be given to <see cref="Leave"/> in any case.
    /// </summary>
    public Place? Enter(string enrolleeId)
    {
        lock (_lock)
        {
            if (!_lanes.TryGetValue(enrolleeId, out var lane))
                _lanes.Add(enrolleeId, lane = new Lane());
            else if (lane.Places > waitingMax)
                return null;
            lane.Places++;
            return lane.Last = new Place(enrolleeId, lane.Last?.Followed());
        }
    }

    /// <summary>Lets the next one go, as soon as everybody before this place has left too.</summary>
    public void Leave(Place place)
    {
        if (place.Turn.IsCompleted)
            End(place);
        else
            _ = place.Turn.ContinueWith(
                _ => End(place), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
    }

    void End(Place place)
    {
        lock (_lock)
        {
            var lane = _lanes[place.EnrolleeId];
            if (--lane.Places == 0)
                _lanes.Remove(place.EnrolleeId);
        }
        place.End();
    }

    /// <summary>Guarded by the lock.</summary>
    sealed class Lane
    {
        public int Places { get; set; }

        public Place? Last { get; set; }
    }

    /// <summary>A call's place in its lane.</summary>
    /// <param name="before">Ends when the place before is left; null: there is none.</param>
    public sealed class Place(string enrolleeId, Task? before)
    {
        TaskCompletionSource? _left;

        public string EnrolleeId => enrolleeId;

        /// <summary>Ends when it is this place's turn.</summary>
        public Task Turn { get; } = before ?? Task.CompletedTask;

        /// <summary>Under the lock, by the place behind: most places have none, and none of this.</summary>
        public Task Followed() =>
            (_left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void End() => _left?.SetResult();
    }
}
