using System.Threading.Channels;
using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Peers.StoredFunction;

/// <summary>
/// Behind the port where the server has its mailboxes: every settlement is one call of the stored function on one of a
/// fixed number of connections, the first that is free. Whoever finds none waits in order; the front bounds how many.
/// </summary>
sealed class FunctionGrid : IGrid, IAsyncDisposable
{
    readonly NpgsqlDataSource _source;
    readonly CatalogSource _catalogs;
    readonly bool _booksFund;
    readonly Channel<FunctionCall> _free = System.Threading.Channels.Channel.CreateUnbounded<FunctionCall>();

    FunctionGrid(NpgsqlDataSource source, CatalogSource catalogs, bool booksFund) =>
        (_source, _catalogs, _booksFund) = (source, catalogs, booksFund);

    /// <summary>Makes the schema where it is not there, and opens all connections.</summary>
    public static async Task<FunctionGrid> OpenAsync(
        NpgsqlDataSource source, CatalogSource catalogs, bool booksFund, int connections,
        CancellationToken cancellation)
    {
        var grid = new FunctionGrid(source, catalogs, booksFund);
        await using (var ask = source.CreateCommand("SELECT to_regnamespace('peer') IS NULL"))
        {
            if ((bool)(await ask.ExecuteScalarAsync(cancellation))!)
            {
                await using var make = source.CreateCommand(await SchemaAsync(cancellation));
                await make.ExecuteNonQueryAsync(cancellation);
            }
        }
        for (var i = 0; i < connections; i++)
            grid._free.Writer.TryWrite(await FunctionCall.OpenAsync(source, booksFund, cancellation));
        return grid;
    }

    public async ValueTask<Answer> Ask(Command command, DateTimeOffset deadline, CancellationToken cancellation)
    {
        if (command is not Command.Settle { Request: var request })
            throw new InvalidOperationException($"The method table let {command.GetType().Name} through.");
        var catalog = _catalogs.Current;
        var facility = catalog.Facility(request.FacilityId);
        if (catalog.InForce(FunctionAnswers.PlanId, request.Bill.DischargedOn) is not { } version)
        {
            return FunctionAnswers.Of(
                request, facility, default, catalog, new FunctionRow { Outcome = FunctionOutcome.NotCovered });
        }
        var place = facility.RegionId.Length == 0
            ? request.Bill.StatedPlace ?? CarePlace.InRegion
            : Region.PlaceOf(facility.RegionId, version.Plan.Region);
        var call = await _free.Reader.ReadAsync(cancellation);
        try
        {
            var row = await call.SettleAsync(request, place == CarePlace.OutOfProvince);
            _free.Writer.TryWrite(call);
            return FunctionAnswers.Of(request, facility, place, catalog, row);
        }
        catch (NpgsqlException)
        {
            // The next call on this connection would find it broken: it gets a new one, or the next one after it does.
            await call.DisposeAsync();
            _free.Writer.TryWrite(await FunctionCall.OpenAsync(_source, _booksFund, CancellationToken.None));
            return new Answer.Refused(Refusals.Unavailable());
        }
    }

    /// <summary>Nothing is remembered here.</summary>
    public void Forget(IReadOnlyCollection<string> enrolleeIds)
    {
    }

    public async ValueTask DisposeAsync()
    {
        while (_free.Reader.TryRead(out var call))
            await call.DisposeAsync();
    }

    static async Task<string> SchemaAsync(CancellationToken cancellation)
    {
        using var text = new StreamReader(typeof(FunctionGrid).Assembly.GetManifestResourceStream("peer.sql")!);
        return await text.ReadToEndAsync(cancellation);
    }
}
