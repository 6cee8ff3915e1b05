using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <summary>What varies between the two cities' discharges.</summary>
/// <param name="Prefix">Of the persons' ids.</param>
/// <param name="IllShare">Of ten thousand persons, those with discharges in the year.</param>
/// <param name="BasicPercent">What the basic pool pays in the region, elsewhere in the province, outside.</param>
sealed record Scene(
    string Prefix, int Persons, int Year, int IllShare, Money BasicCap, bool StatesOverCap, int[] BasicPercent,
    FacilityProfile[] InRegion, FacilityProfile[] InProvince, FacilityProfile[] Outside);

/// <summary>How ill a person was: how many stays, what a stay costs (yuan), and where people go with it.</summary>
readonly record struct Severity(int Weight, int StaysMax, int CostMin, int CostMax, int[] Places);

/// <summary>The discharges of one person in the scene's year, drawn from the person's own dice.</summary>
static class Stays
{
    // Such that what the plans pay is near their premium (114.23 yuan a resident, 90 an employee).
    static readonly Severity[] Severities =
    [
        new(937, 3, 1_500, 12_000, [92, 5, 3]),
        new(60, 3, 15_000, 45_000, [55, 27, 18]),
        new(3, 3, 60_000, 160_000, [30, 30, 40]),
    ];

    static readonly int[] SeverityWeights = [.. Severities.Select(s => s.Weight)];
    static readonly int[] CareWeights = [84, 6, 10];
    static readonly CareType[] CareTypes =
        [CareType.Inpatient, CareType.AccidentInpatient, CareType.OutpatientSpecialDisease];

    public static History? Of(Scene scene, ulong seed, RosterPut person)
    {
        var dice = new Dice(seed, person.EnrolleeId + "/stays");
        if (!dice.Chance(scene.IllShare))
            return null;
        var steps = new StepList(person.EnrolleeId, scene.Year);
        var bills = new Bills(scene.BasicCap, scene.StatesOverCap);
        var isPupil = person.Entry.Identities.Any(i => i.Kind == IdentityKind.Student) && dice.Chance(3_000);
        var severity = Severities[isPupil ? 0 : dice.Weighted(SeverityWeights)];
        foreach (var discharged in Days(ref dice, scene.Year, dice.Between(1, severity.StaysMax)))
        {
            // Nobody goes to the counter before cover begins.
            if (!person.Entry.Coverages.Any(c => c.Days.Holds(discharged)))
                continue;
            if (isPupil)
                steps.Settle(dice.Pick(scene.InRegion), Channel.OneStop, Playground(ref dice, discharged));
            else
                Stay(scene, ref dice, ref bills, severity, discharged, steps);
        }
        return steps.Count == 0 ? null : steps.History;
    }

    static void Stay(
        Scene scene, ref Dice dice, ref Bills bills, Severity severity, DateOnly discharged, StepList steps)
    {
        var place = dice.Weighted(severity.Places);
        var facility = dice.Pick(place == 0 ? scene.InRegion : place == 1 ? scene.InProvince : scene.Outside);
        var filing = place > 0 && dice.Chance(1_500) ? Filing.Unfiled : Filing.Filed;
        var channel = place == 0 ? Channel.OneStop : filing == Filing.Filed ? Channel.Platform : Channel.Window;
        var careType = CareTypes[dice.Weighted(CareWeights)];
        var admitted = careType == CareType.OutpatientSpecialDisease
            ? discharged : discharged.AddDays(-dice.Between(2, severity.CostMin > 15_000 ? 30 : 12));
        var total = new Money(dice.Between(severity.CostMin * 100L, severity.CostMax * 100L));
        // A month of a special disease costs less than a stay.
        if (careType == CareType.OutpatientSpecialDisease)
            total = new Money(total.Fen / 4);
        var bill = bills.Next(
            careType, filing, admitted, discharged, total, dice.Between(78, 96),
            Money.Yuan(300 * facility.Level + 200 * place), scene.BasicPercent[place] + dice.Between(-4, 4));
        // A mistake at the counter: settled with too little, reversed, settled again.
        if (severity.CostMin < 15_000 && bill.OverCapEligible is null && dice.Chance(80))
            steps.SettleWronglyFirst(facility, channel, bill);
        else
            steps.Settle(facility, channel, bill);
    }

    /// <summary>A pupil's accident, treated as an outpatient (Tongliao 4.3).</summary>
    static Bill Playground(ref Dice dice, DateOnly day)
    {
        var total = new Money(dice.Between(8_000, 320_000));
        var eligible = new Money(total.Fen * dice.Between(80, 100) / 100);
        var basic = new Money(eligible.Fen * 20 / 100);
        return Bills.Of(CareType.AccidentOutpatient, Filing.Filed, day, day, total, eligible, basic);
    }

    /// <summary>Ascending and all different, since a person lies in one bed at a time.</summary>
    static SortedSet<DateOnly> Days(ref Dice dice, int year, int count)
    {
        var days = new SortedSet<DateOnly>();
        while (days.Count < count)
            days.Add(dice.DayOf(year));
        return days;
    }
}

/// <summary>Collects a person's steps; ids follow from the person, the year and the number of the encounter.</summary>
sealed class StepList(string enrolleeId, int year)
{
    readonly List<Step> _steps = [];
    int _encounters;

    public int Count => _steps.Count;

    public History History => new(enrolleeId, _steps);

    public StepList Settle(FacilityProfile facility, Channel channel, Bill bill)
    {
        _encounters++;
        return Add(facility, channel, bill, "");
    }

    public StepList SettleWronglyFirst(FacilityProfile facility, Channel channel, Bill bill)
    {
        _encounters++;
        Add(facility, channel, bill with { BasicPaid = new Money(bill.BasicPaid.Fen * 9 / 10) }, "-w");
        _steps.Add(new Step.Reverse(new ReverseRequest(
            RequestId("-r"), facility.FacilityId, _steps[^1].Id, "基本医保支付录入有误")));
        return Add(facility, channel, bill, "");
    }

    StepList Add(FacilityProfile facility, Channel channel, Bill bill, string suffix)
    {
        _steps.Add(new Step.Settle(new SettleRequest(
            RequestId(suffix), facility.FacilityId, $"{enrolleeId}-{year}-{_encounters:00}", enrolleeId, channel,
            bill)));
        return this;
    }

    string RequestId(string suffix) => $"sample-{enrolleeId}-{year}-{_encounters:00}{suffix}";
}
