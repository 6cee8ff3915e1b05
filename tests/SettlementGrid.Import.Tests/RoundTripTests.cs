using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SettlementGrid.Enrollees;
using SettlementGrid.Import.Reading;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Tests;

public sealed class RoundTripTests
{
    static readonly Gen<DateOnly?> End = Gen.OneOf(
        Gen.Constant<DateOnly?>(null),
        Gen.Choose(0, 4_000).Select(n => (DateOnly?)new DateOnly(2020, 1, 1).AddDays(n)));

    static readonly Gen<DaySpan> Span =
        from a in End from b in End select a > b ? new DaySpan(b, a) : new DaySpan(a, b);

    static readonly Gen<RosterEntry> Entry =
        from region in Gen.Elements("150502", "410902", "999999")
        from insurance in Gen.Elements(Insurance.Employee, Insurance.Resident)
        from coverages in Gen.ListOf(
            from id in Gen.Elements("a", "b.c", "x-1:2_3") from days in Span select new Coverage(id, days))
        from identities in Gen.ListOf(
            from kind in Gen.Elements(Enum.GetValues<IdentityKind>()) from days in Span select new Identity(kind, days))
        select new RosterEntry(region, insurance, coverages.Take(32).ToArray(), identities.Take(32).ToArray());

    [Fact]
    public void What_was_imported_reads_back_as_the_file_says()
    {
        Prop.ForAll(Gen.ListOf(Entry).ToArbitrary(), entries =>
        {
            using var town = new Town();
            var text = new StringBuilder("enrollee_id,region_id,insurance,coverages,identities\r\n");
            for (var i = 0; i < entries.Count; i++)
                text.Append($"P{i},{entries[i].RegionId},{RosterItems.Name(entries[i].Insurance)},")
                    .Append(RosterItems.Write(entries[i].Coverages)).Append(',')
                    .Append(RosterItems.Write(entries[i].Identities)).Append("\r\n");
            var done = town.Done(town.Write("r.csv", text.ToString())).GetAwaiter().GetResult();
            Assert.Equal(new ImportCounts(entries.Count, 0, 0, 0), done.Counts);
            for (var i = 0; i < entries.Count; i++)
                Assert.Equal(entries[i], town.Entry($"P{i}").GetAwaiter().GetResult());
        }).QuickCheckThrowOnFailure();
    }
}
