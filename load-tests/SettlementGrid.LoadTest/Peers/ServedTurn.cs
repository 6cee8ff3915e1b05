using Npgsql;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Peers;

/// <summary>
/// A contestant that serves the interface: started on fresh data, checked, loaded as all others are, and held against
/// what it stored before its figures are believed.
/// </summary>
sealed class ServedTurn(PeerSettings settings, SameAnswers same, TimeProvider clock, Action<string> say)
{
    const string PeerProgram = "SettlementGrid.Peers";

    /// <param name="databaseConnections">That a stored function's calls share.</param>
    public static Task<RunningServer> StartAsync(Contestant one, int databaseConnections) => RunningServer.StartAsync(
        one == Contestant.SettlementGrid
            ? null
            : ServerPlace.Fresh() with
            {
                Program = PeerProgram,
                HoldsLedger = false,
                Options = ["--peer", $"{one}", "--db-connections", $"{databaseConnections}"],
            });

    public async Task<PeerTurn> RunAsync(Contestant one, CancellationToken cancellation)
    {
        var isStored = one is Contestant.StoredFunction or Contestant.StoredFunctionWithFund;
        var started = one is not (Contestant.OneSilo or Contestant.TwoSilos)
            ? [await StartAsync(one, settings.DatabaseConnections)]
            : await SiloPrograms.StartAsync(withGateway: one == Contestant.TwoSilos);
        if (started.Count == 0)
            return new PeerTurn.Absent(SiloPrograms.NotBuilt);
        if (await DifferenceAsync(started, cancellation) is { } difference)
            return new PeerTurn.Failed($"{one} answers otherwise than it must: {difference}");
        await using var site = await LoadSite.OpenAsync(
            settings.Load, clock, say, cancellation, started, audited: !isStored);
        MeasuredRun run;
        await using (var connections = await ConnectionSet.OpenAsync(
            site.Address, settings.Load.Connections, cancellation))
            run = await Measurement.RunAsync(site, settings.Load, connections, cancellation);
        if (run.Result.Refused.Count > 0)
            return new PeerTurn.Failed($"{one} refused: {string.Join(", ", run.Result.Refused)}");
        var fault = isStored ? await StoredFaultAsync(site, cancellation)
            : await site.AuditAsync(cancellation) is null ? "its audit found differences"
            : null;
        if (fault is not null)
            return new PeerTurn.Failed($"{one}: {fault}");
        var cost = run.Cost!.Figures;
        return new PeerTurn.Measured(new PeerRow(
            run.SettledPerSecond, run.Result.Latency.At(0.5) / 1000.0, run.Result.Latency.At(0.99) / 1000.0,
            run.Each(cost.Server), run.Each(cost.Database), run.Each(cost.Generator)));
    }

    /// <summary>Ends the programs where their answers differ.</summary>
    async Task<string?> DifferenceAsync(IReadOnlyList<RunningServer> started, CancellationToken cancellation)
    {
        say($"comparing {settings.Compared} answers");
        string? difference = "not compared to the end";
        try
        {
            return difference = await same.DifferenceAsync(started[^1].Place.Grpc, cancellation);
        }
        finally
        {
            if (difference is not null)
                await LoadSite.EndAsync(started);
        }
    }

    /// <summary>What the peer's tables hold against what it acknowledged: as many rows, as much paid.</summary>
    static async Task<string?> StoredFaultAsync(LoadSite site, CancellationToken cancellation)
    {
        if (site.Acknowledged.RepeatedOtherwise > 0)
            return $"{site.Acknowledged.RepeatedOtherwise} repeated calls were answered otherwise";
        await using var source = NpgsqlDataSource.Create(site.Own!.Place.Data.Connection.Read());
        await using var ask = source.CreateCommand("""
            SELECT count(*), coalesce(sum(s.paid), 0)::bigint,
                (SELECT sum(a.paid)::bigint FROM peer.accounts a WHERE starts_with(a.enrollee_id, $1))
            FROM peer.settlements s WHERE starts_with(s.enrollee_id, $1)
            """);
        ask.Parameters.AddWithValue(site.Town.Name + "-");
        await using var row = await ask.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        var stored = (Rows: row.GetInt64(0), Paid: row.GetInt64(1), Accounts: row.GetInt64(2));
        var receipts = site.Acknowledged.Receipts;
        var told = (Rows: (long)receipts.Count, Paid: receipts.Sum(one => one.PlansPaidFen));
        return stored == (told.Rows, told.Paid, told.Paid)
            ? null
            : $"acknowledged are {told.Rows} settlements of {told.Paid} fen, "
                + $"stored {stored.Rows} of {stored.Paid} fen, its accounts hold {stored.Accounts} fen";
    }
}
