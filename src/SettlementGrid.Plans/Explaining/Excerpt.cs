namespace SettlementGrid.Plans;

/// <summary>
/// The beginning of a text that quotes what somebody sent: whatever was sent, an answer or a finding that repeats it
/// stays short.
/// </summary>
public static class Excerpt
{
    /// <summary>
    /// The text itself, or as much of its beginning as fits before an ellipsis; never longer than
    /// <paramref name="lengthMax"/> (at least 1) UTF-16 units, and never half of a character.
    /// </summary>
    public static string Of(string text, int lengthMax)
    {
        if (text.Length <= lengthMax)
            return text;
        var end = lengthMax - 1;
        if (end > 0 && char.IsHighSurrogate(text[end - 1]))
            end--;
        return string.Concat(text.AsSpan(0, end), "…");
    }
}
