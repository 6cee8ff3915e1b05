using System.Text;

namespace SettlementGrid.Server.CommandLine.Simulating;

/// <summary>
/// Columns for a terminal: the first to the left, the others to the right. A Chinese character is two cells wide there,
/// so columns are measured in cells.
/// </summary>
public sealed class TextTable(params string[] heads)
{
    private readonly List<string[]> _rows = [heads];

    /// <param name="cells">as many as there are heads.</param>
    public void Add(params string[] cells) => _rows.Add(cells);

    public IEnumerable<string> Lines()
    {
        var widths = heads.Select((_, column) => _rows.Max(row => WidthOf(row[column]))).ToArray();
        foreach (var row in _rows)
        {
            var line = new StringBuilder(row[0]).Append(' ', widths[0] - WidthOf(row[0]));
            for (var column = 1; column < row.Length; column++)
            {
                line.Append(' ', 2 + widths[column] - WidthOf(row[column])).Append(row[column]);
            }

            yield return line.ToString().TrimEnd();
        }
    }

    // CJK ideographs, kana, full-width forms and their punctuation; nothing else of ours is wide.
    private static int WidthOf(string text) =>
        text.Sum(character => character is (>= '\u2e80' and <= '\ua4cf') or (>= '\uff00' and <= '\uff60') ? 2 : 1);
}
