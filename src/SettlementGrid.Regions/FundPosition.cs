using SettlementGrid.Plans;

namespace SettlementGrid.Regions;

/// <summary>
/// The fund of a plan in a region (with all regions under it) for a policy year, at one mark of the ledger. Amounts in
/// fen; whoever adds the ledger up to the mark gets the same. A sum that leaves its type stands at its end
/// (<see cref="Money.Nearest"/>), and what is reckoned from it follows from what is shown.
/// </summary>
/// <param name="Mark">The ledger position the figures stand at.</param>
/// <param name="At">Milliseconds since 1970 of the newest fact at the mark; 0 where the ledger is empty.</param>
/// <param name="Paid">
/// What the plan's layers paid, adjustments added, reversals taken off, the accident basic part with it (通辽 4.2);
/// computed basic layers are the basic pool's and not in it.
/// </param>
/// <param name="Persons">With a settlement that stands; each once, also above counties.</param>
/// <param name="Insured">On the roster with cover of the plan on a day of the year.</param>
/// <param name="Cases">Settlements in which a layer of the plan took part, less the reversed ones.</param>
public sealed record FundPosition(
    string RegionId,
    string PlanId,
    int Year,
    long Mark,
    long At,
    FundRecorded Recorded,
    Money Paid,
    Money AccidentBasic,
    Money Adjusted,
    long Persons,
    long Insured,
    long Cases,
    long Reversals,
    long Adjustments,
    IReadOnlyList<FundSum<string>> ByMonth,
    IReadOnlyList<FundSum<CarePlace>> ByCarePlace,
    IReadOnlyList<FundSum<string>> ByFacility,
    IReadOnlyList<FundSum<FundLayer>> ByLayer)
{
    /// <summary>Premiums and supplements less deductions.</summary>
    public Money Premium =>
        Money.Nearest((Int128)Recorded.Premium.Fen + Recorded.Supplement.Fen - Recorded.Deduction.Fen);

    /// <summary>
    /// What is left of the fund. Transfers, deposits and prepayments move books and leave it as it is.
    /// </summary>
    public Money Balance => Money.Nearest((Int128)Premium.Fen - Recorded.Returned.Fen - Paid.Fen);
}

/// <summary>What was recorded of a fund by kind; all sums are of positive amounts.</summary>
/// <param name="Persons">Of the newest premium record.</param>
public sealed record FundRecorded(
    Money Premium, Money Supplement, Money Deduction, Money Transferred, Money Deposit, Money Prepayment,
    Money Returned,
    long Persons)
{
    public static readonly FundRecorded None = new(default, default, default, default, default, default, default, 0);
}

public readonly record struct FundSum<TKey>(TKey Key, Money Paid, long Cases);

public readonly record struct FundLayer(string LayerId, string Payer, string FundCode);

/// <summary>Which funds are asked for.</summary>
/// <param name="PlanId">Empty: every plan.</param>
/// <param name="Below">Also every region under it that has figures, each for itself.</param>
public sealed record FundQuery(string RegionId, string PlanId, int Year, bool Below);

/// <summary>Funds at one mark, by region, then plan.</summary>
public sealed record FundPositions(long Mark, IReadOnlyList<FundPosition> Positions);
