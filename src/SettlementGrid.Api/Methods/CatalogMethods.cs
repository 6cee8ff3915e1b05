using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Api.Messages;
using SettlementGrid.Enrollees;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;
using Limits = SettlementGrid.Enrollees.Limits;

namespace SettlementGrid.Api.Methods;

/// <summary>
/// FacilityService and PlanService: what settlements stand on besides the account. The register and the plans are
/// public documents, so every role reads all of them; they are changed only within the caller's region.
/// </summary>
sealed class CatalogMethods(CatalogSource catalogs, CatalogWriting writing)
{
    public async ValueTask<Result<V1.PutFacilitiesResponse>> PutFacilities(V1.PutFacilitiesRequest message, Call call)
    {
        if (message.Facilities.Count is 0 or > Limits.RosterCallMax)
            return Refusing.With(RequestChecks.Malformed(
                "facilities", $"应有 1–{Limits.RosterCallMax} 项", $"must have 1–{Limits.RosterCallMax} items"));
        var profiles = new List<FacilityProfile>(message.Facilities.Count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < message.Facilities.Count; i++)
        {
            var profile = RequestReading.Read(message.Facilities[i]);
            var refusal = RequestChecks.Check(profile)
                ?? (Refusing.UnlessWithin(call, profile.RegionId) is { } foreign ? Refusing.At(foreign, i) : null)
                ?? (seen.Add(profile.FacilityId) ? null
                    : RequestChecks.Malformed("facility_id", "在同一请求中重复", "stands twice in one request"));
            if (refusal is not null)
                return Refusing.With(refusal);
            profiles.Add(profile);
        }
        var (counts, refused) = await writing.PutFacilities(
            profiles, call.Cancelled,
            (before, i) =>
                Refusing.UnlessWithin(call, before.RegionId) is { } foreign ? Refusing.At(foreign, i) : null);
        return refused is not null
            ? Refusing.With(refused)
            : new V1.PutFacilitiesResponse
            {
                Added = counts.Enrolled, Changed = counts.Changed, Unchanged = counts.Unchanged,
            };
    }

    public async ValueTask<Result<V1.Facility>> GetFacility(V1.GetFacilityRequest message, Call call)
    {
        if (RequestChecks.CheckId("facility_id", message.FacilityId) is { } refusal)
            return Refusing.With(refusal);
        var catalog = await catalogs.Refresh(call.Cancelled);
        if (!catalog.IsRegistered(message.FacilityId))
            return Refusing.With(new Plans.Refusal(
                RefusalReason.FacilityUnknown, "名册中没有该机构", "The facility is not in the register"));
        var facility = catalog.Facility(message.FacilityId);
        return new V1.Facility
        {
            FacilityId = facility.FacilityId,
            Name = facility.Name,
            RegionId = facility.RegionId,
            Level = facility.Level,
            Public = facility.Public,
            Drg = facility.Drg,
            SpecialDisease = facility.SpecialDisease,
        };
    }

    public async ValueTask<Result<V1.ListPlansResponse>> ListPlans(V1.ListPlansRequest message, Call call)
    {
        var catalog = await catalogs.Refresh(call.Cancelled);
        var response = new V1.ListPlansResponse();
        response.Plans.AddRange(catalog.Versions.Select(Summary));
        return response;
    }

    public async ValueTask<Result<V1.Plan>> GetPlan(V1.GetPlanRequest message, Call call)
    {
        if (RequestChecks.CheckId("plan_id", message.PlanId) is { } refusal)
            return Refusing.With(refusal);
        var catalog = await catalogs.Refresh(call.Cancelled);
        var version = message.HasVersion
            ? catalog.Find(message.PlanId, message.Version)
            : catalog.Latest(message.PlanId);
        return version is null
            ? Refusing.With(
                new Plans.Refusal(RefusalReason.PlanUnknown, "没有该险种或版本", "There is no such plan or version"))
            : new V1.Plan
            {
                PlanId = version.Plan.Id,
                Version = version.Version,
                Text = version.Text,
                Summary = Summary(version),
            };
    }

    public ValueTask<Result<V1.ValidatePlanResponse>> ValidatePlan(V1.ValidatePlanRequest message, Call call)
    {
        var reading = PlanFile.Read(message.Text);
        var response =
            new V1.ValidatePlanResponse { Valid = reading.Plan is not null, PlanId = reading.Plan?.Id ?? "" };
        foreach (var finding in reading.Findings)
        {
            response.Findings.Add(new V1.PlanFinding
            {
                Line = finding.Line,
                Column = finding.Column,
                Path = finding.Path,
                Expected = finding.Expected,
                MessageZh = finding.MessageZh,
                MessageEn = finding.MessageEn,
            });
        }
        return ValueTask.FromResult<Result<V1.ValidatePlanResponse>>(response);
    }

    public async ValueTask<Result<V1.PublishPlanResponse>> PublishPlan(V1.PublishPlanRequest message, Call call)
    {
        var (plan, invalid) = PlanText.Read(message.Text);
        if (plan is null)
            return Refusing.With(invalid!);
        if (Refusing.UnlessWithin(call, plan.Region) is { } foreign)
            return Refusing.With(foreign);
        // Nor may a plan's id be taken over from another region, whichever server it was published at a moment ago.
        var (version, refusal) = await writing.Publish(
            plan, message.Text, call.Cancelled, before => Refusing.UnlessWithin(call, before.Region));
        return refusal is not null
            ? Refusing.With(refusal)
            : new V1.PublishPlanResponse { PlanId = plan.Id, Version = version };
    }

    static V1.PlanSummary Summary(PlanVersion version)
    {
        var plan = version.Plan;
        var summary = new V1.PlanSummary
        {
            PlanId = plan.Id,
            Version = version.Version,
            Kind = (V1.PlanKind)plan.Kind,
            NameZh = plan.NameZh,
            NameEn = plan.NameEn,
            RegionId = plan.Region,
            Sample = plan.Sample,
            PublishedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(version.PublishedAt)),
        };
        if (plan.Effective.From is { } from)
            summary.From = SettlementWriting.Day(from);
        if (plan.Effective.To is { } to)
            summary.To = SettlementWriting.Day(to);
        return summary;
    }
}
