using System.Runtime.CompilerServices;
using System.Text;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// What a cashier reads aloud, word by word, in explanations.approved.txt. Whoever changes a sentence changes that
/// file, knowingly: the failing test leaves the whole text as it is now beside the test program.
/// </summary>
public class Explanation_tests
{
    [Fact]
    public void Sentences_are_those_approved_in_both_languages()
    {
        var text = new StringBuilder();
        foreach (var (title, person, bill, facility) in Scenes())
        {
            var outcome = person.Preview(bill, facility).Outcome!;
            foreach (var language in Enum.GetValues<Language>())
            {
                text.Append("## ").Append(title).Append('\n');
                foreach (var sentence in Explanation.Sentences(bill, outcome, facility, person.Catalog, language))
                    text.Append(sentence).Append('\n');
                text.Append('\n');
            }
        }
        var received = Path.Combine(AppContext.BaseDirectory, "explanations.received.txt");
        File.WriteAllText(received, text.ToString());
        Assert.True(Approved() == text.ToString(),
            "The sentences differ from explanations.approved.txt; they are in " + received);
    }

    [Fact]
    public void A_settlement_is_explained_by_ids_where_its_plan_cannot_be_found()
    {
        var person = new Person(ShippedPlans.Tongliao);
        var bill = Bills.Of(20_000m);
        var sentences = Explanation.Sentences(
            bill, person.Settle(bill).Outcome!, Facilities.Tongliao, Catalog.Empty, Language.English);
        Assert.StartsWith("tongliao-resident-critical-2025 (critical): 20,000.00 yuan enter the position",
            sentences[0]);
        Assert.Contains("From 14,000.00 to 30,000.00 yuan: 6,000.00 × 60% = 3,600.00 yuan.", sentences);
    }

    static IEnumerable<(string Title, Person Person, Bill Bill, FacilityProfile Facility)> Scenes()
    {
        yield return ("a low-income person outside the autonomous region in March",
            new Person(ShippedPlans.Tongliao).As(IdentityKind.LowIncome), Bills.Of(100_000m, 40_000m),
            Facilities.Shenyang);
        yield return ("an ordinary person above the cap",
            new Person(ShippedPlans.Tongliao), Bills.Of(500_000m), Facilities.Tongliao);
        yield return ("an accident in hospital, below the start",
            new Person(ShippedPlans.Tongliao), Bills.Of(5_000m, 100m) with { CareType = CareType.AccidentInpatient },
            Facilities.Tongliao);
        yield return ("an accident outpatient who is no student",
            new Person(ShippedPlans.Tongliao), Bills.Of(500m) with { CareType = CareType.AccidentOutpatient },
            Facilities.Tongliao);
        yield return ("a student's accident outpatient care",
            new Person(ShippedPlans.Tongliao).As(IdentityKind.Student),
            Bills.Of(500m) with { CareType = CareType.AccidentOutpatient }, Facilities.Tongliao);
        var employee = new Person(ShippedPlans.Puyang);
        employee.Roster = employee.Roster with { Coverages = [.. employee.Roster.Coverages,
            new Coverage("of-old", default)] };
        yield return ("an employee below the basic cap, with a plan that no longer is",
            employee, Bills.Of(10_000m, 8_000m, "2026-02-03"), Facilities.Puyang);
        var above = new Person(ShippedPlans.Puyang);
        above.Settle(Bills.Of(110_000m, 110_000m, "2026-01-02") with { OverCapEligible = default(Money) },
            Facilities.Puyang);
        yield return ("an employee above the basic cap, with another payer before",
            above, Bills.Of(10_000m, 0, "2026-02-03") with { PriorPlansPaid = Money.Yuan(3_000m),
                AssistancePaid = Money.Yuan(0m) }, Facilities.Puyang);
    }

    static string Approved([CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "explanations.approved.txt"));
}
