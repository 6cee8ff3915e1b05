using System.Text;

namespace SettlementGrid.Faults.Hostile.Measuring;

/// <summary>The rows of a run as a table in Markdown.</summary>
public static class HostileTable
{
    const double Megabyte = 1024 * 1024;

    public static string Of(IReadOnlyList<HostileRow> rows)
    {
        var text = new StringBuilder();
        text.AppendLine(
            "| hostile client | healthy calls | p50 ms | p99 ms | max ms | failed | server MB | server cores "
            + "| connections | at one time | closed by the server | sent |");
        text.AppendLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var row in rows)
        {
            var why = row.FailedCount == 0 ? "0"
                : string.Join(", ", row.Failed.Select(one => $"{one.Value:n0} {one.Key}"));
            text.AppendLine(
                $"| {row.Name} | {row.Calls:n0} | {row.P50 / 1000.0:f1} | {row.P99 / 1000.0:f1} "
                + $"| {row.Max / 1000.0:f1} | {why} | {row.MemoryMax / Megabyte:n0} | {row.Processor:f2} "
                + $"| {row.Opened:n0} | {row.Held:n0} | {row.Closed:n0} | {row.Sent:n0} |");
        }
        return text.ToString();
    }
}
