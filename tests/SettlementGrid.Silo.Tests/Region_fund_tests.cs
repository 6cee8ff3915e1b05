using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orleans.Storage;
using Orleans.TestingHost;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Postgres;
using SettlementGrid.Silo.Cluster;
using SettlementGrid.Silo.Funds;
using SettlementGrid.Silo.Turns;
using SettlementGrid.Testing;

namespace SettlementGrid.Silo.Tests;

/// <summary>Grains of regions over the database's own tables, by the providers' own code.</summary>
public sealed class Region_fund_tests : IAsyncLifetime, IDisposable
{
    const string Region = "150502";
    static readonly int Year = Given.Day.Year;

    readonly SiloStop _stop = new();
    readonly CriticalLines _critical = new();
    TemporaryPostgres _postgres = null!;
    PostgresLedger _ledger = null!;
    Regions.Following.Funds _funds = null!;
    InProcessTestCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _postgres = await TemporaryPostgres.StartAsync(_ => { }, CancellationToken.None);
        _ledger = await PostgresLedger.Open(
            _postgres.ConnectionString, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        await Given.SetUp(_ledger, TimeProvider.System, "anna");
        _funds = new(_ledger, _ledger.Checkpoints, GivenPlans.Read, TimeProvider.System, _ => { });
        var ground = new TurnGround(_ledger, await Given.Catalogs(_ledger), TimeProvider.System);
        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.HostTurns(ground, _stop);
            ClusterHost.KeepIn(silo, WorkingSource.ForOrleans(_postgres.ConnectionString));
            silo.Services.AddSingleton<Func<Regions.Following.Funds>>(() => _funds)
                .AddSingleton<ILoggerProvider>(_critical);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        await _funds.DisposeAsync();
        await _ledger.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    public void Dispose()
    {
        _stop.Dispose();
        _critical.Dispose();
    }

    [Fact]
    public async Task A_regions_grain_gives_the_fold_at_the_ledgers_head_and_keeps_where_it_stood()
    {
        await Settle("r1");
        var first = (await Grain.KeepUp())!;
        Assert.Equal((await _ledger.ReadHead(default)).Position, first.Mark);
        var plan = Assert.Single(first.Plans, p => p.PlanId == GivenPlans.Tongliao);
        Assert.Equal((9_600_00L, 1L), (plan.PaidFen, plan.Cases));
        Assert.Equal(1, await Version());
        await Grain.KeepUp();
        Assert.Equal(1, await Version());
        await Settle("r2");
        Assert.Equal(2, (await Grain.KeepUp())!.Plans.Single(p => p.PlanId == GivenPlans.Tongliao).Cases);
        Assert.Equal(2, await Version());
        Assert.Empty(_critical.Lines);
    }

    [Fact]
    public async Task It_is_reminded_every_minute_from_its_first_call_on()
    {
        await Grain.KeepUp();
        await using var source = NpgsqlDataSource.Create(_postgres.ConnectionString);
        await using var reminders = source.CreateCommand("SELECT grain_id || ' ' || period_ms FROM orleans.reminders");
        Assert.Equal($"region-fund/{Region}/{Year} 60000", await reminders.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_fold_that_differs_from_what_another_silo_kept_is_found_when_the_grain_moves()
    {
        await Settle("r1");
        await Grain.KeepUp();
        await _cluster.DeactivateAsync(Grain);
        Assert.NotNull(await Grain.KeepUp());
        Assert.Empty(_critical.Lines);

        await _cluster.DeactivateAsync(Grain);
        await using var source = NpgsqlDataSource.Create(_postgres.ConnectionString);
        await using var tamper = source.CreateCommand(
            """
            UPDATE orleans.grain_states SET payload = convert_to(
                regexp_replace(convert_from(payload, 'UTF8'), '"Mark":[0-9]+', '"Mark":1'), 'UTF8')
            """);
        Assert.Equal(1, await tamper.ExecuteNonQueryAsync());
        Assert.NotNull(await Grain.KeepUp());
        Assert.Contains("run verify", Assert.Single(_critical.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_silos_that_write_a_state_first_exactly_one_wins()
    {
        var stores = _cluster.Silos
            .Select(silo => silo.ServiceProvider.GetRequiredKeyedService<IGrainStorage>(RegionFundGrain.StorageName))
            .ToList();
        for (var i = 0; i < 25; i++)
        {
            var id = GrainId.Create("region-fund", $"race/{i}");
            var written = await Task.WhenAll(stores.Select(store => Task.Run(async () =>
            {
                try
                {
                    await store.WriteStateAsync("fund", id, new GrainState<RegionFundCheckpoint>(new() { Mark = 1 }));
                    return 1;
                }
                catch (InconsistentStateException)
                {
                    return 0;
                }
            })));
            Assert.Equal(1, written.Sum());
        }
    }

    IRegionFundGrain Grain => _cluster.Client.GetGrain<IRegionFundGrain>(RegionFundGrain.KeyOf(Region, Year));

    async Task Settle(string request)
    {
        var grid = new OrleansGrid(_cluster.Client, TimeProvider.System);
        var answer = await grid.Ask(
            Given.Settle(request, "anna"), TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(30), default);
        Assert.IsType<Answer.Settled>(answer);
        grid.Dispose();
    }

    async Task<object?> Version()
    {
        await using var source = NpgsqlDataSource.Create(_postgres.ConnectionString);
        await using var state = source.CreateCommand("SELECT version FROM orleans.grain_states");
        return await state.ExecuteScalarAsync();
    }

    /// <summary>What an operator is woken for.</summary>
    sealed class CriticalLines : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Critical;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Lines.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
