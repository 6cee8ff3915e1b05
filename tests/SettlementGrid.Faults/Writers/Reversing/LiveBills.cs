using SettlementGrid.Api.V1;
using SettlementGrid.Enrollees;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Plans;
using SettlementGrid.Testbed;
using Account = SettlementGrid.Enrollees.Account;
using SettleRequest = SettlementGrid.Api.V1.SettleRequest;
using Settlement = SettlementGrid.Api.V1.Settlement;

namespace SettlementGrid.Faults.Writers.Reversing;

/// <summary>
/// One person's settlements as they stand after reversals: what is live, in its order, and what each came to with its
/// adjustments. The model of them is the pure policy on the live bills alone, as if the reversed had never been.
/// </summary>
sealed class LiveBills(Town town, string person)
{
    readonly List<(SettleRequest Bill, Settlement Settled)> _live = [];
    readonly Dictionary<string, long> _paid = [];

    public IReadOnlyList<(SettleRequest Bill, Settlement Settled)> Live => _live;

    public void Add(SettleRequest bill, Settlement settled)
    {
        _live.Add((bill, settled));
        _paid[settled.SettlementId] = settled.PlansPaidFen;
    }

    /// <summary>A reversal with the adjustments that it tells of.</summary>
    public void Reverse(Settlement reversal)
    {
        _live.RemoveAll(one => one.Settled.SettlementId == reversal.ReversesSettlementId);
        _paid[reversal.ReversesSettlementId] += reversal.PlansPaidFen;
        foreach (var adjustment in reversal.Adjustments)
            _paid[adjustment.AdjustsSettlementId] += adjustment.PlansPaidFen;
    }

    /// <summary>The account at a server, and what every settlement came to, are the model's to the fen.</summary>
    public async Task CheckAsync(FaultRun run, GrpcConnection connection)
    {
        var account = Account.Unknown(person).Evolve(new Fact.Enrolled(Model.Roster(town, person)));
        var expected = _paid.Keys.ToDictionary(id => id, _ => 0L);
        foreach (var (bill, settled) in _live)
        {
            if (Decide.Settle(account, Model.Read(bill), null, Model.Catalog, null, null)
                is not Decision.Facts { All: [Fact.Settled fact] })
            {
                run.Verdict.Find($"{bill.RequestId} is live and the model refuses it");
                return;
            }
            expected[settled.SettlementId] = fact.Outcome.PlansPaid.Fen;
            account = account.Evolve(fact);
        }
        foreach (var (id, paid) in expected)
            run.Verdict.Require(_paid[id] == paid, $"{person}'s {id} came to {_paid[id]} fen, the model says {paid}");

        var asked = new GetAccountRequest { EnrolleeId = person, Year = Town.Year };
        var stored = (await Patiently.AskAsync(connection, GrpcMethods.GetAccount, asked)).Required;
        var (here, model) = (Told(stored), Told(account));
        run.Verdict.Require(here == model, $"{person} stands at {here}, the model says {model}");
    }

    static string Told(Api.V1.Account account) => Told(account.Accumulators
        .Select(one => ($"{one.PlanId}/{one.LayerId}/{one.Period}", one.PositionFen, one.PaidFen)));

    static string Told(Account account) => Told(account.Accumulators.Select(
        one => ($"{one.Key.PlanId}/{one.Key.LayerId}/{one.Key.Period}", one.Value.Position.Fen, one.Value.Paid.Fen)));

    static string Told(IEnumerable<(string Key, long Position, long Paid)> all) => string.Join(", ", all
        .Where(one => one is not (_, 0, 0)).Order().Select(one => $"{one.Key}: {one.Position}, paid {one.Paid}"));
}
