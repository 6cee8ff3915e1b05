namespace SettlementGrid.PlanFiles;

/// <summary>The known word that a misspelt one most likely meant.</summary>
static class Spelling
{
    /// <summary>Null where none is near: more than two letters, or more than half of the word, differ.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        // A very long "word" is no typing error, and the distance costs its length times the candidate's.
        if (word.Length > 40)
            return null;
        string? nearest = null;
        var best = Math.Min(2, word.Length / 2) + 1;
        foreach (var candidate in known)
        {
            var distance = Distance(word, candidate);
            if (distance < best)
                (best, nearest) = (distance, candidate);
        }
        return nearest;
    }

    static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                var same = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]);
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (same ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
