using System.Globalization;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Api.Messages;

/// <summary>
/// The domain's settlements → messages. A recorded fact gives the same message every time it is asked for.
/// </summary>
static class SettlementWriting
{
    public static V1.Settlement Message(Enrollees.Settlement settlement, Catalog catalog, Language language)
    {
        var (fact, entry) = (settlement.Fact, settlement.Recorded.Entry);
        var message = Amounts(fact);
        message.FacilityId = fact.Request.FacilityId;
        message.EncounterId = fact.Request.EncounterId;
        message.EnrolleeId = fact.Request.EnrolleeId;
        message.RegionId = fact.RegionId;
        message.Channel = (V1.Channel)fact.Request.Channel;
        message.Year = fact.Request.Year;
        message.DischargedOn = Day(fact.Request.Bill.DischargedOn);
        message.BasicFundCode = fact.Outcome.BasicFundCode;
        switch (fact)
        {
            case Fact.Settled settled:
                message.OutOfOrder = settled.LaterDischarge is not null;
                message.Kind = V1.SettlementKind.Settlement;
                message.RequestId = fact.Request.RequestId;
                message.ReversedBySettlementId = settlement.ReversedBy?.ToString() ?? "";
                break;
            case Fact.Reversed reversed:
                message.Kind = V1.SettlementKind.Reversal;
                message.RequestId = reversed.Reversal.RequestId;
                message.ReversesSettlementId = reversed.Reversal.Reverses.ToString();
                break;
            case Fact.Adjusted adjusted:
                message.Kind = V1.SettlementKind.Adjustment;
                message.AdjustsSettlementId = adjusted.Adjusts.ToString();
                message.CausedBySettlementId = adjusted.CausedBy.ToString();
                break;
        }
        // Lists of known length are indexed and given their room at once: an enumerator and a list that grows in steps
        // of eight were a tenth of what a call left to the collector.
        var layers = fact.Outcome.Layers;
        message.Layers.Capacity = layers.Count;
        for (var i = 0; i < layers.Count; i++)
            message.Layers.Add(Layer(layers[i]));
        message.Accumulators.Capacity = layers.Count;
        if (fact is Fact.Reversed)
            message.Accumulators.AddRange(Restored(layers, AfterAll(settlement)));
        else
            for (var i = 0; i < layers.Count; i++)
                AddAccumulators(message.Accumulators, layers[i], entry.After!);
        AddSentences(message.Explanation, fact, catalog, language);
        for (var i = 0; i < settlement.Adjustments.Count; i++)
            message.Adjustments.Add(Message(settlement.Adjustments[i], catalog, language));
        if (settlement.IsPreview)
        {
            message.AccountVersion = entry.Version - 1;
            message.PreviewToken = settlement.Token?.ToString() ?? "";
            return message;
        }
        message.SettlementId = fact.Id.ToString();
        message.SettledAt = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(entry.At));
        message.AccountVersion = entry.Version;
        message.LedgerPosition = settlement.Recorded.Position;
        message.EntryHash = entry.Hash.ToString();
        return message;
    }

    static V1.Settlement Amounts(Fact.Money fact)
    {
        var (bill, sign) = (fact.Request.Bill, fact.Sign);
        var plansPaid = fact.Outcome.PlansPaid.Fen;
        var message = new V1.Settlement
        {
            TotalFen = sign * bill.Total.Fen,
            EligibleFen = sign * bill.Eligible.Fen,
            BasicPaidFen = sign * bill.BasicPaid.Fen + fact.Outcome.BasicComputed.Fen,
            PriorPlansPaidFen = sign * bill.PriorPlansPaid.Fen,
            AssistancePaidFen = sign * bill.AssistancePaid.Fen,
            PlansPaidFen = plansPaid,
        };
        message.EnrolleePaysFen = message.TotalFen - message.BasicPaidFen - message.PriorPlansPaidFen
            - message.AssistancePaidFen - plansPaid;
        return message;
    }

    static V1.Layer Layer(LayerResult layer)
    {
        var message = new V1.Layer
        {
            PlanId = layer.PlanId,
            PlanVersion = layer.PlanVersion,
            LayerId = layer.LayerId,
            Payer = layer.Payer,
            FundCode = layer.FundCode,
            BaseFen = layer.Base.Fen,
            PositionBeforeFen = layer.PositionBefore.Fen,
            PositionAfterFen = layer.PositionAfter.Fen,
            PaidFen = layer.Paid.Fen,
            Clause = layer.Clause,
            Basic = layer.IsBasic,
        };
        if (layer.CapRemaining is { } cap)
            message.CapRemainingFen = cap.Fen;
        if (layer.OtherStart is { } start)
        {
            message.StartPositionBeforeFen = start.Before.Fen;
            message.StartPositionAfterFen = start.After.Fen;
        }
        message.Bands.Capacity = layer.Bands.Count;
        for (var i = 0; i < layer.Bands.Count; i++)
        {
            var band = layer.Bands[i];
            message.Bands.Add(new V1.Band
            {
                FromFen = band.From.Fen,
                ToFen = band.To?.Fen ?? 0,
                AmountFen = band.Amount.Fen,
                RateBp = band.Rate.BasisPoints,
                PaidFen = band.Paid.Fen,
            });
        }
        return message;
    }

    /// <summary>
    /// One a layer, as the account had it after the fact; what remains is the layer's own word. A start on another
    /// measure has its own beside it.
    /// </summary>
    public static RepeatedField<V1.Accumulator> Accumulators(IEnumerable<LayerResult> layers, Enrollees.Account after)
    {
        var messages = new RepeatedField<V1.Accumulator>();
        foreach (var layer in layers)
            AddAccumulators(messages, layer, after);
        return messages;
    }

    static void AddAccumulators(RepeatedField<V1.Accumulator> messages, LayerResult layer, Enrollees.Account after)
    {
        var key = new AccumulatorKey(layer.PlanId, layer.LayerId, layer.Period);
        var accumulator = after.Accumulators[key];
        var period = key.Period.ToString();
        var message = new V1.Accumulator
        {
            PlanId = key.PlanId,
            LayerId = key.LayerId,
            Period = period,
            PositionFen = accumulator.Position.Fen,
            PaidFen = accumulator.Paid.Fen,
            DeductibleRemainingFen = layer.DeductibleRemaining.Fen,
        };
        if (layer.CapRemaining is { } cap)
            message.CapRemainingFen = cap.Fen;
        messages.Add(message);
        if (layer.OtherStart is null)
            return;
        var start = StartOf(key);
        messages.Add(new V1.Accumulator
        {
            PlanId = start.PlanId,
            LayerId = start.LayerId,
            Period = period,
            PositionFen = after.Accumulators[start].Position.Fen,
            DeductibleRemainingFen = layer.DeductibleRemaining.Fen,
        });
    }

    static Enrollees.Account AfterAll(Enrollees.Settlement reversal) =>
        (reversal.Adjustments.Count == 0 ? reversal : reversal.Adjustments[^1]).Recorded.Entry.After!;

    static AccumulatorKey StartOf(AccumulatorKey layer) =>
        layer with { LayerId = layer.LayerId + Plans.Layer.StartSuffix };

    /// <summary>
    /// After a reversal and all its adjustments. What remained when the reversed settlement was made is no longer true
    /// if others came after it: it follows from the start and the cap that stood then, and from the account as it is
    /// now.
    /// </summary>
    static RepeatedField<V1.Accumulator> Restored(IEnumerable<LayerResult> twins, Enrollees.Account after) =>
        Accumulators(
            twins.Select(twin =>
            {
                var key = new AccumulatorKey(twin.PlanId, twin.LayerId, twin.Period);
                var now = after.Accumulators[key];
                var reached = after.Accumulators[twin.OtherStart is null ? key : StartOf(key)].Position;
                return twin with
                {
                    DeductibleRemaining = Money.Max(Money.Zero, twin.Deductible - reached),
                    // A twin's paid-before is the negative of what the layer had paid before the reversed settlement.
                    CapRemaining = twin.CapRemaining is { } room
                        ? Money.Max(Money.Zero, room - twin.PaidBefore - now.Paid)
                        : null,
                };
            }),
            after);

    static void AddSentences(RepeatedField<string> to, Fact.Money fact, Catalog catalog, Language language)
    {
        var chinese = language == Language.Chinese;
        switch (fact)
        {
            case Fact.Reversed reversed:
                to.Add(chinese
                    ? $"本笔撤销结算 {reversed.Reversal.Reverses}：各项金额与原结算相反，个人累计已退回。"
                    : $"This reverses settlement {reversed.Reversal.Reverses}: every amount is the negative of it, "
                        + "and the accumulators are restored.");
                break;
            case Fact.Adjusted adjusted:
                to.Add(chinese
                    ? $"因撤销结算 {adjusted.CausedBy}，对结算 {adjusted.Adjusts} 重新计算，差额如下。"
                    : $"Settlement {adjusted.Adjusts} was rated again because {adjusted.CausedBy} was reversed; "
                        + "these are the differences.");
                break;
            default:
                to.AddRange(Explanation.Sentences(fact.Request.Bill, fact.Outcome, fact.Facility, catalog, language));
                if (fact is Fact.Settled { LaterDischarge: { } later })
                    to.Add(chinese
                        ? $"本次出院日期 {Day(fact.Request.Bill.DischargedOn)} 早于已结算的 {Day(later)}，年度累计按结算先后计算。"
                        : $"This discharge of {Day(fact.Request.Bill.DischargedOn)} was settled after that of "
                            + $"{Day(later)}: "
                            + "the year's positions go by the order of settlement.");
                break;
        }
    }

    /// <summary>YYYY-MM-DD.</summary>
    public static string Day(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture);
}
