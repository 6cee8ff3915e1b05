namespace SettlementGrid.Plans.Tests;

/// <summary>The arithmetic under every figure: exact, checked, one rounding.</summary>
public class Money_tests
{
    static readonly Money Highest = new(long.MaxValue);

    [Fact]
    public void An_overflow_is_an_exception_and_never_a_wrapped_figure()
    {
        Assert.Throws<OverflowException>(() => Highest + new Money(1));
        Assert.Throws<OverflowException>(() => new Money(long.MinValue) - new Money(1));
        Assert.Throws<OverflowException>(() => -new Money(long.MinValue));
        Assert.Throws<OverflowException>(() => Money.Yuan(92_233_720_368_547_758.08m));
        Assert.Equal(Highest, Money.Yuan(92_233_720_368_547_758.07m));
        Assert.Throws<OverflowException>(() => Rounding.OfBasisPoints((Int128)long.MaxValue * 10_000 + 5_000));
        Assert.Equal(Highest, Rounding.OfBasisPoints((Int128)long.MaxValue * 10_000 + 4_999));
        Assert.Throws<OverflowException>(() => Rounding.Quotient(Highest, new Rate(9_999)));
        Assert.Throws<OverflowException>(() =>
            new Accumulator(default, default, default, int.MaxValue) + new Accumulator(default, default, default, 1));
        Assert.Throws<OverflowException>(() =>
            new Accumulator(default, default, default, int.MinValue) - new Accumulator(default, default, default, 1));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(-2, -1)]
    [InlineData(-1, 0)]
    [InlineData(long.MinValue, long.MaxValue)]
    public void Amounts_compare_by_their_fen(long less, long more)
    {
        var (a, b) = (new Money(less), new Money(more));
        Assert.True(a < b && b > a && a <= b && b >= a);
        Assert.False(b < a || a > b || b <= a || a >= b);
        Assert.True(a.CompareTo(b) < 0 && b.CompareTo(a) > 0);
        Assert.Equal((a, b), (Money.Min(a, b), Money.Max(a, b)));
        Assert.Equal((a, b), (Money.Min(b, a), Money.Max(b, a)));
    }

    [Fact]
    public void An_amount_is_neither_less_nor_more_than_itself()
    {
        var (a, same) = (new Money(5), new Money(5));
        Assert.False(a < same || a > same);
        Assert.True(a <= same && a >= same);
        Assert.Equal(0, a.CompareTo(same));
        Assert.False(Money.Zero.IsPositive);
        Assert.True(new Money(1).IsPositive);
    }

    [Theory]
    [InlineData(0, "0.00")]
    [InlineData(1, "0.01")]
    [InlineData(-1, "-0.01")]
    [InlineData(123_450, "1,234.50")]
    [InlineData(-123_450, "-1,234.50")]
    [InlineData(long.MinValue, "-92,233,720,368,547,758.08")]
    public void An_amount_is_written_in_yuan_as_people_write_it(long fen, string text) =>
        Assert.Equal(text, new Money(fen).ToString());

    [Theory]
    [InlineData(0, "0%")]
    [InlineData(6_000, "60%")]
    [InlineData(10_000, "100%")]
    [InlineData(99, "0.99%")]
    [InlineData(1_999, "19.99%")]
    [InlineData(6_550, "65.5%")]
    public void A_rate_is_written_in_percent(int basisPoints, string text) =>
        Assert.Equal(text, new Rate(basisPoints).ToString());

    [Theory]
    [InlineData(1, 4_999, 0)]
    [InlineData(1, 5_000, 1)]
    [InlineData(1, 5_001, 1)]
    [InlineData(3, 5_000, 2)]
    [InlineData(10_000_000_000_000, 9_999, 9_999_000_000_000)]
    public void A_share_is_rounded_half_up_to_the_fen(long fen, int rate, long expected) =>
        Assert.Equal(new Money(expected), Rounding.Share(new Money(fen), new Rate(rate)));

    [Theory]
    [InlineData(7_000, 7_000, 10_000)]
    [InlineData(6_000, 7_000, 8_571)] // 8571.43
    [InlineData(1, 7_000, 1)] // 1.43
    [InlineData(1, 4_000, 3)] // 2.5
    [InlineData(1, 4_001, 2)] // 2.4994
    [InlineData(2, 10_000, 2)]
    [InlineData(0, 7_000, 0)]
    public void The_cost_behind_a_payment_is_rounded_half_up_too(long paid, int rate, long expected) =>
        Assert.Equal(new Money(expected), Rounding.Quotient(new Money(paid), new Rate(rate)));

    [Fact]
    public void Accumulators_add_and_take_off_part_by_part()
    {
        var a = new Accumulator(new Money(1), new Money(20), new Money(300), 4_000);
        var b = new Accumulator(new Money(5), new Money(60), new Money(700), 8_000);
        Assert.Equal(new Accumulator(new Money(6), new Money(80), new Money(1_000), 12_000), a + b);
        Assert.Equal(new Accumulator(new Money(4), new Money(40), new Money(400), 4_000), b - a);
        Assert.True((a - a).IsZero);
        Assert.False(a.IsZero);
    }

    [Fact]
    public void Accumulators_are_kept_by_plan_then_layer_then_period()
    {
        AccumulatorKey[] sorted =
        [
            new("B", "z", new Period(2026)), new("a", "Z", new Period(2025, 12)), new("a", "b", new Period(2024, 12)),
            new("a", "b", new Period(2025)), new("a", "b", new Period(2025, 1)), new("a", "b", new Period(2025, 12)),
            new("a", "b", new Period(2026)), new("a", "c", new Period(2025)), new("b", "a", new Period(2020)),
        ];
        for (var i = 0; i < sorted.Length; i++)
            for (var j = 0; j < sorted.Length; j++)
                Assert.Equal(i.CompareTo(j), Math.Sign(AccumulatorKey.Compare(sorted[i], sorted[j])));
    }

    [Fact]
    public void An_amount_is_written_as_the_decimal_of_its_yuan()
    {
        long[] fen =
        [
            0, 1, 9, 10, 99, 100, 101, 99_999, 100_000, 99_999_999, 100_000_000, 123_456_789_012, long.MaxValue,
        ];
        foreach (var amount in fen.Concat(fen.Select(one => -one)).Append(long.MinValue).Select(one => new Money(one)))
        {
            var expected = (amount.Fen / 100m).ToString("N2", System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(expected, amount.ToString());
            Assert.Equal($"<{expected}>", $"<{amount}>");
            Assert.False(amount.TryFormat(new char[expected.Length - 1], out var written, default, null));
            Assert.Equal(0, written);
        }
    }
}
