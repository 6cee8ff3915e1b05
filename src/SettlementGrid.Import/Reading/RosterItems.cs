using System.Globalization;
using System.Text;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Reading;

/// <summary>
/// The items of the coverages and identities columns: <c>id</c>, <c>id@from..to</c>, open ends left out
/// (<c>id@2026-01-01..</c>, <c>id@..</c>), several separated by <c>;</c>. Dates are YYYY-MM-DD.
/// </summary>
public static class RosterItems
{
    static readonly Dictionary<string, IdentityKind> Kinds = Enum.GetValues<IdentityKind>()
        .ToDictionary(Name, StringComparer.Ordinal);

    static readonly Dictionary<string, IdentityKind>.AlternateLookup<ReadOnlySpan<char>> KindsByText =
        Kinds.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>False where the text has another form; whether ids and spans make sense is asked elsewhere.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out Coverage[] coverages) =>
        TryRead(text, static (ReadOnlySpan<char> id, DaySpan days, out Coverage coverage) =>
        {
            coverage = new Coverage(id.ToString(), days);
            return true;
        }, out coverages);

    public static bool TryRead(ReadOnlySpan<char> text, out Identity[] identities) =>
        TryRead(text, static (ReadOnlySpan<char> id, DaySpan days, out Identity identity) =>
        {
            var known = KindsByText.TryGetValue(id, out var kind);
            identity = new Identity(kind, days);
            return known;
        }, out identities);

    public static string Write(IEnumerable<Coverage> coverages) => Write(coverages.Select(c => (c.PlanId, c.Days)));

    public static string Write(IEnumerable<Identity> identities) =>
        Write(identities.Select(i => (Name(i.Kind), i.Days)));

    public static string Name(Insurance insurance) => Spelled(insurance.ToString());

    public static string Name(IdentityKind kind) => Spelled(kind.ToString());

    public static bool TryDay(ReadOnlySpan<char> text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    delegate bool ItemOf<T>(ReadOnlySpan<char> id, DaySpan days, out T item);

    static bool TryRead<T>(ReadOnlySpan<char> text, ItemOf<T> itemOf, out T[] items)
    {
        items = [];
        if (text.IsEmpty)
            return true;
        var read = new List<T>();
        foreach (var range in text.Split(';'))
        {
            var part = text[range];
            var at = part.IndexOf('@');
            var days = default(DaySpan);
            if (part.IsEmpty || at >= 0 && !TrySpan(part[(at + 1)..], out days)
                || !itemOf(at < 0 ? part : part[..at], days, out var item))
                return false;
            read.Add(item);
        }
        items = [.. read];
        return true;
    }

    static bool TrySpan(ReadOnlySpan<char> text, out DaySpan days)
    {
        days = default;
        var dots = text.IndexOf("..");
        return dots >= 0 && TryEnd(text[..dots], out var from) && TryEnd(text[(dots + 2)..], out var to)
            && (days = new DaySpan(from, to)) is var _;
    }

    static bool TryEnd(ReadOnlySpan<char> text, out DateOnly? end)
    {
        end = null;
        if (text.IsEmpty)
            return true;
        var isDay = TryDay(text, out var day);
        end = day;
        return isDay;
    }

    static string Write(IEnumerable<(string Id, DaySpan Days)> items) => string.Join(';', items.Select(item =>
        item.Days == default ? item.Id : $"{item.Id}@{item.Days.From:yyyy-MM-dd}..{item.Days.To:yyyy-MM-dd}"));

    /// <summary>LowIncomeDisabled → LOW_INCOME_DISABLED.</summary>
    static string Spelled(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToUpperInvariant(c));
        }
        return text.ToString();
    }
}
