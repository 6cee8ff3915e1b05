using SettlementGrid.Api.Messages;
using SettlementGrid.Enrollees;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;

namespace SettlementGrid.Api.Tests.Support;

/// <summary>One person's entries as the real decisions make them, and the messages that callers get of them.</summary>
internal sealed class SettledPerson
{
    private const string Id = "p-1";
    private const string Hospital = "H35040200001";

    private readonly Catalog _catalog;
    private readonly List<Recorded> _history = [];
    private Enrollees.Account _account;

    public SettledPerson(string planText)
    {
        var plan = PlanFile.Read(planText).Plan ?? throw new InvalidDataException("The plan does not read.");
        _catalog = new Catalog(1, [new PlanVersion(plan, 1, planText)], []);
        var roster = new RosterEntry("350402", Insurance.Employee, [new Plans.Coverage(plan.Id, default)], []);
        _account = Enrollees.Account.Unknown(Id);
        Add(new Fact.Enrolled(roster));
    }

    public V1.Settlement Settle(
        string id, decimal eligible, decimal total, DateOnly discharged, Language language = Language.Chinese) =>
        Message(Add(Decided(id, eligible, total, discharged)), language);

    public V1.Settlement Preview(string id, decimal eligible, decimal total, DateOnly discharged)
    {
        var settled = Decided(id, eligible, total, discharged);
        var entry = Entry.Next(_account, settled, _account.LastAt);
        return SettlementWriting.Message(
            new Enrollees.Settlement(new Recorded(entry, 0), null, PreviewToken.Of(_account.Version, settled.Outcome)),
            _catalog, Language.Chinese);
    }

    /// <summary>The reversal with the adjustments it caused.</summary>
    public V1.Settlement Reverse(V1.Settlement settled)
    {
        var original = _history.Find(r => r.Entry.RequestKey?.ToString() == settled.SettlementId)!;
        var request =
            new ReverseRequest("v-" + settled.RequestId, Hospital, ((Fact.Settled)original.Fact).Id, "typed twice");
        var facts = Assert.IsType<Decision.Facts>(
            Decide.Reversal(request.Id, request, original, _history, _catalog)).All;
        var recorded = facts.Select(Add).ToList();
        return SettlementWriting.Message(
            new Enrollees.Settlement(recorded[0], null, null)
            {
                Adjustments = [.. recorded.Skip(1).Select(r => new Enrollees.Settlement(r, null, null))],
            },
            _catalog, Language.Chinese);
    }

    private Fact.Settled Decided(string id, decimal eligible, decimal total, DateOnly discharged)
    {
        var bill = new Bill(
            Plans.CareType.Inpatient, null, Plans.Filing.Filed, discharged, discharged, Money.Yuan(total),
            Money.Yuan(eligible), Money.Zero, null, Money.Zero, Money.Zero, Money.Zero, null);
        var request = new Enrollees.SettleRequest(id, Hospital, "e-" + id, Id, Plans.Channel.OneStop, bill);
        var decision = Decide.Settle(_account, request, null, _catalog, null, null);
        return (Fact.Settled)Assert.IsType<Decision.Facts>(decision).All[0];
    }

    private Recorded Add(Fact fact)
    {
        var entry = Entry.Next(_account, fact, 1_777_777_777_000);
        _account = entry.After!;
        _history.Add(new Recorded(entry, _history.Count + 1));
        return _history[^1];
    }

    private V1.Settlement Message(Recorded recorded, Language language) =>
        SettlementWriting.Message(new Enrollees.Settlement(recorded, null, null), _catalog, language);
}
