using CsvHelper;

namespace SettlementGrid.Import.Tests;

sealed record RejectRow(string Line, string Reason, string MessageZh, string MessageEn, string Original);

static class Rejects
{
    /// <summary>Reads the file as any other program would.</summary>
    public static List<RejectRow> Of(string path)
    {
        var text = File.ReadAllText(path);
        using var reader = CsvReader.FromText(text, new CsvReaderOptions { HasHeader = false });
        var rows = new List<RejectRow>();
        while (reader.Read())
            rows.Add(new RejectRow(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                reader.GetString(4)));
        Assert.Equal(new RejectRow("line", "reason", "message_zh", "message_en", "original"), rows[0]);
        return rows[1..];
    }
}
