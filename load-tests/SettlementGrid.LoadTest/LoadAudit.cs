using System.Globalization;
using SettlementGrid.Api.V1;
using SettlementGrid.LoadTest.Load;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest;

/// <summary>
/// Lists what the ledger holds and holds it against every acknowledged answer: each is there once with equal figures,
/// and what is there besides was left without an answer.
/// </summary>
public sealed class LoadAudit(GrpcConnection connection, Workload workload, LoadResult result)
{
    const int DifferencesMax = 20;

    readonly Dictionary<int, Receipt> _settled = result.Receipts.ToDictionary(one => one.Number);
    readonly Dictionary<int, Receipt> _reversed = result.Reversals.ToDictionary(one => one.Number);
    readonly HashSet<int> _unanswered = [.. result.Unanswered];
    readonly List<string> _differences = [];
    long _paid;

    /// <summary>Facts found with equal figures.</summary>
    public long Found { get; private set; }

    /// <summary>The differences in words; none: the ledger holds what was acknowledged.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(
        DateTimeOffset since, DateTimeOffset until, CancellationToken cancellation)
    {
        var audit = new Audit(connection, workload.Town);
        for (var facility = 0; facility < Town.Facilities; facility++)
        {
            var listed = audit.ListAsync(Town.FacilityId(facility), since, until, includeAdjustments: true);
            await foreach (var settlement in listed)
            {
                cancellation.ThrowIfCancellationRequested();
                if (settlement.EnrolleeId.StartsWith(workload.Town.Name + "-", StringComparison.Ordinal))
                    Look(settlement);
            }
        }
        foreach (var number in _settled.Keys.Concat(_reversed.Keys).Take(DifferencesMax))
            Differ($"bill {number} was acknowledged and is not in the ledger");
        var paid = await PaidAsync(cancellation);
        if (paid != _paid)
            Differ($"the facts add up to {_paid} fen paid, the persons' accounts to {paid}");
        return _differences;
    }

    void Look(Settlement settlement)
    {
        _paid += settlement.PlansPaidFen;
        if (settlement.Kind == SettlementKind.Adjustment)
            return;
        var id = settlement.RequestId;
        var kind = id[workload.Town.Name.Length + 1];
        var number = int.Parse(id.AsSpan(workload.Town.Name.Length + 2), CultureInfo.InvariantCulture);
        var acknowledged = kind == 'X' ? _reversed : _settled;
        if (!acknowledged.Remove(number, out var receipt))
        {
            if (!_unanswered.Contains(number))
                Differ($"{id} is in the ledger twice, or was never asked for");
        }
        else if (Receipt.Of(number, settlement) != receipt)
        {
            Differ($"{id} was acknowledged as {receipt} and is stored as {Receipt.Of(number, settlement)}");
        }
        else
        {
            Found++;
        }
    }

    /// <summary>What the plan has paid to the town's persons, from their accounts.</summary>
    async Task<long> PaidAsync(CancellationToken cancellation)
    {
        var paid = 0L;
        var options = new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, workload.Town.Persons), options, async (person, stop) =>
        {
            var answer = await connection.CallAsync(
                GrpcMethods.GetAccount,
                new GetAccountRequest { EnrolleeId = workload.Town.PersonId(person), Year = Town.Year }, stop);
            Interlocked.Add(ref paid, answer.Required.Accumulators.Sum(one => one.PaidFen));
        });
        return paid;
    }

    void Differ(string what)
    {
        if (_differences.Count < DifferencesMax)
            _differences.Add(what);
    }
}
