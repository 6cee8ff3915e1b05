using SettlementGrid.Api.V1;

namespace SettlementGrid.Server.FundsView;

/// <summary>A fund as the table shows it.</summary>
/// <param name="Position">As the server gave it.</param>
/// <param name="MovedAt">When it last changed before our eyes; null: it stands as it was found.</param>
public sealed record FundsRow(Position Position, DateTimeOffset? MovedAt);

/// <summary>What one look at the board sees.</summary>
/// <param name="Rows">By region, then plan; those without money and people are left out.</param>
/// <param name="Mark">The newest ledger position that any row's server stream has reached.</param>
/// <param name="AsOf">The newest fact's time; null before there is one.</param>
/// <param name="Trouble">Why some rows may be behind; null: none are.</param>
public sealed record FundsSight(
    IReadOnlyList<FundsRow> Rows, long Mark, DateTimeOffset? AsOf, string? Trouble);

/// <summary>
/// The funds as far as they are known here: the streams put in what they are told, the drawing looks. Safe from any
/// thread. Holds one row a region and plan.
/// </summary>
public sealed class FundsBoard(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<(string Region, string Plan), FundsRow> _rows = [];
    private readonly Dictionary<string, string> _troubles = [];
    private long _mark;
    private DateTimeOffset? _asOf;

    /// <summary>Takes what one stream said.</summary>
    /// <param name="root">The region the stream follows.</param>
    /// <param name="isFirst">Of a stream opened from nothing: what it tells first has not moved.</param>
    public void Take(string root, IEnumerable<Position> positions, long mark, bool isFirst)
    {
        lock (_lock)
        {
            _troubles.Remove(root);
            _mark = Math.Max(_mark, mark);
            foreach (var position in positions)
            {
                var at = position.AsOf?.ToDateTimeOffset();
                _asOf = at > _asOf || _asOf is null ? at : _asOf;
                _rows[(position.RegionId, position.PlanId)] =
                    new FundsRow(position, isFirst ? null : clock.GetUtcNow());
            }
        }
    }

    /// <summary>The stream of a region is lost for now; its rows stay as they were last seen.</summary>
    public void Lost(string root, string why)
    {
        lock (_lock)
        {
            _troubles[root] = why;
        }
    }

    /// <summary>Forgets what a stream said: the ledger is another one than before.</summary>
    public void Forget(string root)
    {
        lock (_lock)
        {
            foreach (var key in _rows.Keys.Where(key => Plans.Region.IsWithin(key.Region, root)).ToList())
            {
                _rows.Remove(key);
            }

            _mark = 0;
            _asOf = null;
        }
    }

    public FundsSight Look()
    {
        lock (_lock)
        {
            return new FundsSight(
                [.. _rows.Values.Where(row => Says(row.Position))], _mark, _asOf,
                _troubles.Count == 0 ? null : _troubles.Values.First());
        }
    }

    private static bool Says(Position position) =>
        position.PremiumFen != 0 || position.PaidFen != 0 || position.Cases != 0 || position.Insured != 0;
}
