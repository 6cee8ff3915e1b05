using System.Globalization;

namespace SettlementGrid.Plans;

/// <summary>
/// An amount in whole fen (1 yuan = 100 fen). Arithmetic is exact and checked: an overflow is an
/// <see cref="OverflowException"/>, never a wrapped figure. Negative amounts exist only on reversals and adjustments.
/// </summary>
public readonly record struct Money(long Fen) : IComparable<Money>, ISpanFormattable
{
    public static readonly Money Zero;

    /// <summary>
    /// A sum of many amounts: one that leaves the type, 92 quadrillion yuan, stands at its end. For figures that people
    /// read; what is stored is always exact.
    /// </summary>
    public static Money Nearest(Int128 fen) => new((long)Int128.Clamp(fen, long.MinValue, long.MaxValue));

    public static Money Yuan(decimal yuan) => new(checked((long)(yuan * 100m)));

    public bool IsPositive => Fen > 0;

    public static Money operator +(Money a, Money b) => new(checked(a.Fen + b.Fen));
    public static Money operator -(Money a, Money b) => new(checked(a.Fen - b.Fen));
    public static Money operator -(Money a) => new(checked(-a.Fen));
    public static bool operator <(Money a, Money b) => a.Fen < b.Fen;
    public static bool operator >(Money a, Money b) => a.Fen > b.Fen;
    public static bool operator <=(Money a, Money b) => a.Fen <= b.Fen;
    public static bool operator >=(Money a, Money b) => a.Fen >= b.Fen;

    public static Money Min(Money a, Money b) => a.Fen <= b.Fen ? a : b;
    public static Money Max(Money a, Money b) => a.Fen >= b.Fen ? a : b;

    public int CompareTo(Money other) => Fen.CompareTo(other.Fen);

    /// <summary>Yuan with two decimals, as people write it: 1,234.50.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[TextLengthMax];
        return new string(Write(text));
    }

    /// <summary>As <see cref="ToString()"/>; there is one form only.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>
    /// As <see cref="ToString()"/>, straight into a sentence: a settlement's sentences name some twenty amounts, which
    /// were half their cost while each was a decimal and a string of its own.
    /// </summary>
    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        Span<char> text = stackalloc char[TextLengthMax];
        var written = Write(text);
        charsWritten = written.TryCopyTo(destination) ? written.Length : 0;
        return charsWritten > 0;
    }

    // A sign, 17 digits of yuan, five commas between them, the point, two digits of fen.
    const int TextLengthMax = 26;

    /// <summary>Writes from the end of the buffer; gives the part written.</summary>
    ReadOnlySpan<char> Write(Span<char> buffer)
    {
        // The smallest long has no positive twin; as an unsigned number it has.
        var left = Fen < 0 ? unchecked((ulong)-Fen) : (ulong)Fen;
        var at = buffer.Length;
        for (var digits = -2; digits < 1 || left > 0; digits++)
        {
            if (digits == 0)
                buffer[--at] = '.';
            else if (digits > 0 && digits % 3 == 0)
                buffer[--at] = ',';
            buffer[--at] = (char)('0' + left % 10);
            left /= 10;
        }
        if (Fen < 0)
            buffer[--at] = '-';
        return buffer[at..];
    }
}

/// <summary>A rate in integer basis points: 6000 is 60 %.</summary>
public readonly record struct Rate(int BasisPoints)
{
    public const int Whole = 10_000;

    public override string ToString() => BasisPoints % 100 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{BasisPoints / 100}%")
        : string.Create(CultureInfo.InvariantCulture, $"{BasisPoints / 100m:0.##}%");
}
