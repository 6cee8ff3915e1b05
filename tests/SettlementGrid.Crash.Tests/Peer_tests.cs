using SettlementGrid.LoadTest;
using SettlementGrid.LoadTest.Peers;

namespace SettlementGrid.Crash.Tests;

/// <summary>The comparison with peers runs here too, small, so that it cannot rot. Not beside other servers.</summary>
[Collection(OneServer.Collection)]
public sealed class Peer_tests
{
    [Fact]
    public async Task A_short_comparison_finds_equal_amounts_and_everything_its_peers_acknowledged()
    {
        var folder = Directory.CreateTempSubdirectory("settlementgrid-report-");
        var load = new LoadSettings
        {
            Measured = TimeSpan.FromSeconds(0.5),
            WarmUp = TimeSpan.FromSeconds(0.2),
            InFlight = 16,
            Connections = 2,
            Persons = 200,
            Seed = 5,
            DuplicatePercent = 10,
            Json = new FileInfo(Path.Combine(folder.FullName, "peers.json")),
            Report = new FileInfo(Path.Combine(folder.FullName, "peers.md")),
        };
        var said = new List<string>();
        // The first settles with the server's own rules; the stored function must answer as it does.
        var settings = new PeerSettings(load, 1)
        {
            Compared = 250,
            Contestants = [Contestant.Acknowledging, Contestant.StoredFunction],
        };

        Assert.True(
            await PeerRun.RunAsync(settings, TimeProvider.System, said.Add, CancellationToken.None),
            string.Join('\n', said));

        var report = await File.ReadAllTextAsync(load.Report.FullName);
        Assert.Contains("| (a) stored function |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("not measured", report, StringComparison.Ordinal);
        Assert.DoesNotContain("| 0 (0–0) |", report, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }
}
