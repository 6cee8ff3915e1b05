namespace SettlementGrid.Api.Tests;

/// <summary>Whom the door lets in, by a clock that the test moves.</summary>
public sealed class DoorTests
{
    private const double Pace = 1_000;

    // Room for a pace of 1,000 a second: 1,000 calls at a peak, 200 in a crowd.
    private static readonly AdmissionBounds s_bounds =
        new(
            CallsMax: 5_000, CallsFree: 10, CallsForBatches: 10, CallsForProcessors: 10, StreamsMax: 1,
            PaceAtFirst: Pace);

    private static readonly TimeSpan s_usual = ApiLimits.UnaryDeadline;

    private readonly ManualClock _clock = new();
    private readonly Admission _door;

    private TimeSpan _processorsWait;

    public DoorTests() => _door = new Admission(s_bounds, _clock, () => _processorsWait);

    [Fact]
    public void A_peak_may_fill_a_second_of_the_pace_and_no_more()
    {
        Assert.Equal(1_000, LetIn(1_500));
        Assert.Equal(1_000, _door.UnderWay);
        Assert.Equal(TimeSpan.FromSeconds(1), _door.PredictedWait);
    }

    [Fact]
    public void Whoever_waits_less_long_is_refused_where_the_prediction_is_half_of_it()
    {
        Assert.Equal(100, LetIn(1_500, patience: TimeSpan.FromMilliseconds(200)));
        Assert.Equal(900, LetIn(1_500));
    }

