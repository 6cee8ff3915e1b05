namespace SettlementGrid.LoadTest;

/// <summary>What one run does; the same settings give the same bills in the same order of numbers.</summary>
public sealed record LoadSettings
{
    /// <summary>What a closed loop may reach; it bounds how often one person is drawn.</summary>
    const double ClosedRateMax = 25_000;

    /// <summary>The same of SettleMany.</summary>
    const double ManyRateMax = 50_000;

    /// <summary>The gRPC address of a running server; null: one of its own on fresh data.</summary>
    public Uri? Server { get; init; }

    /// <summary>The data folder of the own server, kept afterwards; null: a fresh one, deleted afterwards.</summary>
    public string? Data { get; init; }

    /// <summary>Persons ROSTER-P0000000 and so on are there already; null: they are put on the roster first.</summary>
    public string? Roster { get; init; }

    /// <summary>Where accounts are when a bill comes.</summary>
    public AccountsAre Accounts { get; init; }

    /// <summary>How long is measured.</summary>
    public required TimeSpan Measured { get; init; }

    /// <summary>How long the same load runs before: code is compiled, caches fill.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Arrivals a second (at the peak of a day's curve); 0: closed loop, as fast as answers come.</summary>
    public double Rate { get; init; }

    /// <summary>Whether arrivals follow a hospital day's curve, spread over the run.</summary>
    public bool Day { get; init; }

    /// <summary>Calls under way at any moment; in an open loop the most there may be.</summary>
    public required int InFlight { get; init; }

    /// <summary>Bills in one call of SettleMany; 0: unary calls.</summary>
    public int Many { get; init; }

    public required int Connections { get; init; }

    public required int Persons { get; init; }

    public required int Seed { get; init; }

    /// <summary>How many of 100 steps repeat an acknowledged one, as a hospital does after a time-out.</summary>
    public required int DuplicatePercent { get; init; }

    /// <summary>How many of 100 steps preview and then settle with the preview's token.</summary>
    public int PreviewPercent { get; init; }

    /// <summary>How many of 100 steps reverse an acknowledged settlement.</summary>
    public int ReversalPercent { get; init; }

    /// <summary>Runs to be made one after another, each beside controls; 0: one run without.</summary>
    public int Repeat { get; init; }

    /// <summary>Servers on one database, measured beside one; 1: no such comparison.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>A Markdown file to write.</summary>
    public FileInfo? Report { get; init; }

    /// <summary>A JSON file to write.</summary>
    public FileInfo? Json { get; init; }

    public bool IsOpen => Rate > 0;

    public bool IsMany => Many > 0;

    public double ExpectedRate => IsOpen ? Rate : IsMany ? ManyRateMax : ClosedRateMax;

    public TimeSpan Lasts => WarmUp + Measured;

    public string InWords => IsOpen ? $"settling {Rate:n0} arrivals a second{(Day ? " at the peak of a day" : "")}"
        : IsMany ? $"settling {Many} bills a call, {InFlight} calls in flight"
        : $"settling with {InFlight} in flight";

    /// <summary>What is wrong with the settings, or null.</summary>
    public string? Fault() =>
        InFlight is < 1 or > LoadLimits.InFlightMax ? $"--inflight is 1 to {LoadLimits.InFlightMax}"
        : Connections < 1 || InFlight > Connections * LoadLimits.InFlightPerConnectionMax
            ? $"--connections must give each at most {LoadLimits.InFlightPerConnectionMax} calls in flight"
        : Measured <= TimeSpan.Zero ? "--seconds must be above 0"
        : Repeat is < 0 or > LoadLimits.RepeatMax ? $"--repeat is 1 to {LoadLimits.RepeatMax}"
        : Servers is < 1 or > LoadLimits.ServersMax ? $"--servers is 1 to {LoadLimits.ServersMax}"
        : Servers > Connections ? "--connections must give each server one"
        : Servers > 1 && Server is not null ? "--servers starts its own: leave --server out"
        : Servers > 1 && Accounts == AccountsAre.Cold ? "--servers keeps them running: leave --cold out"
        : Persons < 1 ? "--persons must be at least 1"
        : Rate is < 0 or > LoadLimits.RateMax ? $"--rate is 0 to {LoadLimits.RateMax}"
        : Many is < 0 or > LoadLimits.ManyMax ? $"--many is 1 to {LoadLimits.ManyMax}"
        : IsMany && IsOpen ? "--many is a closed loop: leave --rate out"
        : IsMany && PreviewPercent + ReversalPercent > 0 ? "--many settles and repeats only: leave --mixed out"
        : Data is not null && Server is not null ? "--data is the own server's: leave --server out"
        : Roster is not null && Data is null && Server is null ? "--roster needs --data or --server"
        : Accounts == AccountsAre.Cold && Server is not null ? "--cold restarts the server: leave --server out"
        : Accounts == AccountsAre.Cold && Persons < Rate * Lasts.TotalSeconds
            ? "--cold asks for nobody twice: give more --persons"
        : Day && !IsOpen ? "--day needs --rate"
        : DuplicatePercent < 0 || PreviewPercent < 0 || ReversalPercent < 0
            || DuplicatePercent + PreviewPercent + ReversalPercent > 99
            ? "--duplicates, --previews and --reversals are each 0 or more and 99 together at most"
        : null;
}

/// <summary>Where accounts are when a bill comes.</summary>
public enum AccountsAre
{
    /// <summary>In memory from a person's second bill on.</summary>
    AsTheyCome,

    /// <summary>In the ledger alone: the server was just started, and no person is asked for twice.</summary>
    Cold,

    /// <summary>In memory: each was asked for before, as far as the server's memory for accounts reaches.</summary>
    Warm,
}
