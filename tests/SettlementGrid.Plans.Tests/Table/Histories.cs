using System.Globalization;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// The small language of the policy tests. A table has a head of column names and one bill a row, settled in order for
/// one person; a row of dashes begins a new person. Amounts are yuan (with two decimals a fen is one hundredth), "-" is
/// not stated. Columns before "=>" make the bill, those behind it are what must come of it:
/// a layer's id (paid), position, left (cap), base, refused (the reason).
/// </summary>
static class Histories
{
    public static void Check(Plan plan, string table, FacilityProfile? at = null)
    {
        var rows = table.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var head = Cells(rows[0]);
        var arrow = Array.IndexOf(head, "=>");
        var person = new Person(plan);
        for (var i = 1; i < rows.Length; i++)
        {
            if (rows[i].StartsWith("--", StringComparison.Ordinal))
            {
                person = new Person(plan);
                continue;
            }
            var cells = Cells(rows[i].Split("//")[0]);
            Assert.True(cells.Length == head.Length,
                $"row {i} has {cells.Length} cells, the head {head.Length}: {rows[i]}");
            var bill = Bills.Empty;
            var facility = at ?? Facilities.In(plan.Region);
            for (var column = 0; column < arrow; column++)
                (bill, facility) = Fill(head[column], cells[column], bill, facility, person);
            if (bill.Total < bill.Eligible)
                bill = bill with { Total = bill.Eligible };
            var result = person.Settle(bill, facility);
            for (var column = arrow + 1; column < head.Length; column++)
                Assert.True(cells[column] == Seen(head[column], cells[column], result),
                    $"row {i} '{rows[i]}': {head[column]} is {Seen(head[column], cells[column],
                        result)} ({result.Refusal?.MessageEn})");
        }
    }

    static string[] Cells(string row) => row.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    static (Bill Bill, FacilityProfile Facility) Fill(
        string column, string cell, Bill bill, FacilityProfile facility, Person person)
    {
        if (cell == "-")
            return (bill, facility);
        switch (column)
        {
            case "who":
                person.As(cell == "ordinary" ? [] : [.. cell.Split('+').Select(Enum.Parse<IdentityKind>)]);
                return (bill, facility);
            case "at":
                return (bill, Facilities.Named(cell));
            case "care":
                return (bill with { CareType = Enum.Parse<CareType>(cell) }, facility);
            case "filing":
                return (bill with { Filing = Enum.Parse<Filing>(cell) }, facility);
            case "class":
                return (bill with { DrugClass = Enum.Parse<DrugClass>(cell) }, facility);
            case "discharged":
                var day = DateOnly.Parse(cell, CultureInfo.InvariantCulture);
                return (bill with { AdmittedOn = day, DischargedOn = day }, facility);
        }
        var amount = Money.Yuan(decimal.Parse(cell, CultureInfo.InvariantCulture));
        return (column switch
        {
            "total" => bill with { Total = amount },
            "eligible" => bill with { Eligible = amount },
            "basic" => bill with { BasicPaid = amount },
            "over" => bill with { OverCapEligible = amount },
            "prior" => bill with { PriorPlansPaid = amount },
            "unreasonable" => bill with { Unreasonable = amount },
            "assistance" => bill with { AssistancePaid = amount },
            _ => throw new ArgumentException("no such column: " + column),
        }, facility);
    }

    static string Seen(string column, string wanted, Adjudicated result)
    {
        if (column == "refused")
            return result.Refusal?.Code ?? "-";
        if (result.Outcome is not { } outcome)
            return "-";
        if (column == "note")
            return outcome.Layers.Count == 0 ? "-" : outcome.Layers[0].Note.ToString();
        if (column is "position" or "left" or "base" or "deductible")
        {
            if (outcome.Layers.Count == 0)
                return "-";
            var layer = outcome.Layers[0];
            return Spelt(column switch
            {
                "position" => layer.PositionAfter,
                "base" => layer.Base,
                "deductible" => layer.DeductibleRemaining,
                _ => layer.CapRemaining,
            }, wanted);
        }
        return Spelt(outcome.Layers.FirstOrDefault(layer => layer.LayerId == column)?.Paid, wanted);
    }

    // In the spelling of the row, so that 65600 and 65600.00 both may stand there.
    static string Spelt(Money? amount, string wanted)
    {
        if (amount is not { } money)
            return "-";
        var yuan = money.Fen / 100m;
        return decimal.TryParse(wanted, CultureInfo.InvariantCulture, out var parsed) && parsed == yuan
            ? wanted
            : yuan.ToString("0.00", CultureInfo.InvariantCulture);
    }
}
