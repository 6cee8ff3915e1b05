using System.Globalization;
using SettlementGrid.Api.Methods;
using SettlementGrid.Server.CommandLine.Simulating;

namespace SettlementGrid.Server.Servers;

/// <summary>The table of live servers as `status` prints it.</summary>
public static class LeaseLines
{
    /// <summary>A heading and a line each.</summary>
    public static IEnumerable<string> Of(ServerList list)
    {
        var table = new TextTable(
            "address", "gRPC", "host", "pid", "version", "state", "up", "seen", "calls/s", "funds at", "clock");
        foreach (var one in list.Servers)
        {
            table.Add(
                one.Self.Address, one.Self.GrpcAddress, one.Self.Host, Number(one.Self.ProcessId), one.Self.Version,
                one.IsAlive ? one.Figures.State : "silent", Span(list.Now - one.StartedAt),
                Span(list.Now - one.SeenAt) + " ago",
                one.Figures.CallsPerSecond.ToString("0", CultureInfo.InvariantCulture), Number(one.Figures.FundMark),
                one.Figures.ClockAheadMs.ToString("+0;-0;0", CultureInfo.InvariantCulture) + " ms");
        }

        return table.Lines();
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Span(TimeSpan span) => span.TotalSeconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, span.TotalSeconds):0} s")
        : span.TotalHours < 2 ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min")
        : span.TotalDays < 2 ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} d");
}
