using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.Postgres;

namespace SettlementGrid.LoadTest.Peers;

/// <summary>
/// (b): the peer's function called by pgbench on the peer's own database, with persons, amounts and days drawn as the
/// generator draws them. Without pgbench (npm's PostgreSQL brings none) the row says so.
/// </summary>
sealed partial class PgbenchTurn(PeerSettings settings, TimeProvider clock, Action<string> say)
{
    static readonly int[] s_clients = [8, 16, 32];
    static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    public async Task<PeerTurn> RunAsync(CancellationToken cancellation)
    {
        var binaries = await TemporaryPostgres.BinariesAsync(say, cancellation);
        var program = File.Exists(binaries.Program("pgbench"))
            ? binaries.Program("pgbench")
            : ChildProgram.Find("pgbench");
        if (program is null)
            return new PeerTurn.Absent("pgbench is not installed");
        // It only enrols: the connections are pgbench's.
        var peer = await ServedTurn.StartAsync(Contestant.StoredFunction, databaseConnections: 1);
        await using var site = await LoadSite.OpenAsync(
            settings.Load, clock, say, cancellation, [peer], audited: false);
        var data = site.Own!.Place.Data;
        var script = Path.Combine(site.Own.Place.DataFolder, "peer.pgbench");
        await File.WriteAllTextAsync(script, Script(site.Town.Name), cancellation);
        // The time of one measurement is shared: what is wanted is which number of clients is best.
        var seconds = (int)Math.Ceiling(Math.Max(Least.TotalSeconds, settings.Load.Measured.TotalSeconds / 2));
        PeerRow? best = null;
        foreach (var clients in s_clients)
        {
            say($"pgbench with {clients} clients for {seconds} s");
            var before = ServerFigures.DatabaseProcessor(data);
            var ran = await ChildProgram.RunAsync(
                [program, "-n", "-M", "prepared", "-c", $"{clients}", "-j", "2", "-T", $"{seconds}", "-f", script,
                    "-D", $"persons={settings.Load.Persons}", Conninfo(data.Connection.Read())],
                site.Own.Place.DataFolder, LoadLimits.FinishMax + TimeSpan.FromSeconds(seconds), cancellation);
            if (!ran.Succeeded || Rate().Match(ran.Output) is not { Success: true } rate)
                return new PeerTurn.Absent($"pgbench failed: {ran.Output.Trim()}");
            var perSecond = double.Parse(rate.Groups["tps"].ValueSpan, CultureInfo.InvariantCulture);
            var count = long.Parse(Done().Match(ran.Output).Groups["count"].ValueSpan, CultureInfo.InvariantCulture);
            var database = (ServerFigures.DatabaseProcessor(data) - before) * 1_000_000 / Math.Max(1, count);
            if (best is null || perSecond > best.PerSecond)
                best = new PeerRow(perSecond, null, null, null, database, null) { Remark = $"{clients} clients" };
        }
        return new PeerTurn.Measured(best!);
    }

    // The squared draw is the generator's: Zipf with exponent 0.5.
    static string Script(string town) => $$"""
        \set share random(0, 999999)
        \set person :persons * :share / 1000000 * :share / 1000000
        \set number random(1, 9000000000000000)
        \set day random(0, 364)
        \set total random(10000, 499999)
        \set eligible :total * random(60, 95) / 100
        \set basic random(0, 999)
        \set facility random(0, 39)
        \set care random(0, 3)
        SELECT outcome, no, paid, position_after FROM peer.settle(
            'b-' || :number::bigint, 'H15050200' || lpad(:facility::text, 3, '0'), 'e-' || :number::bigint,
            '{{town}}-P' || lpad(:person::text, 7, '0'),
            (CASE WHEN :care::integer = 0 THEN 1 ELSE 4 END)::smallint, false,
            date '2025-01-01' + :day::integer, date '2025-01-01' + :day::integer, :total::bigint, :eligible::bigint,
            :basic::bigint, 0, 0, false);
        """;

    static string Conninfo(string connection)
    {
        var of = new NpgsqlConnectionStringBuilder(connection);
        return $"host={of.Host} port={of.Port} user={of.Username} password={of.Password} dbname={of.Database}";
    }

    [GeneratedRegex(@"tps = (?<tps>[0-9.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rate();

    [GeneratedRegex(@"number of transactions actually processed: (?<count>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Done();
}
