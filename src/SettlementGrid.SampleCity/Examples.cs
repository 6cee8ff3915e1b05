using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <summary>
/// The first persons of each city have a history that is written here, one case of the policies each, so that a
/// demonstration can point at them. The very first has none: the README's first calls settle for them.
/// </summary>
static class Examples
{
    /// <summary>From which number on persons are generated.</summary>
    public const int FirstGenerated = 21;

    static readonly FacilityProfile Home = Geography.TongliaoHospitals[0];
    static readonly FacilityProfile PuyangHome = Geography.PuyangHospitals[2];

    public static RosterPut Resident(int number) => number switch
    {
        2 => People.OrdinaryResident(Id(number), new Identity(IdentityKind.LowIncome, default)),
        3 => People.OrdinaryResident(Id(number), new Identity(IdentityKind.Student, default)),
        8 => People.OrdinaryResident(
            Id(number), new Identity(IdentityKind.ReturnedToPoverty, new DaySpan(new DateOnly(2025, 7, 1), null))),
        _ => People.OrdinaryResident(Id(number)),
    };

    public static IEnumerable<History> OfTongliao()
    {
        // Through every band, ordinary and special: 65,600 and 74,450 yuan (policies, worked figures).
        yield return Of(2).Settle(Home, Channel.OneStop, Inpatient("2025-05-20", 180_000, 160_000, 60_000)).History;
        yield return Of(9).Settle(Home, Channel.OneStop, Inpatient("2025-05-20", 180_000, 160_000, 60_000)).History;
        // A pupil's accidents until the year's 2,000 yuan are used up.
        yield return Of(3).Settle(Home, Channel.OneStop, Accident("2025-03-11", 1_800, 1_600, 0))
            .Settle(Home, Channel.OneStop, Accident("2025-10-09", 2_400, 2_000, 400)).History;
        // Five stays in Beijing until the year's 380,000 yuan are used up.
        var beijing = Of(4);
        foreach (var day in (string[])["2025-02-14", "2025-04-18", "2025-07-03", "2025-09-12", "2025-11-28"])
            beijing.Settle(Geography.Beijing[3], Channel.Platform, Inpatient(day, 150_000, 130_000, 24_000));
        yield return beijing.History;
        yield return Of(5)
            .SettleWronglyFirst(Home, Channel.OneStop, Inpatient("2025-06-05", 60_000, 52_000, 20_000)).History;
        // Outside the autonomous region before and after 1 July 2025.
        yield return Of(6)
            .Settle(Geography.Beijing[0], Channel.Platform, Inpatient("2025-03-20", 70_000, 60_000, 20_000))
            .Settle(Geography.Beijing[0], Channel.Platform, Inpatient("2025-08-20", 70_000, 60_000, 20_000)).History;
        yield return Of(7).Settle(Home, Channel.OneStop, Inpatient("2025-09-30", 48_000, 44_000, 18_000) with
        {
            CareType = CareType.AccidentInpatient,
        }).History;
        // 10,000 as an ordinary person, then 5,000 as a special one: 3,250 yuan.
        yield return Of(8).Settle(Home, Channel.OneStop, Inpatient("2025-04-02", 26_000, 22_000, 12_000))
            .Settle(Home, Channel.OneStop, Inpatient("2025-08-15", 14_000, 11_000, 6_000)).History;
    }

    public static IEnumerable<History> OfPuyang()
    {
        // The basic pool's cap is reached within a stay, with 50,000 over it: 45,000; then 10,000 more: 9,000.
        yield return Employee(2)
            .Settle(PuyangHome, Channel.OneStop, Inpatient("2026-01-20", 200_000, 180_000, 110_000, overCap: 50_000))
            .Settle(PuyangHome, Channel.OneStop, Inpatient("2026-02-25", 12_000, 10_000, 0)).History;
        // 600,000 over the cap in all: 490,000 are paid.
        yield return Employee(3)
            .Settle(PuyangHome, Channel.OneStop, Inpatient("2026-01-15", 500_000, 450_000, 110_000, overCap: 320_000))
            .Settle(
                Geography.Zhengzhou[2], Channel.Platform,
                Inpatient("2026-03-05", 320_000, 280_000, 0, overCap: 280_000))
            .History;
        yield return Employee(4)
            .SettleWronglyFirst(PuyangHome, Channel.OneStop, Inpatient("2026-02-10", 30_000, 27_000, 22_000)).History;
    }

    static StepList Of(int number) => new(Id(number), 2025);

    static StepList Employee(int number) => new($"PY-{number:0000000}", 2026);

    static string Id(int number) => $"TL-{number:0000000}";

    static Bill Inpatient(string discharged, int total, int eligible, int basic, int? overCap = null)
    {
        var day = DateOnly.ParseExact(discharged, "yyyy-MM-dd");
        return Bills.Of(
            CareType.Inpatient, Filing.Filed, day.AddDays(-9), day, Money.Yuan(total), Money.Yuan(eligible),
            Money.Yuan(basic), overCap is { } over ? Money.Yuan(over) : null);
    }

    static Bill Accident(string on, int total, int eligible, int basic) =>
        Inpatient(on, total, eligible, basic) with
        {
            CareType = CareType.AccidentOutpatient,
            AdmittedOn = DateOnly.ParseExact(on, "yyyy-MM-dd"),
        };
}
