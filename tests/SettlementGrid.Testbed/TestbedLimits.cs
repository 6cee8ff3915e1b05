namespace SettlementGrid.Testbed;

/// <summary>Every wait and size of the testbed, each with its reason.</summary>
public static class TestbedLimits
{
    /// <summary>A first start may install PostgreSQL and make a database: minutes on a slow line.</summary>
    public static readonly TimeSpan StartMax = TimeSpan.FromMinutes(3);

    /// <summary>A stop drains for at most 30 s and then stops the database.</summary>
    public static readonly TimeSpan StopMax = TimeSpan.FromSeconds(60);

    /// <summary>A command over a small ledger: seconds; verifying one of ten million facts: minutes.</summary>
    public static readonly TimeSpan CommandMax = TimeSpan.FromMinutes(15);

    /// <summary>One call, whatever became of the server: above its own default deadline of 10 s.</summary>
    public static readonly TimeSpan CallMax = TimeSpan.FromSeconds(20);

    /// <summary>Lines kept of a server's output for a failing test's message.</summary>
    public const int OutputLinesMax = 200;

    /// <summary>Tries to find two free ports that nobody else takes before the server does.</summary>
    public const int PortTriesMax = 5;

    /// <summary>Enrollees in one roster call; the server's own bound.</summary>
    public const int RosterCallMax = 1_000;
}
