namespace SettlementGrid.Simulation;

/// <summary>Every bound of a simulated run, each with its reason.</summary>
static class SimulationLimits
{
    /// <summary>A run takes some 5,000 steps; one that takes so many more has hung or spins.</summary>
    public const long StepsMax = 400_000;

    /// <summary>Two: what goes wrong between servers goes wrong between two.</summary>
    public const int Servers = 2;

    public const int Hospitals = 4;

    /// <summary>
    /// Between two calls of a hospital, by seed: quiet ones let the agency in between, crowded ones fill batches.
    /// </summary>
    public static readonly int[] PauseMilliseconds = [200, 200, 20, 4];

    /// <summary>Few, so that encounters are met again, by other persons and other callers.</summary>
    public const int EncounterCount = 12;

    /// <summary>
    /// More than <see cref="Ledger.LedgerLimits.SecondBatchRows"/>: a second writer sets out beside the first.
    /// </summary>
    public const int ImportPersons = 70;

    /// <summary>
    /// A crowd comes within so long: some ten commits, and as often as a plan is replaced meanwhile by another server.
    /// </summary>
    public const int RushMilliseconds = 40;

    /// <summary>
    /// Slots of a server's table of known versions; the shipped table of 16 MB would be most of a run's time.
    /// </summary>
    public const uint KnownVersions = 64;

    /// <summary>
    /// Places in a server's table of known request keys: so few that retries are met by appends as well as by looks.
    /// </summary>
    public const int KnownRequests = 8;

    /// <summary>Longer than anything that was under way when the world healed may still take.</summary>
    public const int HealMilliseconds = 90_000;

    /// <summary>PostgreSQL comes back within some five seconds after a crash.</summary>
    public const int RestartMillisecondsMax = 6_000;

    /// <summary>
    /// So long the driver waits for a line that swallows everything: a statement's time, and another line to cancel it.
    /// </summary>
    public const int SwallowedMilliseconds = 20_000;

    /// <summary>A caller asks again this often before it leaves the question open until the world heals.</summary>
    public const int PersistMax = 40;

    /// <summary>In a world without faults every open question is answered by then.</summary>
    public const int HealedTriesMax = 20;

    /// <summary>Lines of a failing seed's history that a sweep shows; --seed shows all.</summary>
    public const int HistoryLinesShown = 60;
}
