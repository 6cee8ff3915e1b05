using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Api.Messages;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Api.Methods;

/// <summary>EnrolleeService: the agency's roster, opening balances, and the account as people read it.</summary>
sealed class EnrolleeMethods(IGrid grid, ILedger ledger, CatalogSource catalogs, RosterLoad rosters)
{
    public async ValueTask<Result<V1.PutEnrolleesResponse>> PutEnrollees(V1.PutEnrolleesRequest message, Call call)
    {
        if (CheckCount("enrollees", message.Enrollees.Count) is { } count)
            return Refusing.With(count);
        var puts = new List<RosterPut>(message.Enrollees.Count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < message.Enrollees.Count; i++)
        {
            var (put, refusal) = RequestReading.Read(message.Enrollees[i]);
            refusal ??= RequestChecks.Check(put!) ?? Refusing.UnlessWithin(call, put!.Entry.RegionId)
                ?? (seen.Add(put!.EnrolleeId) ? null
                    : RequestChecks.Malformed("enrollee_id", "在同一请求中重复", "stands twice in one request"));
            if (refusal is not null)
                return Refusing.With(Refusing.At(refusal, i));
            puts.Add(put!);
        }
        var (counts, refused) = await rosters.Put(
            puts, call.Cancelled, permit: (account, i) => UnlessFree(call, account, i));
        return refused is not null
            ? Refusing.With(refused)
            : new V1.PutEnrolleesResponse
            {
                Enrolled = counts.Enrolled, Changed = counts.Changed, Unchanged = counts.Unchanged,
            };
    }

    public async ValueTask<Result<V1.PutOpeningBalancesResponse>> PutOpeningBalances(
        V1.PutOpeningBalancesRequest message, Call call)
    {
        if (CheckCount("opening_balances", message.OpeningBalances.Count) is { } count)
            return Refusing.With(count);
        var catalog = await catalogs.Refresh(call.Cancelled);
        var balances = new List<Enrollees.OpeningBalance>(message.OpeningBalances.Count);
        for (var i = 0; i < message.OpeningBalances.Count; i++)
        {
            var (balance, refusal) = RequestReading.Read(message.OpeningBalances[i]);
            refusal ??= RequestChecks.Check(balance!, catalog);
            if (refusal is not null)
                return Refusing.With(Refusing.At(refusal, i));
            balances.Add(balance!);
        }
        var (counts, refused) = await rosters.PutOpeningBalances(
            balances, call.Cancelled,
            permit: (account, _) => Refusing.MayRead(call.Caller, account.Roster) ? null : Refusals.EnrolleeUnknown());
        return refused is not null
            ? Refusing.With(refused)
            : new V1.PutOpeningBalancesResponse { Recorded = counts.Changed, Unchanged = counts.Unchanged };
    }

    public async ValueTask<Result<V1.Account>> GetAccount(V1.GetAccountRequest message, Call call)
    {
        var refusal = RequestChecks.CheckId("enrollee_id", message.EnrolleeId)
            ?? RequestChecks.CheckYear(message.Year);
        if (refusal is not null)
            return Refusing.With(refusal);
        if (await grid.Ask(new Command.GetAccount(message.EnrolleeId), call.Deadline, call.Cancelled)
            is not Answer.State state)
            return Refusing.With(Refusals.Unavailable());
        var account = state.Account;
        // Before the history is read: whose account it is must not show in how long the answer takes. It is the present
        // agency's, also for times at which the person belonged elsewhere.
        if (!Refusing.MayRead(call.Caller, account.Roster))
            return Refusing.With(Refusals.EnrolleeUnknown());
        var history = await History(account, call.Cancelled);
        if (message.AsOf is { } asOf)
        {
            var moment = asOf.ToDateTimeOffset().ToUnixTimeMilliseconds();
            history.RemoveAll(r => r.Entry.At > moment);
            account = history.Count == 0 ? Enrollees.Account.Unknown(message.EnrolleeId) : history[^1].Entry.After!;
        }
        if (account.Roster is null)
            return Refusing.With(Refusals.EnrolleeUnknown());
        return Message(account, history, message.Year, BeijingTime.DayOf(call.At));
    }

    /// <summary>
    /// An agency takes nobody off another region's roster, or any county could rewrite anybody's cover: who moves is
    /// put by an agency above both regions. Asked in the turn that writes, so the fence holds it.
    /// </summary>
    static Plans.Refusal? UnlessFree(Call call, Enrollees.Account account, int index) =>
        account.Roster is not { } roster || Refusing.LiesWithin(call.Caller, roster.RegionId)
            ? null
            : Refusing.At(Refusing.NotPermitted(
                "该参保人在其他地区的名单中，须由两地共同的上级经办机构转入",
                "The enrollee is on another region's roster; an agency above both regions moves the entry"), index);

