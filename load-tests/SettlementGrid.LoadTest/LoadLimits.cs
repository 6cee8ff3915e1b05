namespace SettlementGrid.LoadTest;

/// <summary>Every bound of the load test, each with its reason.</summary>
public static class LoadLimits
{
    /// <summary>Receipts kept, about 56 bytes each: an hour at 5,000 settlements a second under 1.1 GB.</summary>
    public const int ReceiptsMax = 20_000_000;

    /// <summary>How long calls under way may take after the time is up: the server's own deadline and more.</summary>
    public static readonly TimeSpan FinishMax = TimeSpan.FromSeconds(30);

    /// <summary>More in flight than this measures the generator's queue and not the server.</summary>
    public const int InFlightMax = 10_000;

    /// <summary>Streams a server allows on one connection.</summary>
    public const int InFlightPerConnectionMax = 256;

    /// <summary>Kinds of refusals shown; a healthy run has none.</summary>
    public const int RefusalKindsMax = 20;
}
