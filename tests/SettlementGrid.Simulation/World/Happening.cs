namespace SettlementGrid.Simulation.World;

/// <summary>What a run may bring about; counted, because a simulation in which nothing happens finds nothing.</summary>
/// <remarks>Those of <see cref="Database.CrashPoint"/> stand together, in its order.</remarks>
enum Happening
{
    Commit,
    CommitInCompany,
    CommitBarred,
    QuestionLost,
    QuestionSwallowed,
    RequestLost,
    RequestLate,
    ReplyLost,
    Hang,
    Refused,
    CommitOfTheDead,
    Crash,
    CrashBeforeSend,
    CrashAfterSend,
    CrashAfterCommit,
    CrashBeforeAnswer,
    Stop,
    DatabaseRestart,
    ClockJump,
    Import,
    Rush,
    PoisonRow,
    GaveUp,
    NotStarted,
}