    V1.Account Message(Enrollees.Account account, List<Recorded> history, int year, DateOnly today)
    {
        var (first, last) = (new DateOnly(year, 1, 1), new DateOnly(year, 12, 31));
        var day = today < first ? first : today > last ? last : today;
        var enrollee = Enrollee(account);
        var message = new V1.Account { Enrollee = enrollee, Year = year, AccountVersion = account.Version };
        var roster = account.Roster!;
        message.Coverages.AddRange(enrollee.Coverages.Where((_, i) => Touches(roster.Coverages[i].Days, first, last)));
        message.Identities.AddRange(
            enrollee.Identities.Where((_, i) => Touches(roster.Identities[i].Days, first, last)));
        message.Accumulators.AddRange(Accumulators(account, year, day));
        foreach (var recorded in history.Skip(Math.Max(0, history.Count - Limits.HistoryMax)))
            message.History.Add(HistoryOf(recorded));
        return message;
    }

    /// <summary>
    /// Every layer of the covering plans, moved or not, and whatever else the account has of the year (a plan whose
    /// cover ended): of that only the sums are known.
    /// </summary>
    IEnumerable<V1.Accumulator> Accumulators(Enrollees.Account account, int year, DateOnly day)
    {
        var shown = new HashSet<(string, string, string)>();
        foreach (var message in SettlementWriting.Accumulators(Standing.Of(account, catalogs.Current, day), account))
        {
            shown.Add((message.PlanId, message.LayerId, message.Period));
            yield return message;
        }
        foreach (var (key, value) in account.Accumulators)
        {
            if (key.Period.Year == year && !shown.Contains((key.PlanId, key.LayerId, key.Period.ToString())))
                yield return new V1.Accumulator
                {
                    PlanId = key.PlanId,
                    LayerId = key.LayerId,
                    Period = key.Period.ToString(),
                    PositionFen = value.Position.Fen,
                    PaidFen = value.Paid.Fen,
                };
        }
    }

    async ValueTask<List<Recorded>> History(Enrollees.Account account, CancellationToken cancellation)
    {
        var history = new List<Recorded>();
        while (true)
        {
            var from = history.Count == 0 ? 1 : history[^1].Entry.Version + 1;
            var page =
                await ledger.ReadStream(StreamKey.Person(account.EnrolleeId), from, Limits.ListPageMax, cancellation);
            history.AddRange(page.Where(r => r.Entry.Version <= account.Version));
            if (page.Count < Limits.ListPageMax || history.Count >= account.Version)
                return history;
        }
    }

    static V1.HistoryEntry HistoryOf(Recorded recorded)
    {
        var money = recorded.Fact as Fact.Money;
        return new V1.HistoryEntry
        {
            Version = recorded.Entry.Version,
            Kind = KindCode(recorded.Fact.Kind),
            At = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(recorded.Entry.At)),
            SettlementId = recorded.Entry.RequestKey?.ToString() ?? "",
            LedgerPosition = recorded.Position,
            PlansPaidFen = money?.Outcome.PlansPaid.Fen ?? 0,
            FacilityId = money?.Request.FacilityId ?? "",
            DischargedOn = money is null ? "" : SettlementWriting.Day(money.Request.Bill.DischargedOn),
        };
    }

    static V1.Enrollee Enrollee(Enrollees.Account account)
    {
        var roster = account.Roster!;
        var message = new V1.Enrollee
        {
            EnrolleeId = account.EnrolleeId,
            RegionId = roster.RegionId,
            Insurance = (V1.Insurance)roster.Insurance,
        };
        foreach (var coverage in roster.Coverages)
        {
            var item = new V1.Coverage { PlanId = coverage.PlanId };
            if (coverage.Days.From is { } from)
                item.From = SettlementWriting.Day(from);
            if (coverage.Days.To is { } to)
                item.To = SettlementWriting.Day(to);
            message.Coverages.Add(item);
        }
        foreach (var identity in roster.Identities)
        {
            var item = new V1.Identity { Kind = (V1.IdentityKind)identity.Kind };
            if (identity.Days.From is { } from)
                item.From = SettlementWriting.Day(from);
            if (identity.Days.To is { } to)
                item.To = SettlementWriting.Day(to);
            message.Identities.Add(item);
        }
        return message;
    }

    static string KindCode(FactKind kind) => kind switch
    {
        FactKind.Enrolled => "ENROLLED",
        FactKind.RosterChanged => "ROSTER_CHANGED",
        FactKind.OpeningBalanceSet => "OPENING_BALANCE_SET",
        FactKind.Settled => "SETTLED",
        FactKind.Reversed => "REVERSED",
        FactKind.Adjusted => "ADJUSTED",
        FactKind.Barred => "BARRED",
        _ => throw new InvalidOperationException($"{kind} is no fact of a person."),
    };

    static bool Touches(DaySpan span, DateOnly first, DateOnly last) =>
        (span.From is null || span.From <= last) && (span.To is null || span.To >= first);

    static Plans.Refusal? CheckCount(string field, int count) => count is 0 or > Limits.RosterCallMax
        ? RequestChecks.Malformed(field, $"应有 1–{Limits.RosterCallMax} 项", $"must have 1–{Limits.RosterCallMax} items")
        : null;
}
