using SettlementGrid.Api.Messages;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.Api.Methods;

/// <summary>
/// FundService over the fold and the funds' streams. Whoever asks beyond the own region is refused before anything is
/// looked up, so what is not the caller's and what does not exist look alike; a region inside it that nobody knows has
/// a fund of zeros.
/// </summary>
/// <param name="answerBytesMax">Beyond it an answer is cut into pages or messages.</param>
sealed class FundMethods(
    Funds funds, FundWriting writing, CatalogSource catalogs, int answerBytesMax = ApiLimits.AnswerBytesMax)
{
    public async ValueTask<Result<V1.Position>> GetPosition(V1.GetPositionRequest message, Call call)
    {
        var query = new FundQuery(message.RegionId, message.PlanId, message.Year, Below: false);
        var refusal = Check(query) ?? RequestChecks.CheckId("plan_id", message.PlanId)
            ?? Permit(query, call) ?? await UnlessKnown(message.PlanId, call);
        if (refusal is not null)
            return Refusing.With(refusal);
        long? asOf = message.HasAsOfLedgerPosition ? message.AsOfLedgerPosition : null;
        var reading = await funds.Read(query, asOf, call.Cancelled);
        if (reading is FundReading.Refused refused)
            return Refusing.With(refused.Refusal);
        // A plan that is named always has the region's own.
        var read = ((FundReading.Given)reading).Positions.Positions[0];
        var position = PositionWriting.Message(read, call.Language, withFacilities: true);
        return position.CalculateSize() <= answerBytesMax
            ? position
            : Refusing.With(new Plans.Refusal(
                RefusalReason.PageInvalid,
                "涉及的机构过多，一次放不下：请按下级地区查询", "Too many facilities for one answer: ask for the regions below"));
    }

    public async ValueTask<Result<V1.ListPositionsResponse>> ListPositions(V1.ListPositionsRequest message, Call call)
    {
        var query = new FundQuery(message.RegionId, message.PlanId, message.Year, Below: true);
        long? asOf = message.HasAsOfLedgerPosition ? message.AsOfLedgerPosition : null;
        var refusal = Check(query) ?? Permit(query, call) ?? await UnlessKnown(message.PlanId, call);
        if (refusal is not null)
            return Refusing.With(refusal);
        if (!FundPage.TryRead(message.PageToken, query, asOf, out var page))
            return Refusing.With(Refusing.ForeignPage());
        // Every page at the first one's mark, or sums and mark would not belong together.
        var reading = await funds.Read(query, page?.Mark ?? asOf, call.Cancelled);
        if (reading is FundReading.Refused refused)
            return Refusing.With(refused.Refusal);
        var read = ((FundReading.Given)reading).Positions;
        var response = new V1.ListPositionsResponse { LedgerPosition = read.Mark };
        var bytes = 0;
        FundPosition? last = null;
        foreach (var position in read.Positions)
        {
            if (page?.IsBefore(position) == false)
                continue;
            var one = PositionWriting.Message(position, call.Language, withFacilities: false);
            bytes += one.CalculateSize();
            if (bytes > answerBytesMax && last is not null)
            {
                response.NextPageToken = FundPage.Write(query, asOf, read.Mark, last);
                break;
            }
            response.Positions.Add(one);
            last = position;
        }
        return response;
    }

    public async ValueTask<WireRefusal?> WatchPositions(
        V1.WatchPositionsRequest message, Call call, Func<V1.WatchPositionsResponse, ValueTask> write)
    {
        var query = new FundQuery(message.RegionId, message.PlanId, message.Year, message.IncludeBelow);
        var refusal = Check(query) ?? Permit(query, call) ?? await UnlessKnown(message.PlanId, call);
        if (refusal is not null)
            return Refusing.With(refusal);
        long? from = message.HasFromLedgerPosition ? message.FromLedgerPosition : null;
        await foreach (var reading in funds.Watch(query, from, call.Cancelled))
        {
            if (reading is FundReading.Refused refused)
                return Refusing.With(refused.Refusal);
            await WriteChanges(((FundReading.Given)reading).Positions, call, write);
        }
        return null;
    }

    public async ValueTask<Result<V1.FundRecord>> RecordPremium(V1.RecordPremiumRequest message, Call call)
    {
        var (request, refusal) = RequestReading.Read(message);
        // A date comes before a permission in the order of refusals; of a caller's own fund it is asked once it is
        // known that the record is new.
        refusal ??= RequestChecks.Check(request!)
            ?? (Permit(request!.RegionId, call) is { } foreign
                ? RequestChecks.CheckReceived(request, BeijingTime.DayOf(call.At)) ?? foreign
                : null);
        if (refusal is not null)
            return Refusing.With(refusal);
        var (recorded, refused) = await writing.Record(request!, call.Cancelled);
        return refused is not null ? Refusing.With(refused) : PositionWriting.Message(recorded!);
    }

    /// <summary>
    /// Each whole, in as many messages as the clients' bound on one takes; all but the last say more.
    /// </summary>
    async ValueTask WriteChanges(
        FundPositions changes, Call call, Func<V1.WatchPositionsResponse, ValueTask> write)
    {
        var response = new V1.WatchPositionsResponse { LedgerPosition = changes.Mark };
        var bytes = 0;
        foreach (var position in changes.Positions)
        {
            var one = PositionWriting.Message(position, call.Language, withFacilities: false);
            bytes += one.CalculateSize();
            if (bytes > answerBytesMax && response.Positions.Count > 0)
            {
                response.More = true;
                await write(response);
                response = new V1.WatchPositionsResponse { LedgerPosition = changes.Mark };
                bytes = one.CalculateSize();
            }
            response.Positions.Add(one);
        }
        await write(response);
    }

    static Plans.Refusal? Check(FundQuery query) =>
        RequestChecks.CheckRegion(query.RegionId)
        ?? (query.PlanId.Length == 0 ? null : RequestChecks.CheckId("plan_id", query.PlanId))
        ?? RequestChecks.CheckFundYear(query.Year);

    static Plans.Refusal? Permit(FundQuery query, Call call) => Permit(query.RegionId, call);

    /// <summary>Funds are no hospital's business, whatever else its caller may be.</summary>
    static Plans.Refusal? Permit(string regionId, Call call) =>
        call.Caller.FacilityId.Length > 0
            ? new Plans.Refusal(
                RefusalReason.NotPermitted, "医药机构无权查询或登记基金", "A facility may neither read nor record funds")
            : Refusing.UnlessWithin(call, regionId);

    async ValueTask<Plans.Refusal?> UnlessKnown(string planId, Call call) =>
        planId.Length == 0 || catalogs.Current.Latest(planId) is not null
        || (await catalogs.Refresh(call.Cancelled)).Latest(planId) is not null
            ? null
            : Refusals.PlanUnknown(planId);
}
