using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Folding;

namespace SettlementGrid.Ledger.Verification;

/// <summary>
/// The sums of funds in two ways that have nothing in common with the fold: by the walk over the streams, which reads
/// entries whole and not leanly (by region, plan and year), and by PostgreSQL over the columns beside the bodies (by
/// region and plan; columns know no year). Memory: one row a region, plan and year.
/// </summary>
sealed class FundSums(Findings findings)
{
    sealed class Sums
    {
        public Int128 Paid { get; set; }

        public Int128[] Recorded { get; } = new Int128[(int)FundRecordKind.Return + 1];
    }

    readonly Dictionary<(string Region, string Plan, int Year), Sums> _walked = [];
    readonly HashSet<string> _pool = new(StringComparer.Ordinal);

    /// <summary>Regions, plans and years that were compared.</summary>
    public long Count => _walked.Count;

    /// <summary>What computed basic layers pay is the basic pool's and stands in no fund.</summary>
    public void Know(IEnumerable<Plan> plans)
    {
        foreach (var plan in plans)
            foreach (var layer in plan.Layers.Where(l => l.IsBasic))
                _pool.Add($"{plan.Id}/{layer.Id}");
    }

    /// <summary>An entry of the walk over the streams, in any order.</summary>
    public void Add(Entry entry)
    {
        if (entry.Fact is Fact.FundRecorded { Request: var request })
        {
            foreach (var region in Upwards(request.RegionId))
                Of((region, request.PlanId, request.Year)).Recorded[(int)request.Kind] += request.Amount.Fen;
        }
        else if (entry.Fact is Fact.Money money)
        {
            foreach (var layer in money.Outcome.Layers)
            {
                if (_pool.Count > 0 && _pool.Contains($"{layer.PlanId}/{layer.LayerId}"))
                    continue;
                foreach (var region in Upwards(money.RegionId))
                {
                    var sums = Of((region, layer.PlanId, money.Request.Year));
                    sums.Paid += layer.Paid.Fen;
                }
            }
        }
    }

    /// <summary>Once everything is added: every fund of the fold, and every one that the fold does not have.</summary>
    public async Task Compare(FundFold fold, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var folded = new Dictionary<(string Region, string Plan), Int128>();
        foreach (var (region, plan, year) in fold.Funds.Union(_walked.Keys).Order())
        {
            var position = fold.Position(region, plan, year);
            var sums = Of((region, plan, year));
            // The accident basic part (通辽 4.2) is paid by no layer. A sum that leaves its type is shown at its end; how
            // much it is, the entries then say alone.
            var basic = position.AccidentBasic.Fen;
            var isSame = position.Paid == Money.Nearest(sums.Paid + basic);
            var paid = isSame ? sums.Paid : (Int128)position.Paid.Fen - basic;
            if (!isSame)
                findings.Add(Differs(region, plan, "entries", paid, sums.Paid, year));
            if (!Amounts(position.Recorded).SequenceEqual(sums.Recorded.Select(Money.Nearest)))
                findings.Add(new Finding(
                    $"the fund of region {region}, plan {plan} has other premiums than were recorded", Year: year));
            folded[(region, plan)] = folded.GetValueOrDefault((region, plan)) + paid;
        }
        var columns = await OfColumns(connection, cancellation);
        foreach (var key in folded.Keys.Union(columns.Keys).Order())
            if (folded.GetValueOrDefault(key) is var paid && paid != columns.GetValueOrDefault(key))
                findings.Add(Differs(key.Region, key.Plan, "columns", paid, columns.GetValueOrDefault(key), null));
    }

    /// <summary>In words with both sums; null: the same.</summary>
    public static string? Difference(FundPosition folded, FundPosition other) =>
        folded.Paid != other.Paid ? $"paid {other.Paid}, folded from nothing {folded.Paid} yuan"
        : folded.Balance != other.Balance ? $"balance {other.Balance}, folded from nothing {folded.Balance} yuan"
        : folded.Cases != other.Cases ? $"{other.Cases} cases, folded from nothing {folded.Cases}"
        : folded.Persons != other.Persons ? $"{other.Persons} persons, folded from nothing {folded.Persons}"
        : folded.Insured != other.Insured ? $"{other.Insured} insured, folded from nothing {folded.Insured}"
        : null;

    static Finding Differs(string region, string plan, string by, Int128 folded, Int128 other, int? year) => new(
        $"the fund of region {region}, plan {plan}: folded {Money.Nearest(folded)}, "
            + $"by {by} {Money.Nearest(other)} yuan paid",
        Year: year);

    /// <summary>By <see cref="FundRecordKind"/>, which begins at 1.</summary>
    static Money[] Amounts(FundRecorded of) =>
    [
        Money.Zero, of.Premium, of.Supplement, of.Deduction, of.Transferred, of.Deposit, of.Prepayment, of.Returned,
    ];

    async Task<Dictionary<(string Region, string Plan), Int128>> OfColumns(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        // One pass over the table; the sessions' settings forbid it for look-ups' sake.
        await using (var allow = new NpgsqlCommand("SET LOCAL enable_seqscan = on", connection))
            await allow.ExecuteNonQueryAsync(cancellation);
        await using var command = new NpgsqlCommand(
            """
            SELECT e.region_id, split_part(l.layer, '/', 1), sum(l.paid)
            FROM ledger.entries e CROSS JOIN unnest(e.layer_keys, e.layer_paid) AS l (layer, paid)
            WHERE e.kind IN (4, 5, 6) AND l.layer <> ALL ($1) GROUP BY 1, 2
            """,
            connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. _pool] });
        var sums = new Dictionary<(string Region, string Plan), Int128>();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            foreach (var region in Upwards(rows.GetString(0)))
            {
                var key = (region, rows.GetString(1));
                sums[key] = sums.GetValueOrDefault(key) + (Int128)rows.GetDecimal(2);
            }
        }
        return sums;
    }

    Sums Of((string Region, string Plan, int Year) key)
    {
        if (!_walked.TryGetValue(key, out var sums))
            _walked.Add(key, sums = new Sums());
        return sums;
    }

    /// <summary>The region, its city, its province: by prefix, each once.</summary>
    static IEnumerable<string> Upwards(string region) =>
        region.Length != 6 ? [region] : new[] { region, region[..4] + "00", region[..2] + "0000" }.Distinct();
}
