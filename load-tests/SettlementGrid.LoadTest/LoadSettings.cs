namespace SettlementGrid.LoadTest;

/// <summary>What one run does; the same settings give the same bills in the same order of numbers.</summary>
public sealed record LoadSettings
{
    /// <summary>The gRPC address of a running server; null: one of its own on fresh data.</summary>
    public Uri? Server { get; init; }

    /// <summary>How long is measured.</summary>
    public required TimeSpan Measured { get; init; }

    /// <summary>How long the same load runs before: code is compiled, caches fill.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Calls under way at any moment.</summary>
    public required int InFlight { get; init; }

    public required int Connections { get; init; }

    public required int Persons { get; init; }

    public required int Seed { get; init; }

    /// <summary>How many of 100 calls repeat an acknowledged one, as a hospital does after a time-out.</summary>
    public required int DuplicatePercent { get; init; }

    /// <summary>How many receipts are looked up again at the end; chosen by the seed where there are more.</summary>
    public required int Audited { get; init; }

    /// <summary>A Markdown file to write.</summary>
    public FileInfo? Report { get; init; }

    /// <summary>What is wrong with the settings, or null.</summary>
    public string? Fault() =>
        InFlight is < 1 or > LoadLimits.InFlightMax ? $"--inflight is 1 to {LoadLimits.InFlightMax}"
        : Connections < 1 || InFlight > Connections * LoadLimits.InFlightPerConnectionMax
            ? $"--connections must give each at most {LoadLimits.InFlightPerConnectionMax} calls in flight"
        : Measured <= TimeSpan.Zero ? "--seconds must be above 0"
        : Persons < 1 ? "--persons must be at least 1"
        : DuplicatePercent is < 0 or > 99 ? "--duplicates is 0 to 99"
        : null;
}
