using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Reading;
using SettlementGrid.Testing;

namespace SettlementGrid.Ledger.Tests;

/// <summary>Many questions in one statement, without a database.</summary>
public sealed class CoalescedTests
{
    static readonly TimeSpan TooLong = LedgerLimits.ReadingPatience + TimeSpan.FromSeconds(1);

    readonly List<TaskCompletionSource<IReadOnlyList<int>>> _statements = [];

    [Fact]
    public async Task Whoever_waits_behind_a_statement_that_is_never_answered_is_told_with_it()
    {
        var clock = new ManualClock();
        var questions = new Coalesced<int, int>(
            (asked, cancellation) => Reach.Repeated(clock, _ => Ask(asked), cancellation), clock, new AtOnce());
        var answers = Enumerable.Range(0, 3 * LedgerLimits.LookUpMax)
            .Select(question => questions.Ask(question, default)).ToList();
        Assert.Equal(LedgerLimits.LookUpLanes, _statements.Count);

        clock.Advance(LedgerLimits.ReadingPatience);

        foreach (var answer in answers)
            await Assert.ThrowsAsync<LedgerUnavailableException>(() => answer);
        // Nothing is asked for those who were told, and the next one is asked as ever.
        Assert.Equal(LedgerLimits.LookUpLanes, _statements.Count);
        var next = questions.Ask(7, default);
        _statements[^1].SetResult([49]);
        Assert.Equal(49, await next);
    }

    [Fact]
    public async Task A_question_that_waited_too_long_for_its_statement_is_told_so_and_asked_no_more()
    {
        var clock = new Passing();
        var questions = new Coalesced<int, int>((asked, _) => Ask(asked), clock, new AtOnce());
        var underWay = Enumerable.Range(0, LedgerLimits.LookUpLanes)
            .Select(question => questions.Ask(question, default)).ToList();
        var late = questions.Ask(7, default);
        clock.Passed = TooLong;
        var inTime = questions.Ask(8, default);

        _statements[0].SetResult([0]);

        Assert.Equal(0, await underWay[0]);
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => late);
        _statements[^1].SetResult([64]);
        Assert.Equal(64, await inTime);
    }

    [Fact]
    public async Task What_cannot_be_read_fails_those_who_asked_for_it_and_nobody_behind_them()
    {
        var questions = new Coalesced<int, int>((asked, _) => Ask(asked), new ManualClock(), new AtOnce());
        var damaged = Enumerable.Range(0, LedgerLimits.LookUpLanes)
            .Select(question => questions.Ask(question, default)).ToList();
        var behind = questions.Ask(7, default);

        _statements[0].SetException(new InvalidDataException());

        await Assert.ThrowsAsync<InvalidDataException>(() => damaged[0]);
        _statements[^1].SetResult([49]);
        Assert.Equal(49, await behind);
    }

    [Fact]
    public async Task What_the_database_refuses_fails_those_who_asked_for_it_and_nobody_behind_them()
    {
        var clock = new ManualClock();
        var questions = new Coalesced<int, int>(
            (asked, cancellation) => Reach.Repeated(clock, _ => Ask(asked), cancellation), clock, new AtOnce());
        var refused = Enumerable.Range(0, LedgerLimits.LookUpLanes)
            .Select(question => questions.Ask(question, default)).ToList();
        var behind = questions.Ask(7, default);

        _statements[0].SetException(new PostgresException(
            "no rights", "ERROR", "ERROR", PostgresErrorCodes.InsufficientPrivilege));

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => refused[0]);
        _statements[^1].SetResult([49]);
        Assert.Equal(49, await behind);
    }

    Task<IReadOnlyList<int>> Ask(IReadOnlyList<int> asked)
    {
        Assert.NotEmpty(asked);
        _statements.Add(new TaskCompletionSource<IReadOnlyList<int>>());
        return _statements[^1].Task;
    }

    /// <summary>Whatever is ready runs on the thread that made it so.</summary>
    sealed class AtOnce : TaskScheduler
    {
        protected override void QueueTask(Task task) => TryExecuteTask(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }

    /// <summary>Time that passes when it is told to, without timers.</summary>
    sealed class Passing : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
