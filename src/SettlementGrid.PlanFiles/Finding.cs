namespace SettlementGrid.PlanFiles;

public enum Severity { Error = 1, Warning = 2 }

/// <summary>
/// One fault of a plan file and its place. A file with an error gives no plan; warnings do not stand in the way.
/// </summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Path">Where in the structure: layers[0].rates[1].bands[2].rate.</param>
/// <param name="Expected">What would have been right, in the words of the format; empty where nothing can be
/// named.</param>
public sealed record Finding(
    int Line, int Column, string Path, Severity Severity, string MessageZh, string MessageEn, string Expected)
{
    public override string ToString() =>
        $"{Line}:{Column} {Path}: {MessageEn}{(Expected.Length == 0 ? "" : $" (expected {Expected})")}";
}
