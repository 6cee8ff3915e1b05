using FsCheck;
using FsCheck.Fluent;

namespace SettlementGrid.Plans.Tests;

/// <summary>Who is treated, where and when: what chooses the rates of a whole history.</summary>
sealed record Circumstances(bool Special, bool Outside, DateOnly Discharged)
{
    public FacilityProfile Facility => Outside ? Facilities.Shenyang : Facilities.Hohhot;

    public Person Person() => new Person(ShippedPlans.Tongliao).As(Special ? [IdentityKind.LowIncome] : []);

    public Bill Bill(long eligibleFen, long basicFen = 0) => Bills.Empty with
    {
        Total = new Money(eligibleFen), Eligible = new Money(eligibleFen), BasicPaid = new Money(basicFen),
        AdmittedOn = Discharged, DischargedOn = Discharged,
    };
}

static class Generators
{
    // Amounts crowd around the edges of the plan (start, bands, cap), where mistakes live.
    static readonly long[] Edges = [0, 1, 700_000, 1_400_000, 3_000_000, 5_000_000, 8_000_000, 44_933_333];

    public static readonly Gen<long> Fen = Gen.OneOf(
        Gen.Choose(0, 6_000_000).Select(fen => (long)fen),
        Gen.Choose(0, 60_000_000).Select(fen => (long)fen),
        Gen.Choose(0, 99).Select(fen => (long)fen),
        from edge in Gen.Elements(Edges) from off in Gen.Choose(-2, 2) select Math.Max(0, edge + off));

    public static readonly Gen<Circumstances> Circumstances =
        from special in Gen.Elements(true, false)
        from outside in Gen.Elements(true, false)
        from day in Gen.Choose(0, 364)
        select new Circumstances(special, outside, new DateOnly(2025, 1, 1).AddDays(day));

    public static readonly Gen<long[]> Bills = Gen.Choose(1, 12).SelectMany(count => Fen.ArrayOf(count));

    /// <summary>Checks a law on many cases; the failing one is printed with its seed.</summary>
    public static void Law<T>(Gen<T> gen, Action<T> law, int cases = 1_000) =>
        Check.One(CaseCount.Of(Config.QuickThrowOnFailure, cases), Prop.ForAll(gen.ToArbitrary(), law));
}
