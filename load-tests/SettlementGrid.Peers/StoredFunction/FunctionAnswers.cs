using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Peers.StoredFunction;

/// <summary>
/// The function's row → the answer that the interface writes: the same message as the server's, but without position in
/// a ledger and hash, which a table has not.
/// </summary>
static class FunctionAnswers
{
    public const string PlanId = "tongliao-resident-critical-2025";
    const string LayerId = "critical";
    static readonly Money s_usualStart = Money.Yuan(14_000);
    static readonly Money s_specialStart = Money.Yuan(7_000);
    static readonly Money s_usualCap = Money.Yuan(380_000);
    const int SpecialCasesEnd = 2;

    public static Answer Of(
        SettleRequest request, FacilityProfile facility, CarePlace place, Catalog catalog, in FunctionRow row) =>
        row.Outcome switch
        {
            FunctionOutcome.Settled or FunctionOutcome.Repeated => Settled(request, facility, place, catalog, row),
            FunctionOutcome.RequestIdReused => new Answer.Refused(Refusals.RequestIdReused(request.Id)),
            FunctionOutcome.EnrolleeUnknown => new Answer.Refused(Refusals.EnrolleeUnknown()),
            FunctionOutcome.EncounterAlreadySettled => new Answer.Refused(new Refusal(
                RefusalReason.EncounterAlreadySettled, "该就诊本年度已结算",
                "This encounter is already settled for the year")),
            FunctionOutcome.BasicCapExceeded => new Answer.Refused(new Refusal(
                RefusalReason.BasicCapExceeded, "超过基本医保年度限额", "The year's basic payments would exceed their cap")),
            FunctionOutcome.PartsAboveTotal => new Answer.Refused(new Refusal(
                RefusalReason.AmountOutOfRange, "各项支付之和大于总费用", "The payments together are more than the total")),
            _ => new Answer.Refused(new Refusal(
                RefusalReason.NotCovered, "出院日期没有有效的保障", "No plan covers the discharge")),
        };

    static Answer.Settled Settled(
        SettleRequest request, FacilityProfile facility, CarePlace place, Catalog catalog, in FunctionRow row)
    {
        var version = catalog.InForce(PlanId, request.Bill.DischargedOn)!;
        var layer = Layer(version, request.Bill, place, row);
        var key = new AccumulatorKey(PlanId, LayerId, layer.Period);
        var fact = new Fact.Settled(
            request.Id, request, row.RegionId, facility with { Name = "" },
            new AdjudicationOutcome([layer], [], [], "") { Counted = [new PlanCounted(PlanId, version.Version)] }, 1)
        {
            LaterDischarge = row.LaterDischarge,
        };
        var after = new Account(
            request.EnrolleeId, row.Version, default, row.At, null,
            AccumulatorSet.OfSorted(
                [new(key, new Accumulator(row.PositionAfter, row.PaidBefore + row.Paid, Money.Zero, 1))]));
        // No canonical bytes and no hash: nobody reads this entry but the writer of the answer.
        var entry = new Entry(
            StreamKey.Person(request.EnrolleeId), row.Version, row.At, fact, default, after, [], default);
        return new Answer.Settled(new Settlement(new Recorded(entry, row.Number), null, null));
    }

    static LayerResult Layer(PlanVersion version, Bill bill, CarePlace place, in FunctionRow row)
    {
        var layer = version.Plan.Layer(LayerId)!;
        var special = row.RateCase < SpecialCasesEnd;
        var start = special ? s_specialStart : s_usualStart;
        var left = Money.Max(Money.Zero, bill.Eligible - bill.BasicPaid - bill.PriorPlansPaid);
        var bands = Bands(row.Bands);
        var banded = bands.Aggregate(Money.Zero, (sum, band) => sum + band.Paid);
        return new LayerResult(
            PlanId, version.Version, LayerId, new Period(bill.DischargedOn.Year), layer.Payer, layer.FundCodes[0].Value,
            place, left, row.PositionBefore, row.PositionAfter, bands, row.Paid, row.PaidBefore,
            Money.Max(Money.Zero, start - row.PositionAfter),
            special ? null : Money.Max(Money.Zero, s_usualCap - row.PaidBefore) - row.Paid,
            row.Paid < banded ? row.Paid == left ? LayerNote.LimitedByBase : LayerNote.CapReached
                : row.PositionAfter < start ? LayerNote.BelowDeductible
                : LayerNote.None,
            layer.ClauseOf(layer.Rates[row.RateCase]))
        {
            Deductible = start,
        };
    }

    static BandResult[] Bands(long[] numbers)
    {
        var bands = numbers.Length == 0 ? [] : new BandResult[numbers.Length / 5];
        for (var i = 0; i < bands.Length; i++)
        {
            var of = numbers.AsSpan(i * 5, 5);
            bands[i] = new BandResult(
                new Money(of[0]), of[1] == 0 ? null : new Money(of[1]), new Money(of[2]), new Rate((int)of[3]),
                new Money(of[4]));
        }
        return bands;
    }
}
