namespace SettlementGrid.LoadTest.Peers;

/// <summary>One contestant's figures of one round.</summary>
/// <param name="PerSecond">Settlements acknowledged a second.</param>
/// <param name="P50">Milliseconds; null where single calls are not timed.</param>
/// <param name="Server">Microseconds of processor a settlement, of the program behind the interface.</param>
/// <param name="Database">The same of PostgreSQL.</param>
/// <param name="Generator">The same of who asks; null where it is not counted.</param>
public sealed record PeerRow(
    double PerSecond, double? P50, double? P99, double? Server, double Database, double? Generator)
{
    /// <summary>What else belongs to it, as the number of clients that was best.</summary>
    public string Remark { get; init; } = "";
}

/// <summary>What a contestant's turn ended with.</summary>
public abstract record PeerTurn
{
    PeerTurn()
    {
    }

    public sealed record Measured(PeerRow Row) : PeerTurn;

    /// <summary>It cannot be measured on this machine; the others go on.</summary>
    public sealed record Absent(string Why) : PeerTurn;

    /// <summary>It paid other amounts or lost something: nothing may be shown.</summary>
    public sealed record Failed(string Why) : PeerTurn;
}
