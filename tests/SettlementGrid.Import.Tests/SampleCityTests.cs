using System.Security.Cryptography;
using System.Text;
using SettlementGrid.Enrollees;
using SettlementGrid.Import.Reading;
using SettlementGrid.Plans;
using SettlementGrid.SampleCity;

namespace SettlementGrid.Import.Tests;

public sealed class SampleCityTests
{
    static readonly DateOnly Today = new(2026, 11, 22);
    static readonly City City = Sample.Generate(Sample.DefaultSeed, Today);

    /// <summary>
    /// A sample that was loaded keeps its request ids: changed content under them is refused at the next start. Who
    /// must change the city gives the seed, and so the ids, a new value.
    /// </summary>
    [Fact]
    public void The_same_seed_gives_the_same_city_to_the_byte()
    {
        Assert.Equal(HashOf(City), HashOf(Sample.Generate(Sample.DefaultSeed, Today)));
        Assert.NotEqual(HashOf(City), HashOf(Sample.Generate(Sample.DefaultSeed + 1, Today)));
        Assert.Equal("9abefd5c074a4f1a29cedc60a865d7e078be267f", HashOf(City)[..40]);
    }

    [Fact]
    public void A_later_day_only_adds_discharges()
    {
        var earlier = Sample.Generate(Sample.DefaultSeed, new DateOnly(2026, 3, 1));
        Assert.Equal(earlier.Enrollees, City.Enrollees);
        var now = City.Histories.ToDictionary(h => h.EnrolleeId);
        foreach (var history in earlier.Histories)
            Assert.Equal(history.Steps, now[history.EnrolleeId].Steps.Take(history.Steps.Count));
        Assert.True(earlier.Histories.Sum(h => h.Steps.Count) < City.Histories.Sum(h => h.Steps.Count));
        Assert.All(
            earlier.Histories.SelectMany(h => h.Steps).OfType<Step.Settle>(),
            s => Assert.True(s.Request.Bill.DischargedOn <= new DateOnly(2026, 3, 1)));
    }

    [Fact]
    public void Numbers_and_shares_are_what_a_city_has()
    {
        Assert.Equal(20_000, City.Enrollees.Count);
        Assert.Equal(20_000, City.Enrollees.Select(e => e.EnrolleeId).Distinct().Count());
        Assert.Equal(40, City.Facilities.Select(f => f.FacilityId).Distinct().Count());
        Assert.Equal([1, 2, 3], City.Facilities.Select(f => f.Level).Distinct().Order());
        Assert.Equal(13, City.Enrollees.Select(e => e.Entry.RegionId).Distinct().Count());

        var residents = City.Enrollees.Where(e => e.Entry.Insurance == Insurance.Resident).ToArray();
        Assert.InRange(Share(residents, IdentityKind.LowIncome), 0.055, 0.07);
        Assert.InRange(Share(residents, IdentityKind.ExtremePoverty), 0.007, 0.013);
        Assert.InRange(Share(residents, IdentityKind.Orphan), 0.0002, 0.003);
        Assert.InRange(Share(residents, IdentityKind.Student), 0.15, 0.18);
        Assert.InRange(residents.Count(e => e.Entry.RegionId == "150502") / (double)residents.Length, 0.23, 0.29);

        var settles = City.Histories.SelectMany(h => h.Steps).OfType<Step.Settle>().ToArray();
        Assert.InRange(settles.Length, 3_000, 6_000);
        Assert.InRange(City.Histories.SelectMany(h => h.Steps).OfType<Step.Reverse>().Count(), 5, 60);
        Assert.Equal(
            [
                CareType.Inpatient, CareType.AccidentInpatient, CareType.AccidentOutpatient,
                CareType.OutpatientSpecialDisease,
            ],
            settles.Select(s => s.Request.Bill.CareType).Distinct().Order());
        Assert.Contains(settles, s => s.Request.FacilityId.StartsWith("H1101", StringComparison.Ordinal));
        Assert.Contains(settles, s => s.Request.Bill.Filing == Filing.Unfiled);
        Assert.Contains(settles, s => s.Request.Bill.OverCapEligible is { IsPositive: true });
    }

    [Fact]
    public void Every_request_and_entry_passes_the_checks_of_the_interface()
    {
        Assert.All(City.Enrollees, e => Assert.Null(RequestChecks.Check(e)));
        Assert.All(City.Facilities, f => Assert.Null(RequestChecks.Check(f)));
        foreach (var step in City.Histories.SelectMany(h => h.Steps))
            Assert.Null(step switch
            {
                Step.Settle settle => RequestChecks.Check(settle.Request, Today),
                Step.Reverse reverse => RequestChecks.Check(reverse.Request),
                _ => throw new InvalidOperationException(),
            });
        Assert.DoesNotContain(City.Histories, h => h.EnrolleeId is "TL-0000001" or "PY-0000001");
    }

    [Fact]
    public async Task A_generated_roster_file_is_the_same_each_time_and_imports_without_rejects()
    {
        using var town = new Town();
        var (first, second) = (new MemoryStream(), new MemoryStream());
        await RosterFile.Write(first, 3_000, 7, default);
        await RosterFile.Write(second, 3_000, 7, default);
        Assert.Equal(first.ToArray(), second.ToArray());
        var done = await town.Done(town.Write("r.csv", first.ToArray()));
        Assert.Equal(new ImportCounts(3_000, 0, 0, 0), done.Counts);
        Assert.NotNull(await town.Entry(RosterFile.IdOf(3_000)));
    }

    static double Share(RosterPut[] persons, IdentityKind kind) =>
        persons.Count(p => p.Entry.Identities.Any(i => i.Kind == kind)) / (double)persons.Length;

    static string HashOf(City city)
    {
        var text = new StringBuilder();
        foreach (var facility in city.Facilities)
            text.Append(facility).Append('\n');
        foreach (var (id, entry) in city.Enrollees)
            text.Append($"{id},{entry.RegionId},{entry.Insurance},{RosterItems.Write(entry.Coverages)},")
                .Append(RosterItems.Write(entry.Identities)).Append('\n');
        foreach (var step in city.Histories.SelectMany(h => h.Steps))
            text.Append(step).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
