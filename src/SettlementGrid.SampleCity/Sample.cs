using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <summary>
/// Two generated cities: Tongliao's residents with the discharges of 2025, Puyang's employees with those of 2026 up to
/// today. The same seed and day give the same city, and a later day only adds discharges: so a server that starts again
/// later finds its own requests unchanged.
/// </summary>
public static class Sample
{
    public const ulong DefaultSeed = 20251122;

    static readonly Scene Tongliao = new(
        "TL", Limits.TongliaoPersons, 2025, 1_100, Money.Yuan(120_000), false, [68, 60, 52],
        Geography.TongliaoHospitals, Geography.Hohhot, Geography.Beijing);

    static readonly Scene Puyang = new(
        "PY", Limits.PuyangPersons, 2026, 1_600, Money.Yuan(110_000), true, [86, 80, 74],
        Geography.PuyangHospitals, Geography.Zhengzhou, Geography.Beijing);

    /// <summary>Pure. The plans of the roster's coverages must be published before it is loaded.</summary>
    public static City Generate(ulong seed, DateOnly today)
    {
        var persons = new List<RosterPut>(Tongliao.Persons + Puyang.Persons);
        var histories = new List<History>();
        histories.AddRange(Examples.OfTongliao());
        Populate(Tongliao, seed, persons, histories, Examples.Resident, id => People.Resident(seed, id));
        histories.AddRange(Examples.OfPuyang());
        Populate(
            Puyang, seed, persons, histories, number => People.OrdinaryEmployee(IdOf(Puyang, number)),
            id => People.Employee(seed, id));
        return new City(
            Geography.Hospitals, persons, UpTo(today, histories),
            [.. Premiums.Of(persons).Where(p => p.ReceivedOn <= today)]);
    }

    /// <summary>How the sample's regions are called; null for any other code.</summary>
    public static string? NameOfRegion(string regionId) => Geography.Names.GetValueOrDefault(regionId);

    static void Populate(
        Scene scene, ulong seed, List<RosterPut> persons, List<History> histories, Func<int, RosterPut> example,
        Func<string, RosterPut> generate)
    {
        for (var number = 1; number <= scene.Persons; number++)
        {
            if (number < Examples.FirstGenerated)
            {
                persons.Add(example(number));
                continue;
            }
            var person = generate(IdOf(scene, number));
            persons.Add(person);
            if (Stays.Of(scene, seed, person) is { } history)
                histories.Add(history);
        }
    }

    static string IdOf(Scene scene, int number) => $"{scene.Prefix}-{number:0000000}";

    /// <summary>
    /// What has happened by then. A reversal and the settlement after it belong to the day of the first.
    /// </summary>
    static List<History> UpTo(DateOnly today, List<History> histories)
    {
        var past = new List<History>(histories.Count);
        foreach (var history in histories)
        {
            var steps = history.Steps
                .TakeWhile(s => s is not Step.Settle settle || settle.Request.Bill.DischargedOn <= today).ToArray();
            if (steps.Length > 0)
                past.Add(history with { Steps = steps });
        }
        return past;
    }
}
