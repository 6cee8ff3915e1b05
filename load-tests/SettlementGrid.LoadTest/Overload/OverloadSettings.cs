namespace SettlementGrid.LoadTest.Overload;

/// <summary>What an overload run does besides what every run does.</summary>
/// <param name="Load">Persons, seed, connections and files; its server is an own one, whose metrics are read.</param>
/// <param name="Lasts">How long twice the knee arrives.</param>
/// <param name="Knee">Settlements a second that the server sustains; 0: to be found first.</param>
/// <param name="Retries">Whether a refused bill is sent again later, as a hospital does.</param>
public sealed record OverloadSettings(LoadSettings Load, TimeSpan Lasts, double Knee, bool Retries)
{
    /// <summary>Where nothing else is said.</summary>
    public const int UsualSeconds = 60;

    /// <summary>
    /// Enough streams that calls wait at the server's door and not in this generator: 8,192 of them, where a crowd that
    /// stays has a fifth of a second, at 20,000 to 30,000 settlements a second.
    /// </summary>
    public const int UsualConnections = 32;

    /// <summary>Keeps every batch of the server full; the most that a second is settled is the knee.</summary>
    const int KneeInFlight = 512;

    /// <summary>The runtime compiles the server's busiest code a second time in the first ten seconds.</summary>
    public TimeSpan KneeWarmUp { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan KneeLasts { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Half the knee before: what is normal, until its slowest half second means something; more than 1 s.
    /// </summary>
    public TimeSpan NormalLasts { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>And after: six times what recovering may take.</summary>
    public TimeSpan RecoveryLasts { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How the knee is found, before and once more after: a closed loop without waiting of its own.</summary>
    public LoadSettings ForKnee => Load with
    {
        Measured = KneeLasts,
        WarmUp = Load.WarmUp > KneeWarmUp ? Load.WarmUp : KneeWarmUp,
        InFlight = KneeInFlight,
        Rate = 0,
        DuplicatePercent = 0,
    };

    public IReadOnlyList<Phase> PhasesAt(double knee) =>
    [
        new("half the knee, before", NormalLasts, knee / 2),
        new("twice the knee", Lasts, knee * 2),
        new("half the knee, after", RecoveryLasts, knee / 2),
    ];

    /// <summary>What is wrong with the settings, or null.</summary>
    public string? Fault() =>
        Load.Server is not null ? "--overload reads its own server's metrics: leave --server out"
        : Load.IsMany || Load.IsOpen ? "--overload chooses its own rates: leave --rate and --many out"
        : Lasts <= TimeSpan.Zero ? "--overload takes a number of seconds above 0"
        : Knee is < 0 or > LoadLimits.RateMax / 2 ? $"--knee is 0 to {LoadLimits.RateMax / 2}"
        : Load.Connections * LoadLimits.InFlightPerConnectionMax < KneeInFlight
            ? $"--connections must allow {KneeInFlight} calls in flight"
        : Load.Fault();
}

/// <summary>A time of Poisson arrivals at one rate.</summary>
/// <param name="Rate">Arrivals a second.</param>
public sealed record Phase(string Name, TimeSpan Lasts, double Rate);
