using System.Globalization;
using Npgsql;
using SettlementGrid.Postgres;

namespace SettlementGrid.ScaleLedger;

/// <summary>What a folder's PostgreSQL says of itself and the system of its processes (Linux).</summary>
sealed class DatabaseFigures(PostgresInstance database) : IAsyncDisposable
{
    const double TicksPerSecond = 100;

    readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(database.SuperuserConnectionString)
        {
            Database = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database, CommandTimeout = 0,
        }.ConnectionString);

    readonly PostgresProcesses _processes = new(database.Directory.Cluster);

    /// <summary>Processor seconds of a process; 0 where it has ended.</summary>
    public static double Processor(int process, bool withEndedChildren = false)
    {
        try
        {
            // The numbers after the name: 11 to 14 are the processor's ticks.
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return Enumerable.Range(11, withEndedChildren ? 4 : 2)
                .Sum(i => long.Parse(fields[i], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Processor seconds of all its processes so far, those that ended too.</summary>
    public double Processor() => _processes.Living()
        .Sum(process => Processor(process, withEndedChildren: process == _processes.PostmasterPid));

    public Task<long> Wal(CancellationToken cancellation) =>
        Ask<long>("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint", cancellation);

    /// <summary>Pages that were not in PostgreSQL's buffers so far; its count is up to a second behind.</summary>
    public Task<long> PagesRead(CancellationToken cancellation) =>
        Ask<long>("SELECT blks_read FROM pg_stat_database WHERE datname = current_database()", cancellation);

    public Task<long> Facts(CancellationToken cancellation) =>
        Ask<long>("SELECT position FROM ledger.head", cancellation);

    /// <summary>How many persons of the city are on the roster: the last one's number and one.</summary>
    public async Task<int> Persons(CancellationToken cancellation)
    {
        var last = await Ask<string>(
            $"""
            SELECT stream_id FROM ledger.entries WHERE stream_kind = 1 AND stream_id < '{City.Name}-Q'
            ORDER BY stream_kind DESC, stream_id DESC LIMIT 1
            """, cancellation);
        return int.Parse(last[(City.Name.Length + 2)..], CultureInfo.InvariantCulture) + 1;
    }

    /// <summary>Bytes a fact: rows, their indexes, commits with theirs.</summary>
    public async Task<(double Rows, double Indexes, double Commits)> BytesAFact(CancellationToken cancellation)
    {
        var facts = (double)await Facts(cancellation);
        return (await Ask<long>("SELECT pg_table_size('ledger.entries')", cancellation) / facts,
            await Ask<long>("SELECT pg_indexes_size('ledger.entries')", cancellation) / facts,
            await Ask<long>("SELECT pg_total_relation_size('ledger.commits')", cancellation) / facts);
    }

    /// <summary>
    /// Pages from the root of an index to a row's entry. Looks with an extension and takes it away again.
    /// </summary>
    public async Task<string> Levels(string[] indexes, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        try
        {
            await using (var extend = new NpgsqlCommand("CREATE EXTENSION pageinspect SCHEMA public", connection))
                await extend.ExecuteNonQueryAsync(cancellation);
            var levels = new List<string>();
            foreach (var index in indexes)
            {
                await using var ask = new NpgsqlCommand(
                    $"SELECT level + 1 FROM public.bt_metap('ledger.{index}')", connection);
                levels.Add(Convert.ToString(await ask.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture)!);
            }
            return string.Join(" / ", levels);
        }
        catch (PostgresException)
        {
            return "not known: pageinspect is not installed";
        }
        finally
        {
            await transaction.RollbackAsync(cancellation);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    async Task<T> Ask<T>(string sql, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
