using System.Text;
using SettlementGrid.Import.Reading;

namespace SettlementGrid.SampleCity;

/// <summary>
/// Writes a roster of any size in the import's own format: for measurements and load tests. The same seed gives the
/// same file; its persons are of the same kind as the sample city's, under ids of their own.
/// </summary>
public static class RosterFile
{
    public static async Task Write(Stream stream, int persons, ulong seed, CancellationToken cancellation)
    {
        await using var text = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true)
        {
            NewLine = "\n",
        };
        await text.WriteLineAsync("enrollee_id,region_id,insurance,coverages,identities");
        for (var number = 1; number <= persons; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (id, entry) = People.Resident(seed, IdOf(number));
            await text.WriteLineAsync(
                $"{id},{entry.RegionId},{RosterItems.Name(entry.Insurance)},{RosterItems.Write(entry.Coverages)},"
                + RosterItems.Write(entry.Identities));
        }
    }

    /// <summary>The id of the n-th person (from 1) of every generated file.</summary>
    public static string IdOf(int number) => $"LT-{number:00000000}";
}
