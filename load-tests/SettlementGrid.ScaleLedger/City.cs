using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Testbed;

namespace SettlementGrid.ScaleLedger;

/// <summary>
/// A made-up city of residents under Tongliao's plan of 2025 and its discharges over that year, all from the seed: the
/// n-th discharge is the same in every run. A fifth of the people, the chronically ill, have three fifths of the
/// discharges. Persons are those of a <see cref="Town"/>, so that the load test knows their ids.
/// </summary>
sealed record City(int Persons, int Discharges, ulong Seed)
{
    /// <summary>Of the persons' ids.</summary>
    public const string Name = "City";

    public static readonly DateTimeOffset Opens = new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(8));

    const int ChronicPercentOfPersons = 20;
    const int ChronicPercentOfDischarges = 60;
    const int FacilitiesACounty = 12;
    static readonly Coverage[] Cover =
        [new(Town.PlanId, new DaySpan(new DateOnly(Town.Year, 1, 1), new DateOnly(Town.Year, 12, 31)))];

    static readonly Identity[] LowIncome = [new(IdentityKind.LowIncome, default)];

    static readonly string[] Counties =
        ["150502", "150521", "150522", "150523", "150524", "150525", "150526", "150581", "150571"];

    // Shared between persons: what a million of them have in common is kept once.
    static readonly RosterEntry[] Ordinary =
        [.. Counties.Select(county => new RosterEntry(county, Insurance.Resident, Cover, []))];

    static readonly RosterEntry[] Special = [.. Ordinary.Select(entry => entry with { Identities = LowIncome })];

    readonly Town _town = new(Name, 1, Persons);

    public string PersonId(int person) => _town.PersonId(person);

    public static RosterEntry RosterOf(int person) =>
        (person % 7 == 0 ? Special : Ordinary)[person % Counties.Length];

    /// <summary>Heads of each county, for its fund's premium.</summary>
    public IEnumerable<(string Region, int Heads)> Heads() =>
        Counties.Select((county, i) => (county, (Persons + Counties.Length - 1 - i) / Counties.Length));

    /// <summary>When a discharge is settled: they are spread evenly over the year after the first days.</summary>
    public long At(int discharge) =>
        Opens.AddDays(2).AddMilliseconds((long)discharge * 31_000_000_000 / Math.Max(1, Discharges))
            .ToUnixTimeMilliseconds();

    public int PersonOf(int discharge)
    {
        var draw = Mixed(Seed ^ (uint)discharge);
        var chronic = Math.Max(1, (int)((long)Persons * ChronicPercentOfPersons / 100));
        var among = draw % 100 < ChronicPercentOfDischarges ? chronic : Persons;
        return (int)((draw >> 8) % (ulong)among);
    }

    /// <summary>One discharge in a hundred is settled with a mistake at first, reversed and settled again.</summary>
    public bool IsCorrected(int discharge) => Mixed(Seed + 7 ^ (uint)discharge) % 100 == 0;

    /// <param name="suffix">Distinguishes the requests of one discharge.</param>
    /// <param name="basicPercent">Of the eligible cost, what the basic pool paid.</param>
    public SettleRequest Bill(int discharge, string personId, string suffix, int basicPercent)
    {
        var draw = Mixed(Seed + 11 ^ (uint)discharge);
        var total = 80_000 + (long)(draw % 900_000);
        var eligible = total * (long)(75 + (draw >> 20) % 20) / 100;
        var settledOn = BeijingTime.DayOf(DateTimeOffset.FromUnixTimeMilliseconds(At(discharge)));
        var inpatient = (draw >> 28) % 3 > 0;
        var facility = (draw >> 32) % (ulong)(Counties.Length * FacilitiesACounty);
        var bill = new Bill(
            inpatient ? CareType.Inpatient : CareType.OutpatientSpecialDisease, null, Filing.Filed,
            inpatient ? settledOn.AddDays(-(int)((draw >> 40) % 12)) : settledOn, settledOn,
            new Money(total), new Money(eligible), new Money(eligible * basicPercent / 100), null, Money.Zero,
            Money.Zero, Money.Zero, null);
        return new SettleRequest(
            $"{Name}-{discharge}{suffix}",
            $"H{Counties[facility / FacilitiesACounty]}{facility % FacilitiesACounty + 1:00000}",
            $"{Name}-E{discharge}", personId, Channel.OneStop, bill);
    }

    /// <summary>SplitMix64's last step: the same on every machine, which System.Random does not promise.</summary>
    static ulong Mixed(ulong value)
    {
        value = unchecked(value * 0x9E37_79B9_7F4A_7C15UL + 0x9E37_79B9_7F4A_7C15UL);
        value = unchecked((value ^ value >> 30) * 0xBF58_476D_1CE4_E5B9UL);
        value = unchecked((value ^ value >> 27) * 0x94D0_49BB_1331_11EBUL);
        return value ^ value >> 31;
    }
}
