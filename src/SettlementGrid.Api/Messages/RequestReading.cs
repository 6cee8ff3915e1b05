using System.Globalization;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Api.Messages;

/// <summary>
/// Messages → the domain's requests. What cannot be read is refused as MALFORMED_REQUEST, naming the field and what was
/// expected; everything that can be read is left to <see cref="RequestChecks"/>.
/// </summary>
static class RequestReading
{
    public static (Enrollees.SettleRequest? Request, Plans.Refusal? Refusal) Read(V1.SettleRequest message)
    {
        if (message.CareType == V1.CareType.Unspecified)
            return (null, RequestChecks.Malformed("care_type", "缺失", "is missing"));
        if (!TryDay(message.AdmittedOn, out var admitted))
            return (null, NoDay("admitted_on", message.AdmittedOn));
        if (!TryDay(message.DischargedOn, out var discharged))
            return (null, NoDay("discharged_on", message.DischargedOn));
        var bill = new Bill(
            (CareType)message.CareType,
            message.CarePlace == V1.CarePlace.Unspecified ? null : (CarePlace)message.CarePlace,
            message.Filing == V1.Filing.Unspecified ? Filing.Filed : (Filing)message.Filing,
            admitted,
            discharged,
            new Money(message.TotalFen),
            new Money(message.EligibleFen),
            new Money(message.BasicPaidFen),
            message.HasOverCapEligibleFen ? new Money(message.OverCapEligibleFen) : null,
            new Money(message.PriorPlansPaidFen),
            new Money(message.AssistancePaidFen),
            new Money(message.UnreasonableFen),
            message.DrugClass == V1.DrugClass.Unspecified ? null : (DrugClass)message.DrugClass);
        var channel = message.Channel == V1.Channel.Unspecified ? Channel.OneStop : (Channel)message.Channel;
        return (new Enrollees.SettleRequest(
            message.RequestId, message.FacilityId, message.EncounterId, message.EnrolleeId, channel, bill), null);
    }

    public static (RosterPut? Put, Plans.Refusal? Refusal) Read(V1.Enrollee message)
    {
        if (message.Insurance == V1.Insurance.Unspecified)
            return (
                null,
                RequestChecks.Malformed("insurance", "缺失（EMPLOYEE 或 RESIDENT）", "is missing (EMPLOYEE or RESIDENT)"));
        var coverages = new List<Coverage>(message.Coverages.Count);
        foreach (var coverage in message.Coverages)
        {
            if (!TrySpan(coverage.HasFrom ? coverage.From : null, coverage.HasTo ? coverage.To : null, out var days))
                return (null, NoDay("coverages", $"{coverage.From}..{coverage.To}"));
            coverages.Add(new Coverage(coverage.PlanId, days));
        }
        var identities = new List<Identity>(message.Identities.Count);
        foreach (var identity in message.Identities)
        {
            if (identity.Kind == V1.IdentityKind.Unspecified)
                return (null, RequestChecks.Malformed("identities.kind", "缺失", "is missing"));
            if (!TrySpan(identity.HasFrom ? identity.From : null, identity.HasTo ? identity.To : null, out var days))
                return (null, NoDay("identities", $"{identity.From}..{identity.To}"));
            identities.Add(new Identity((IdentityKind)identity.Kind, days));
        }
        return (new RosterPut(
            message.EnrolleeId,
            new RosterEntry(message.RegionId, (Insurance)message.Insurance, coverages, identities)), null);
    }

    public static (Enrollees.OpeningBalance? Balance, Plans.Refusal? Refusal) Read(V1.OpeningBalance message) =>
        Period.TryParse(message.Period, out var period)
            ? (new Enrollees.OpeningBalance(
                message.EnrolleeId, new AccumulatorKey(message.PlanId, message.LayerId, period),
                new Money(message.PositionFen), new Money(message.PaidFen), new Money(message.BasicPaidFen),
                message.Source), null)
            : (null, RequestChecks.Malformed(
                "period", "应为 2026 或 2026-03 的形式", "must be written like 2026 or 2026-03"));

    public static FacilityProfile Read(V1.Facility message) => new(
        message.FacilityId, message.Name,
        message.RegionId.Length > 0 ? message.RegionId : FacilityProfile.RegionOfCode(message.FacilityId) ?? "",
        message.Level, message.Public, message.Drg, message.SpecialDisease, true);

    public static (FundRecordRequest? Request, Plans.Refusal? Refusal) Read(V1.RecordPremiumRequest message)
    {
        if (message.Kind == V1.FundRecordKind.Unspecified)
            return (null, RequestChecks.Malformed("kind", "缺失", "is missing"));
        if (!TryDay(message.ReceivedOn, out var received))
            return (null, NoDay("received_on", message.ReceivedOn));
        return (new FundRecordRequest(
            message.RequestId, message.RegionId, message.PlanId, message.Year, (FundRecordKind)message.Kind,
            new Money(message.AmountFen), message.Persons, received), null);
    }

    /// <summary>
    /// YYYY-MM-DD and nothing else. By hand: a parser of formats takes half a microsecond for each day.
    /// </summary>
    public static bool TryDay(string text, out DateOnly day)
    {
        day = default;
        if (text.Length != 10 || text[4] != '-' || text[7] != '-'
            || !TryNumber(text.AsSpan(0, 4), out var year) || !TryNumber(text.AsSpan(5, 2), out var month)
            || !TryNumber(text.AsSpan(8, 2), out var number)
            || year == 0 || month is 0 or > 12 || number == 0 || number > DateTime.DaysInMonth(year, month))
            return false;
        day = new DateOnly(year, month, number);
        return true;
    }

    static bool TryNumber(ReadOnlySpan<char> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            number = number * 10 + digit - '0';
        }
        return true;
    }

    static bool TrySpan(string? from, string? to, out DaySpan span)
    {
        span = default;
        DateOnly first = default, last = default;
        if (from is not null && !TryDay(from, out first) || to is not null && !TryDay(to, out last))
            return false;
        span = new DaySpan(from is null ? null : first, to is null ? null : last);
        return true;
    }

    static Plans.Refusal NoDay(string field, string text) => text.Length == 0
        ? RequestChecks.Malformed(field, "缺失（YYYY-MM-DD）", "is missing (YYYY-MM-DD)")
        : RequestChecks.Malformed(field, "不是 YYYY-MM-DD 形式的日期", "is no date of the form YYYY-MM-DD");
}
