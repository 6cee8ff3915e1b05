using SettlementGrid.Enrollees;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Checking;

/// <summary>
/// The clients' own reckoning: each person's bills in the order of the versions that were acknowledged, through the
/// pure policy functions, give every acknowledged amount to the fen (I3, I4). It asks no server and no database.
/// </summary>
static class Model
{
    // The model reckons with the plans as they come with the program; the servers have them in the ledger.
    internal static readonly Catalog Catalog = new(1, Shipped(), []);

    public static IEnumerable<Difference> Differences(Town town, IEnumerable<Receipt> receipts) =>
        receipts.GroupBy(receipt => town.Bill(receipt.Number).EnrolleeId).SelectMany(
            person => Differences(town, person.Key, [.. person.OrderBy(receipt => receipt.AccountVersion)]));

    static IEnumerable<Difference> Differences(Town town, string person, IReadOnlyList<Receipt> receipts)
    {
        var account = Account.Unknown(person).Evolve(new Fact.Enrolled(Roster(town, person))) with { Version = 1 };
        foreach (var receipt in receipts)
        {
            if (receipt.AccountVersion != account.Version + 1)
            {
                // After a gap every figure may differ: one finding a person.
                yield return new(DifferenceKind.Differing,
                    $"{person} has version {receipt.AccountVersion} acknowledged after {account.Version}");
                yield break;
            }
            var bill = town.Bill(receipt.Number);
            var decided = Decide.Settle(account, Read(bill), null, Catalog, null, null);
            if (decided is not Decision.Facts { All: [Fact.Settled settled, ..] })
            {
                yield return new(DifferenceKind.Differing,
                    $"{bill.RequestId} was acknowledged; the model says {decided}");
                yield break;
            }
            var paid = settled.Outcome.PlansPaid.Fen;
            var self = bill.TotalFen - bill.BasicPaidFen - settled.Outcome.BasicComputed.Fen - paid;
            if ((paid, self) != (receipt.PlansPaidFen, receipt.EnrolleePaysFen))
            {
                yield return new(DifferenceKind.Differing, $"{bill.RequestId} was acknowledged with "
                    + $"{receipt.PlansPaidFen} + {receipt.EnrolleePaysFen} fen, the model says {paid} + {self}");
            }
            account = account.Evolve(settled) with { Version = receipt.AccountVersion };
        }
    }

    internal static RosterEntry Roster(Town town, string person)
    {
        var entry = town.Enrollee(int.Parse(person[(person.LastIndexOf('P') + 1)..]));
        var year = new DaySpan(new DateOnly(Town.Year, 1, 1), new DateOnly(Town.Year, 12, 31));
        return new RosterEntry(
            entry.RegionId, Insurance.Resident, [new Coverage(Town.PlanId, year)],
            [.. entry.Identities.Select(_ => new Identity(IdentityKind.LowIncome, default))]);
    }

    internal static SettleRequest Read(Api.V1.SettleRequest bill) => new(
        bill.RequestId, bill.FacilityId, bill.EncounterId, bill.EnrolleeId, Channel.OneStop,
        new Bill(
            (CareType)bill.CareType, null, Filing.Filed, DateOnly.Parse(bill.AdmittedOn),
            DateOnly.Parse(bill.DischargedOn),
            new Money(bill.TotalFen), new Money(bill.EligibleFen), new Money(bill.BasicPaidFen), null,
            Money.Zero, Money.Zero, Money.Zero, null));

    static IEnumerable<PlanVersion> Shipped()
    {
        var text = File.ReadAllText(Repository.Deploy("plans", Town.PlanId + ".yaml"));
        yield return new PlanVersion(
            PlanFile.Read(text).Plan ?? throw new InvalidOperationException("The plan file is broken."), 1, text);
    }
}
