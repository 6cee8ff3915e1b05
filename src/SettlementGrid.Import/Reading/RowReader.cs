using System.Globalization;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Reading;

/// <summary>Reads the rows of the file's table, one after another. Not thread-safe.</summary>
abstract class RowReader(Columns columns)
{
    /// <summary>Reads a row and keeps it; a refusal: it is not as it must be.</summary>
    public abstract Refusal? Read(in CsvLine row);

    /// <summary>Adds the row read last.</summary>
    public abstract void AddTo(Batch batch, long number, ReadOnlySpan<char> line);

    /// <summary>The parts by which a second row about the same thing is known.</summary>
    public abstract FirstLines Key(in CsvLine row, FirstLines firstLines);

    public int ColumnCount => columns.At.Length;

    public static RowReader Of(Columns columns, CatalogSource catalogs) =>
        columns.IsRoster ? new RosterRows(columns) : new OpeningBalanceRows(columns, catalogs);
}

/// <summary>Rows of a roster. Texts that repeat from row to row are read once and shared by the entries.</summary>
sealed class RosterRows(Columns columns) : RowReader(columns)
{
    readonly int[] _at = columns.At;
    readonly KnownTexts<string> _regions = new(text => text);
    readonly KnownTexts<Coverage[]?> _coverages =
        new(text => RosterItems.TryRead(text, out Coverage[] coverages) ? coverages : null);
    readonly KnownTexts<Identity[]?> _identities =
        new(text => RosterItems.TryRead(text, out Identity[] identities) ? identities : null);

    public override FirstLines Key(in CsvLine row, FirstLines firstLines) => firstLines.Begin().With(row[_at[0]]);

    RosterPut? _put;

    public override void AddTo(Batch batch, long number, ReadOnlySpan<char> line) => batch.Puts.Add(_put!);

    public override Refusal? Read(in CsvLine row)
    {
        if (InsuranceOf(row[_at[2]]) is not { } insurance)
            return RequestChecks.Malformed("insurance", "应为 EMPLOYEE 或 RESIDENT", "must be EMPLOYEE or RESIDENT");
        if (_coverages.Of(row[_at[3]]) is not { } coverages)
            return RequestChecks.Malformed(
                "coverages", "应为以“;”分隔的 plan_id@起..止（日期 YYYY-MM-DD，不限则不写）",
                "must be plan_id@from..to items separated by ';' (dates YYYY-MM-DD, an open end left out)");
        if (_identities.Of(row[_at[4]]) is not { } identities)
            return RequestChecks.Malformed(
                "identities", "应为以“;”分隔的 身份@起..止（日期 YYYY-MM-DD，不限则不写）",
                "must be KIND@from..to items separated by ';' (dates YYYY-MM-DD, an open end left out)");
        var entry = new RosterEntry(_regions.Of(row[_at[1]]), insurance, coverages, identities);
        _put = new RosterPut(row[_at[0]].ToString(), entry);
        return RequestChecks.Check(_put);
    }

    static Insurance? InsuranceOf(ReadOnlySpan<char> text) =>
        text is "RESIDENT" ? Insurance.Resident : text is "EMPLOYEE" ? Insurance.Employee : null;
}

/// <summary>Rows of opening balances. A plan that was never published is refused, as the same call would be.</summary>
sealed class OpeningBalanceRows(Columns columns, CatalogSource catalogs) : RowReader(columns)
{
    readonly int[] _at = columns.At;
    readonly KnownTexts<string> _texts = new(text => text);

    public override FirstLines Key(in CsvLine row, FirstLines firstLines) =>
        firstLines.Begin().With(row[_at[0]]).With(row[_at[1]]).With(row[_at[2]]).With(row[_at[3]]);

    OpeningBalance? _balance;

    public override void AddTo(Batch batch, long number, ReadOnlySpan<char> line) => batch.Add(_balance!, number, line);

    public override Refusal? Read(in CsvLine row)
    {
        if (!Period.TryParse(row[_at[3]].ToString(), out var period))
            return RequestChecks.Malformed("period", "应为 2026 或 2026-03", "must be like 2026 or 2026-03");
        if (Amount(row[_at[4]], "position_fen", out var position) is { } noPosition)
            return noPosition;
        if (Amount(row[_at[5]], "paid_fen", out var paid) is { } noPaid)
            return noPaid;
        if (Amount(row[_at[6]], "basic_paid_fen", out var basic) is { } noBasic)
            return noBasic;
        var key = new AccumulatorKey(_texts.Of(row[_at[1]]), _texts.Of(row[_at[2]]), period);
        _balance = new OpeningBalance(row[_at[0]].ToString(), key, position, paid, basic, row[_at[7]].ToString());
        return RequestChecks.Check(_balance, catalogs.Current);
    }

    static Refusal? Amount(ReadOnlySpan<char> text, string field, out Money amount)
    {
        var isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var fen);
        amount = new Money(fen);
        return isNumber ? null : RequestChecks.Malformed(field, "应为以分为单位的整数", "must be a whole number of fen");
    }
}

/// <summary>
/// What a text means, read once: most rows of a roster repeat a few hundred texts. Bounded: when full, further texts
/// are read each time they come. Not thread-safe.
/// </summary>
sealed class KnownTexts<T>(Func<string, T> read)
{
    readonly Dictionary<string, T> _known = new(StringComparer.Ordinal);

    public T Of(ReadOnlySpan<char> text)
    {
        var known = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(text, out var value))
            return value;
        var key = text.ToString();
        value = read(key);
        if (_known.Count < Limits.KnownTextsMax)
            _known.Add(key, value);
        return value;
    }
}
