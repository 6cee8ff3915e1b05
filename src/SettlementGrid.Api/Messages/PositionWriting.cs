using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions;

namespace SettlementGrid.Api.Messages;

/// <summary>
/// Fund positions and records → messages, with what follows from a position: usage, projection, alerts.
/// </summary>
static class PositionWriting
{
    public static V1.Position Message(FundPosition fund, Language language, bool withFacilities)
    {
        var recorded = fund.Recorded;
        var message = new V1.Position
        {
            RegionId = fund.RegionId,
            PlanId = fund.PlanId,
            Year = fund.Year,
            PremiumFen = fund.Premium.Fen,
            PaidFen = fund.Paid.Fen,
            BalanceFen = fund.Balance.Fen,
            Persons = fund.Persons,
            Insured = fund.Insured,
            Cases = fund.Cases,
            LedgerPosition = fund.Mark,
            AccidentBasicFen = fund.AccidentBasic.Fen,
            Reversals = fund.Reversals,
            Adjustments = fund.Adjustments,
            AdjustedFen = fund.Adjusted.Fen,
            SupplementFen = recorded.Supplement.Fen,
            DeductionFen = recorded.Deduction.Fen,
            TransferredFen = recorded.Transferred.Fen,
            DepositFen = recorded.Deposit.Fen,
            PrepaymentFen = recorded.Prepayment.Fen,
            ReturnedFen = recorded.Returned.Fen,
            PremiumPersons = recorded.Persons,
        };
        if (fund.At != 0)
            message.AsOf = Time(fund.At);
        foreach (var sum in fund.ByMonth)
            message.ByMonth.Add(new V1.MonthSum { Month = sum.Key, PaidFen = sum.Paid.Fen, Cases = sum.Cases });
        foreach (var sum in fund.ByCarePlace)
            message.ByCarePlace.Add(
                new V1.CarePlaceSum { CarePlace = (V1.CarePlace)sum.Key, PaidFen = sum.Paid.Fen, Cases = sum.Cases });
        foreach (var sum in withFacilities ? fund.ByFacility : [])
            message.ByFacility.Add(
                new V1.FacilitySum { FacilityId = sum.Key, PaidFen = sum.Paid.Fen, Cases = sum.Cases });
        foreach (var sum in fund.ByLayer)
            message.ByLayer.Add(Layer(sum));
        AddOutlook(message, FundOutlook.Of(fund), language);
        return message;
    }

    /// <param name="recorded">A fund record.</param>
    public static V1.FundRecord Message(Recorded recorded)
    {
        var request = ((Fact.FundRecorded)recorded.Fact).Request;
        return new V1.FundRecord
        {
            RecordId = request.Id.ToString(),
            RequestId = request.RequestId,
            RegionId = request.RegionId,
            PlanId = request.PlanId,
            Year = request.Year,
            Kind = (V1.FundRecordKind)request.Kind,
            AmountFen = request.Amount.Fen,
            Persons = request.Persons,
            ReceivedOn = SettlementWriting.Day(request.ReceivedOn),
            RecordedAt = Time(recorded.Entry.At),
            LedgerPosition = recorded.Position,
            EntryHash = recorded.Entry.Hash.ToString(),
        };
    }

    static V1.LayerSum Layer(FundSum<FundLayer> sum) => new()
    {
        LayerId = sum.Key.LayerId,
        Payer = sum.Key.Payer,
        FundCode = sum.Key.FundCode,
        PaidFen = sum.Paid.Fen,
        Cases = sum.Cases,
    };

    static void AddOutlook(V1.Position message, FundOutlook outlook, Language language)
    {
        if (outlook.UsageBp is { } usage)
            message.UsageBp = usage;
        message.YearGoneBp = outlook.YearGoneBp;
        message.DailyPaidFen = outlook.DailyPaid.Fen;
        message.ProjectedPaidFen = outlook.ProjectedPaid.Fen;
        message.ProjectionMethod = FundOutlook.Method(language);
        foreach (var alert in outlook.Alerts)
            message.Alerts.Add(
                new V1.FundAlert { Kind = (V1.FundAlertKind)alert.Kind, Message = alert.Message(language) });
    }

    static Timestamp Time(long at) => Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(at));
}
