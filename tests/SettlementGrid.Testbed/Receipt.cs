using System.Globalization;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Testbed;

/// <summary>
/// What must be found again of an acknowledged settlement. Small, for a long run keeps millions: the ids follow from
/// the bill's number.
/// </summary>
/// <param name="Number">Of the bill in its town.</param>
/// <param name="Hash">The first half of the entry hash, which covers everything that was decided.</param>
public readonly record struct Receipt(
    int Number, UInt128 Hash, long LedgerPosition, long AccountVersion, long PlansPaidFen, long EnrolleePaysFen)
{
    public static Receipt Of(int number, Settlement settlement) => new(
        number,
        UInt128.Parse(settlement.EntryHash.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
        settlement.LedgerPosition,
        settlement.AccountVersion,
        settlement.PlansPaidFen,
        settlement.EnrolleePaysFen);
}
