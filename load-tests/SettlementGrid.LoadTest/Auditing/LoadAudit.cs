using System.Globalization;
using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Auditing;

/// <summary>
/// Lists what the ledger holds and holds it against every acknowledged answer: each is there once with equal figures,
/// and what is there besides was left without an answer. What the list adds up to is what accounts and funds moved by.
/// </summary>
public sealed class LoadAudit(GrpcConnection connection, Town town, LoadResult acknowledged)
{
    readonly Dictionary<int, Receipt> _settled = acknowledged.Receipts.ToDictionary(one => one.Number);
    readonly Dictionary<int, Receipt> _reversed = acknowledged.Reversals.ToDictionary(one => one.Number);
    readonly HashSet<int> _unanswered = [.. acknowledged.Unanswered];
    readonly FactSums _listed = new();
    readonly List<string> _differences = [];
    long _paid;
    int _adjustments;
    long _adjusted;
    int _unansweredReversals;

    /// <summary>Facts found with equal figures.</summary>
    public long Found { get; private set; }

    /// <summary>
    /// Whether accounts are added up: those of an older roster hold what came before; the funds and `verify` tell the
    /// same of them.
    /// </summary>
    public bool AccountsAddUp => town.Roster == town.Name;

    /// <summary>Regions whose funds were compared.</summary>
    public int Regions => _listed.Regions;

    /// <summary>The differences in words; none: the ledger holds what was acknowledged.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(
        FundFigures before, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellation)
    {
        await ListAsync(before.LedgerPosition, since, until, cancellation);
        foreach (var number in _settled.Keys.Concat(_reversed.Keys).Take(LoadLimits.DifferencesMax))
            Differ($"bill {number} was acknowledged and is not in the ledger");
        // A reversal without an answer may have rated settlements again that nobody was told of.
        if (_unansweredReversals == 0
            && (_adjustments, _adjusted) != (acknowledged.Adjustments, acknowledged.AdjustedFen))
            Differ($"{acknowledged.Adjustments} adjustments of {acknowledged.AdjustedFen} fen were acknowledged, "
                + $"{_adjustments} of {_adjusted} fen are in the ledger");
        if (AccountsAddUp && await PaidAsync(cancellation) is var paid && paid != _paid)
            Differ($"the facts add up to {_paid} fen paid, the persons' accounts to {paid}");
        var after = await FundFigures.ReadAsync(connection, cancellation);
        foreach (var difference in after.DifferencesFrom(before, _listed))
            Differ(difference);
        return _differences;
    }

    async Task ListAsync(long after, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellation)
    {
        var audit = new Audit(connection, town);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = LoadLimits.AuditListsAtOnce,
            CancellationToken = cancellation,
        };
        await Parallel.ForEachAsync(Enumerable.Range(0, Town.Facilities), options, async (facility, stop) =>
        {
            var listed = audit.ListAsync(Town.FacilityId(facility), since, until, includeAdjustments: true);
            await foreach (var settlement in listed)
            {
                stop.ThrowIfCancellationRequested();
                if (settlement.LedgerPosition <= after
                    || !settlement.EnrolleeId.StartsWith(town.Roster + "-", StringComparison.Ordinal))
                    continue;
                lock (_listed)
                    Look(settlement);
            }
        });
    }

    void Look(Settlement settlement)
    {
        _paid += settlement.PlansPaidFen;
        _listed.Add(settlement);
        if (settlement.Kind == SettlementKind.Adjustment)
        {
            _adjustments++;
            _adjusted += settlement.PlansPaidFen;
            return;
        }
        var id = settlement.RequestId;
        var isReversal = id[town.Name.Length + 1] == 'X';
        var number = int.Parse(id.AsSpan(town.Name.Length + 2), CultureInfo.InvariantCulture);
        var expected = isReversal ? _reversed : _settled;
        if (!expected.Remove(number, out var receipt))
        {
            if (!_unanswered.Contains(number))
                Differ($"{id} is in the ledger twice, or was never asked for");
            _unansweredReversals += isReversal ? 1 : 0;
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
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = LoadLimits.AuditInFlight,
            CancellationToken = cancellation,
        };
        await Parallel.ForEachAsync(Enumerable.Range(0, town.Persons), options, async (person, stop) =>
        {
            var answer = await connection.CallAsync(
                GrpcMethods.GetAccount,
                new GetAccountRequest { EnrolleeId = town.PersonId(person), Year = Town.Year }, stop);
            Interlocked.Add(ref paid, answer.Required.Accumulators.Sum(one => one.PaidFen));
        });
        return paid;
    }

    void Differ(string what)
    {
        if (_differences.Count < LoadLimits.DifferencesMax)
            _differences.Add(what);
    }
}
