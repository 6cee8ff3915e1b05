using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// Writes the catalog's streams: versions of plans and entries of the facility register. Every commit raises the
/// catalog's revision, so that every server decides under the new catalog from its next commit on.
/// </summary>
public sealed class CatalogWriting(ILedger ledger, CatalogSource catalogs, TimeProvider clock)
{
    /// <summary>
    /// Publishes a checked plan as its next version; the same text as the newest is not published again. A version that
    /// would hold for discharges which are already settled under the plan is refused with their number: what was
    /// settled is not settled differently afterwards.
    /// </summary>
    /// <param name="permit">
    /// Refuses by the newest version as it stands when the next one is written. Null: permitted.
    /// </param>
    public async ValueTask<(int Version, Refusal? Refusal)> Publish(
        Plan plan, string text, CancellationToken cancellation, Func<Plan, Refusal?>? permit = null)
    {
        for (var attempt = 0; attempt < Limits.DecisionsPerTurnMax; attempt++)
        {
            var stream = new StreamKey(StreamKind.Plan, plan.Id);
            var newest = await ledger.Newest(stream, cancellation);
            if (newest is not null && permit?.Invoke(await PlanOf(newest, cancellation)) is { } foreign)
                return (0, foreign);
            if (Publishing.Check(plan) is { } template)
                return (0, template);
            if (newest is { Fact: Fact.PlanPublished published } && published.Text == text)
                return ((int)newest.Version, null);
            if (newest is not null && await SettledIn(plan, cancellation) is var concerned and > 0)
                return (0, Refusals.PlanReachesBack(plan, concerned));
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var entry = Entry.Next(stream, newest, new Fact.PlanPublished(text), now);
            if (await ledger.Append(new Append([entry], null, now), cancellation) is AppendOutcome.Committed)
            {
                await catalogs.Refresh(cancellation);
                return ((int)entry.Version, null);
            }
        }
        return (0, Refusals.Overloaded("该险种正被多处同时公布，请重试", "Others keep publishing this plan; retry"));
    }

    async ValueTask<Plan> PlanOf(Entry published, CancellationToken cancellation)
    {
        var (id, version) = (published.Stream.Id, (int)published.Version);
        return (catalogs.Current.Find(id, version) ?? (await catalogs.Refresh(cancellation)).Find(id, version)
            ?? throw new InvalidOperationException($"The catalog lacks {id} version {version}.")).Plan;
    }

    /// <summary>How many live settlements of the plan have a discharge date in its effective span.</summary>
    async ValueTask<int> SettledIn(Plan plan, CancellationToken cancellation)
    {
        var live = new HashSet<SettlementId>();
        long position = 0;
        while (true)
        {
            var page = await ledger.ReadTail(position, Limits.ListPageMax, cancellation);
            if (page.Count == 0)
                return live.Count;
            foreach (var recorded in page)
            {
                if (recorded.Fact is Fact.Reversed reversed)
                    live.Remove(reversed.Reversal.Reverses);
                else if (recorded.Fact is Fact.Settled settled
                    && plan.Effective.Holds(settled.Request.Bill.DischargedOn)
                         && settled.Outcome.Counted.Any(p => p.PlanId == plan.Id))
                    live.Add(settled.Id);
            }
            position = page[^1].Position;
        }
    }

    /// <summary>Replaces register entries, all or nothing; unchanged ones make no fact.</summary>
    /// <param name="permit">
    /// Refuses to replace the entry at an index, and with it all, by what it says before it is replaced. Null: all are
    /// permitted.
    /// </param>
    public async ValueTask<(RosterCounts Counts, Refusal? Refusal)> PutFacilities(
        IReadOnlyList<FacilityProfile> profiles, CancellationToken cancellation,
        Func<FacilityProfile, int, Refusal?>? permit = null)
    {
        for (var attempt = 0; attempt < Limits.DecisionsPerTurnMax; attempt++)
        {
            var counts = default(RosterCounts);
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var entries = new List<Entry>();
            for (var i = 0; i < profiles.Count; i++)
            {
                var profile = profiles[i];
                var stream = new StreamKey(StreamKind.Facility, profile.FacilityId);
                var newest = await ledger.Newest(stream, cancellation);
                if (newest is { Fact: Fact.FacilityPut put })
                {
                    if (permit?.Invoke(put.Profile, i) is { } refused)
                        return (default, refused);
                    if (put.Profile == profile)
                    {
                        counts = counts with { Unchanged = counts.Unchanged + 1 };
                        continue;
                    }
                }
                counts = newest is null
                    ? counts with { Enrolled = counts.Enrolled + 1 }
                    : counts with { Changed = counts.Changed + 1 };
                entries.Add(Entry.Next(stream, newest, new Fact.FacilityPut(profile), now));
            }
            if (entries.Count == 0)
                return (counts, null);
            switch (await ledger.Append(new Append(entries, null, now), cancellation))
            {
                case AppendOutcome.Committed:
                    await catalogs.Refresh(cancellation);
                    return (counts, null);
                case AppendOutcome.VersionTaken:
                    continue;
                default:
                    return (default, Refusals.Overloaded(
                        "系统繁忙，本次未登记；请重试", "The ledger's queue is full; nothing was stored. Retry"));
            }
        }
        return (default, Refusals.Overloaded("名册正被多处同时修改，请重试", "Others keep writing the register; retry"));
    }
}
