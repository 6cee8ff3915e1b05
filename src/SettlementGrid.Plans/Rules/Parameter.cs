namespace SettlementGrid.Plans;

public enum ParameterUnit : byte { Money = 1, Rate = 2 }

/// <summary>
/// A value and the days for which it was announced. In fen or in basis points, by the parameter's unit.
/// </summary>
public readonly record struct ParameterValue(DaySpan Days, long Value);

/// <summary>
/// A number that is announced from time to time (a start, a ratio, an enrolment rate). A value holds from its date
/// until a later one replaces it, or until it expires by itself; before the first, and where none was entered, there is
/// none.
/// </summary>
/// <param name="Required">A plan of a template is not accepted without it.</param>
/// <param name="Values">In ascending order of their first day.</param>
public sealed record Parameter(
    string Id, string NameZh, string NameEn, ParameterUnit Unit, bool Required, ParameterValue[] Values, string Clause)
{
    public long? At(DateOnly day)
    {
        for (var i = Values.Length - 1; i >= 0; i--)
            if (Values[i].Days.From is not { } from || from <= day)
                return Values[i].Days.Holds(day) ? Values[i].Value : null;
        return null;
    }
}

/// <summary>
/// An amount as a plan file states it: a figure, or a share of a dated parameter. The share is taken of the unrounded
/// parameter and rounded half up to the fen.
/// </summary>
public readonly record struct AmountSource(Money Fixed, Parameter? Parameter, Rate Times)
{
    public static AmountSource Of(Money amount) => new(amount, null, new Rate(Rate.Whole));

    /// <summary>The amount on that day; null: the parameter has no value then.</summary>
    public Money? At(DateOnly day)
    {
        if (Parameter is null)
            return Fixed;
        return Parameter.At(day) is { } value ? Rounding.Share(new Money(value), Times) : null;
    }
}

/// <summary>
/// A rate as a plan file states it: a figure, a dated parameter, or what a dated parameter leaves of the whole.
/// </summary>
public readonly record struct RateSource(Rate Fixed, Parameter? Parameter, bool Rest)
{
    public static RateSource Of(Rate rate) => new(rate, null, false);

    public Rate? At(DateOnly day)
    {
        if (Parameter is null)
            return Fixed;
        if (Parameter.At(day) is not { } value)
            return null;
        var rate = checked((int)value);
        return new Rate(Rest ? Rate.Whole - rate : rate);
    }
}

/// <summary>The one rounding of the system: half up to the fen, of amounts that are not negative.</summary>
public static class Rounding
{
    public static Money Share(Money amount, Rate rate) => OfBasisPoints((Int128)amount.Fen * rate.BasisPoints);

    /// <summary>The cost that pays so much at that rate, which is not zero.</summary>
    public static Money Quotient(Money paid, Rate rate) => new(checked((long)(
        ((Int128)paid.Fen * Rate.Whole * 2 + rate.BasisPoints) / (2 * (Int128)rate.BasisPoints))));

    /// <summary>Rounds an exact sum of fen × basis points.</summary>
    public static Money OfBasisPoints(Int128 sum) => new(checked((long)((sum + Rate.Whole / 2) / Rate.Whole)));
}
