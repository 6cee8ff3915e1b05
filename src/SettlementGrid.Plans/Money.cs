using System.Globalization;

namespace SettlementGrid.Plans;

/// <summary>
/// An amount in whole fen (1 yuan = 100 fen). Arithmetic is exact and checked: an overflow is an
/// <see cref="OverflowException"/>, never a wrapped figure. Negative amounts exist only on reversals and adjustments.
/// </summary>
public readonly record struct Money(long Fen) : IComparable<Money>
{
    public static readonly Money Zero;

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
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Fen < 0 ? "-" : "")}{Math.Abs((decimal)Fen) / 100m:N2}");
}

/// <summary>A rate in integer basis points: 6000 is 60 %.</summary>
public readonly record struct Rate(int BasisPoints)
{
    public const int Whole = 10_000;

    public override string ToString() => BasisPoints % 100 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{BasisPoints / 100}%")
        : string.Create(CultureInfo.InvariantCulture, $"{BasisPoints / 100m:0.##}%");
}
