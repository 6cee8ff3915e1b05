namespace SettlementGrid.PlanFiles;

/// <summary>Bounds of a plan file: it comes from outside and is read before anybody has looked at it.</summary>
public static class Limits
{
    /// <summary>The longest of the five policies fills 15,000 characters with all its remarks.</summary>
    public const int TextLengthMax = 256 * 1024;

    /// <summary>Layers, cases, bands, band and its amount: the format itself needs ten.</summary>
    public const int DepthMax = 16;

    /// <summary>A file at TextLengthMax could hold a hundred thousand nodes; no plan needs them.</summary>
    public const int NodesMax = 20_000;

    /// <summary>Whoever has this many findings reads the first ones; the rest are counted in the last.</summary>
    public const int FindingsMax = 200;

    /// <summary>
    /// Characters of a finding's sentence and of what it expects: both repeat keys and values, which may be as long as
    /// the file, and a file may have 200 findings of one key.
    /// </summary>
    public const int FindingTextMax = 1_000;

    /// <summary>Characters of one key in a finding's path: the longest id has 64.</summary>
    public const int PathKeyMax = 100;

    public const int DistrictsMax = 100;
    public const int LayersMax = 32;
    public const int CasesMax = 64;
    public const int BandsMax = 32;
    public const int ParametersMax = 64;
    public const int ParameterValuesMax = 200;

    /// <summary>Names, clauses and payers ride in every settlement.</summary>
    public const int NameLengthMax = 100;

    public const int RemarkLengthMax = 1_000;
}
