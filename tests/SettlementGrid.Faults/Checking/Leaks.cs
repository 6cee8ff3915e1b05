using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Checking;

/// <summary>What servers print, log and expose as figures names no person and shows no SQL (I11).</summary>
static class Leaks
{
    static readonly string[] s_sql = ["INSERT INTO", "SELECT ", "ledger.entries"];

    public static async Task<IEnumerable<string>> InAsync(RunningServer server, IReadOnlyList<Town> towns)
    {
        using var http = new HttpClient { BaseAddress = server.Place.Http };
        var texts = new Dictionary<string, string>
        {
            ["output"] = server.Output,
            ["metrics"] = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative)),
        };
        var folder = Path.Combine(server.Place.DataFolder, "log");
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
        {
            // The server goes on writing.
            using var text = new StreamReader(
                new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            texts[Path.GetFileName(file)] = await text.ReadToEndAsync();
        }
        return from text in texts
            from word in s_sql.Concat(towns.Select(town => town.Roster + "-P"))
            let at = text.Value.IndexOf(word, StringComparison.Ordinal)
            where at >= 0
            select $"A server's {text.Key} holds \"{text.Value[at..Math.Min(at + 80, text.Value.Length)]}\" (I11)";
    }
}