    [Fact]
    public void While_few_calls_are_under_way_nobody_is_refused()
    {
        Assert.Equal(10, LetIn(10, patience: TimeSpan.FromTicks(1)));
        Assert.Equal(0, LetIn(1, patience: TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void What_is_let_in_is_bounded_whatever_the_pace()
    {
        var door = new Admission(s_bounds with { PaceAtFirst = 1e9 }, _clock, () => TimeSpan.Zero);

        Assert.Equal(5_000, LetIn(6_000, door: door));
    }

    [Fact]
    public void At_twice_the_pace_all_of_it_is_served_and_soon_and_at_half_of_it_nobody_is_refused()
    {
        var server = new FakeServer(_door, _clock, Pace);

        var first = server.Run(TimeSpan.FromSeconds(5), 2 * Pace);
        var crowd = server.Run(TimeSpan.FromSeconds(20), 2 * Pace);
        var draining = server.Run(TimeSpan.FromSeconds(1), Pace / 2);
        var after = server.Run(TimeSpan.FromSeconds(10), Pace / 2);

        Assert.InRange(first.LongestWait, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1.1));
        Assert.InRange(crowd.Served, 0.99 * 20 * Pace, 20 * Pace);
        Assert.InRange(crowd.LongestWait, TimeSpan.Zero, TimeSpan.FromSeconds(0.25));
        Assert.InRange(draining.Served, 0.6 * Pace, Pace);
        Assert.Equal(0, after.Refused);
        Assert.InRange(after.LongestWait, TimeSpan.Zero, TimeSpan.FromMilliseconds(10));
    }

    [Fact]
    public void A_stall_of_half_a_second_refuses_nobody_and_is_soon_forgotten()
    {
        var server = new FakeServer(_door, _clock, Pace);
        server.Run(TimeSpan.FromSeconds(5), 0.8 * Pace);

        server.PerSecond = 0;
        var stalled = server.Run(TimeSpan.FromSeconds(0.5), 0.8 * Pace);
        server.PerSecond = Pace;
        var after = server.Run(TimeSpan.FromSeconds(5), 0.8 * Pace);

        Assert.Equal(0, stalled.Refused);
        Assert.Equal(0, after.Refused);
    }

    [Fact]
    public void When_the_server_slows_down_the_room_follows_within_seconds()
    {
        var server = new FakeServer(_door, _clock, Pace);
        server.Run(TimeSpan.FromSeconds(5), 2 * Pace);

        server.PerSecond = Pace / 5;
        server.Run(TimeSpan.FromSeconds(5), 2 * Pace);
        var slow = server.Run(TimeSpan.FromSeconds(5), 2 * Pace);

        Assert.InRange(slow.LongestWait, TimeSpan.Zero, TimeSpan.FromSeconds(0.3));
        Assert.InRange(slow.Served, 0.95 * Pace, Pace);
    }

    [Fact]
    public void Calls_that_ran_into_their_deadlines_show_no_pace()
    {
        LetIn(1_000, keep: out var held);
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        foreach (var one in held.AsSpan(0, 500))
            _door.Leave(one, answered: false);
        _clock.Advance(TimeSpan.FromMilliseconds(200));

        // Of the two seconds that are remembered half a one went by without an answer: room for three quarters.
        Assert.Equal(250, LetIn(1_500));
    }

    [Fact]
    public void A_time_in_which_nobody_came_says_nothing_of_the_pace()
    {
        LetIn(20, keep: out var held);
        foreach (var one in held)
            _door.Leave(one, answered: true);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1_000, LetIn(1_500));
    }

    [Fact]
    public void A_batch_takes_as_much_room_as_it_has_requests_and_all_batches_leave_half_to_others()
    {
        Admitted first = default, second = default;
        Assert.True(_door.TryEnter(Row("Settle"), Caller.Local, s_usual, out first));
        Assert.True(_door.TryEnter(Row("Settle"), Caller.Local, s_usual, out second));

        Assert.True(_door.TryGrow(ref first, 400));
        Assert.False(_door.TryGrow(ref second, 400));

        Assert.Equal(401, _door.UnderWay);
        Assert.Equal(599, LetIn(1_500));
        _door.Leave(first, answered: true);
        _door.Leave(second, answered: true);
        Assert.Equal(599, _door.UnderWay);
    }

    [Fact]
    public void Where_many_settle_one_by_one_batches_take_half_of_a_crowds_room()
    {
        Assert.True(_door.TryEnter(Row("SettleMany"), Caller.Local, s_usual, out var first));
        Assert.True(_door.TryEnter(Row("SettleMany"), Caller.Local, s_usual, out var second));
        Assert.Equal(20, LetIn(20));

        Assert.True(_door.TryGrow(ref first, 90));
        Assert.False(_door.TryGrow(ref second, 90));
    }

    [Fact]
    public void Batch_comes_in_as_one_call_however_many_wait_for_settling_one_by_one()
    {
        LetIn(1_500);

        Assert.True(_door.TryEnter(Row("SettleMany"), Caller.Local, s_usual, out _));
    }

    [Fact]
    public void While_single_bills_are_refused_batches_come_one_at_a_time()
    {
        Assert.True(_door.TryEnter(Row("SettleMany"), Caller.Local, s_usual, out var first));
        Assert.True(_door.TryEnter(Row("SettleMany"), Caller.Local, s_usual, out var second));
        LetIn(1_500);

        Assert.True(_door.TryGrow(ref first, 60));
        Assert.False(_door.TryGrow(ref second, 30));
        _clock.Advance(2 * ApiLimits.BatchesYieldFor);
        Assert.True(_door.TryGrow(ref second, 30));
    }

    [Fact]
    public void Where_the_processors_queue_stands_the_room_shrinks_and_grows_again_when_it_is_short()
    {
        var server = new FakeServer(_door, _clock, Pace);
        _processorsWait = 10 * ApiLimits.ProcessorWait;
        var first = server.Run(TimeSpan.FromSeconds(1), 2 * Pace);
        var shrunk = server.Run(TimeSpan.FromSeconds(5), 2 * Pace);
        _processorsWait = TimeSpan.Zero;
        server.Run(TimeSpan.FromSeconds(5), 2 * Pace);
        var grown = server.Run(TimeSpan.FromSeconds(5), 2 * Pace);

        Assert.InRange(first.LongestWait, TimeSpan.Zero, TimeSpan.FromSeconds(0.3));
        Assert.InRange(shrunk.LongestWait, TimeSpan.Zero, 1.5 * ApiLimits.WaitShort);
        Assert.InRange(shrunk.Served, 0.99 * 5 * Pace, 5 * Pace);
        Assert.InRange(grown.LongestWait, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(1.1));
    }

    [Fact]
    public void The_room_does_not_shrink_for_a_queue_that_others_make()
    {
        var room = new ProcessorRoom(s_bounds);
        for (var slot = 0; slot < 1_000; slot++)
        {
            // Half of the pace is lost wherever fewer than 400 are under way.
            room.Look(10 * ApiLimits.ProcessorWait, Math.Min(room.Calls, 2_000), room.Calls < 400 ? Pace / 2 : Pace);
        }

        var calls = 0L;
        for (var slot = 0; slot < 1_000; slot++)
        {
            room.Look(10 * ApiLimits.ProcessorWait, Math.Min(room.Calls, 2_000), room.Calls < 400 ? Pace / 2 : Pace);
            calls += room.Calls;
        }

        Assert.InRange(calls / 1_000, 150, 2_000);
    }

    [Fact]
    public void What_the_processors_queue_was_is_forgotten_after_a_pause()
    {
        var server = new FakeServer(_door, _clock, Pace);
        _processorsWait = 10 * ApiLimits.ProcessorWait;
        server.Run(TimeSpan.FromSeconds(5), 2 * Pace);
        server.Run(TimeSpan.FromSeconds(5), 0);

        _processorsWait = TimeSpan.Zero;
        Assert.InRange(LetIn(1_500), 900, 1_000);
    }

    [Fact]
    public void One_facility_takes_half_of_a_crowded_room_at_the_most()
    {
        var greedy = new Caller("k1", Roles.Hospital, "H1");
        // Of a thousand processes one gives these two the same slot by its own hash: then they share a half.
        var other = Enumerable.Range(2, 100).Select(i => new Caller("k2", Roles.Hospital, $"H{i}"))
            .First(caller => Admission.ShareOf(caller) != Admission.ShareOf(greedy));

        Assert.Equal(500, LetIn(1_500, greedy));
        Assert.Equal(500, LetIn(1_500, other));
    }

    [Fact]
    public void Streams_have_a_bound_of_their_own_and_no_part_in_the_prediction()
    {
        Assert.True(_door.TryEnter(Row("WatchPositions", "Fund"), Caller.Local, s_usual, out var stream));
        Assert.False(_door.TryEnter(Row("WatchPositions", "Fund"), Caller.Local, s_usual, out _));

        Assert.Equal(0, _door.UnderWay);
        Assert.Equal(1_000, LetIn(1_500));
        _door.Leave(stream, answered: true);
        Assert.Equal(0, _door.Streams);
    }

    [Fact]
    public void Whoever_waits_for_its_body_takes_no_room_and_asks_for_it_again()
    {
        Assert.Equal(1_000, LetIn(1_500, out var held));
        var settle = Row("Settle");

        Assert.True(_door.TryStandAside(ref held[0]));
        Assert.True(_door.TryStandAside(ref held[0]));
        Assert.Equal((999, 1), (_door.UnderWay, _door.Arriving));
        Assert.True(_door.TryReturn(settle, s_usual, ref held[0]));
        Assert.Equal((1_000, 0), (_door.UnderWay, _door.Arriving));

        Assert.True(_door.TryStandAside(ref held[1]));
        Assert.Equal(1, LetIn(5));
        Assert.False(_door.TryReturn(settle, s_usual, ref held[1]));
        _door.Leave(held[1], answered: false);
        Assert.Equal((1_000, 0), (_door.UnderWay, _door.Arriving));
    }

    [Fact]
    public void Whoever_leaves_while_it_waits_for_its_body_gives_back_no_room_that_it_had_not()
    {
        Assert.Equal(1_000, LetIn(1_500, out var held));

        Assert.True(_door.TryStandAside(ref held[0]));
        _door.Leave(held[0], answered: false);

        Assert.Equal((999, 0), (_door.UnderWay, _door.Arriving));
    }

    [Fact]
    public void Calls_that_wait_for_their_bodies_have_a_bound_of_their_own()
    {
        var door = new Admission(s_bounds with { ArrivingMax = 1 }, _clock, () => TimeSpan.Zero);
        Assert.True(door.TryEnter(Row("Settle"), Caller.Local, s_usual, out var first));
        Assert.True(door.TryEnter(Row("Settle"), Caller.Local, s_usual, out var second));

        Assert.True(door.TryStandAside(ref first));
        Assert.False(door.TryStandAside(ref second));
        door.Leave(second, answered: false);

        Assert.Equal((0, 1), (door.UnderWay, door.Arriving));
    }

    [Fact]
    public void Probes_hold_nothing_and_are_always_let_in()
    {
        LetIn(1_500);
        var probe = Table().Find("/grpc.health.v1.Health/Check")!;

        Assert.True(_door.TryEnter(probe, Caller.Nobody, s_usual, out var admitted));
        Assert.Equal(default, admitted);
    }

    private static MethodTable Table() =>
        MethodTable.Of(new FakeHandlers().ToHandlers(), () => true, TimeProvider.System);

    private static Method Row(string method, string service = "Settlement") =>
        Table().Find($"/settlementgrid.v1.{service}Service/{method}")!;

    private int LetIn(int calls, Caller? caller = null, TimeSpan? patience = null, Admission? door = null)
    {
        var (settle, before) = (Row("Settle"), (door ?? _door).UnderWay);
        for (var i = 0; i < calls; i++)
            (door ?? _door).TryEnter(settle, caller ?? Caller.Local, patience ?? s_usual, out _);
        return (door ?? _door).UnderWay - before;
    }

    private int LetIn(int calls, out Admitted[] keep)
    {
        var (settle, held) = (Row("Settle"), new List<Admitted>());
        for (var i = 0; i < calls; i++)
        {
            if (_door.TryEnter(settle, Caller.Local, s_usual, out var admitted))
                held.Add(admitted);
        }

        keep = [.. held];
        return keep.Length;
    }

    /// <summary>Serves whom the door lets in, first come first served, so many a second.</summary>
    private sealed class FakeServer(Admission door, ManualClock clock, double perSecond)
    {
        private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(1);
        private static readonly Method s_settle = Row("Settle");

        private readonly Queue<(DateTimeOffset Since, Admitted Held)> _queue = new();
        private double _mayServe;
        private double _mayArrive;

        public double PerSecond { get; set; } = perSecond;

        public (int Served, int Refused, TimeSpan LongestWait) Run(TimeSpan time, double arrivals)
        {
            var (served, refused, longest) = (0, 0, TimeSpan.Zero);
            for (var until = clock.GetUtcNow() + time; clock.GetUtcNow() < until; clock.Advance(s_step))
            {
                for (_mayArrive += arrivals * s_step.TotalSeconds; _mayArrive >= 1; _mayArrive--)
                {
                    if (door.TryEnter(s_settle, Caller.Local, s_usual, out var held))
                        _queue.Enqueue((clock.GetUtcNow(), held));
                    else
                        refused++;
                }

                // An idle server saves nothing up.
                _mayServe = Math.Min(_mayServe + (PerSecond * s_step.TotalSeconds), _queue.Count + 0.99);
                for (; _mayServe >= 1; _mayServe--, served++)
                {
                    var (since, held) = _queue.Dequeue();
                    longest = clock.GetUtcNow() - since is var wait && wait > longest ? wait : longest;
                    door.Leave(held, answered: true);
                }
            }

            return (served, refused, longest);
        }
    }
}
