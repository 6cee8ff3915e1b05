namespace SettlementGrid.Simulation.World;

/// <summary>What a run may bring about; counted, because a simulation in which nothing happens finds nothing.</summary>
enum Happening
{
    Commit,
    CommitBarred,
    QuestionLost,
    RequestLost,
    RequestLate,
    ReplyLost,
    Hang,
    Refused,
    CommitOfTheDead,
    Crash,
    Stop,
    DatabaseRestart,
    ClockJump,
    Import,
    PoisonRow,
    GaveUp,
    NotStarted,
}
