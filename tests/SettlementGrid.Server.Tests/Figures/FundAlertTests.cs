using Microsoft.Extensions.Logging;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;
using SettlementGrid.Regions.Following;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Metrics;

namespace SettlementGrid.Server.Tests.Figures;

public sealed class FundAlertTests : IAsyncLifetime, IDisposable
{
    private const string PlanId = "tongliao-resident-critical-2025";

    private readonly DecemberClock _clock = new();
    private readonly VolatileLedger _ledger;
    private readonly CatalogSource _catalogs;
    private readonly Mailboxes _grid;
    private readonly Funds _funds;
    private readonly Lines _log = new();
    private readonly FundAlertLook _look;

    public FundAlertTests()
    {
        _ledger = new VolatileLedger(_clock);
        _catalogs = new CatalogSource(_ledger, Engine.ReadPublished);
        _grid = new Mailboxes(_ledger, _catalogs, _clock, TaskScheduler.Default);
        _funds = new Funds(_ledger, new VolatileCheckpoints(), Engine.ReadPublished, _clock, _ => { });
        _look = new FundAlertLook(_funds, _catalogs, _clock, _log);
    }

    public async Task InitializeAsync()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "plans", PlanId + ".yaml"));
        await new CatalogWriting(_ledger, _catalogs, _clock).Publish(PlanFile.Read(text).Plan!, text, default);
        var entry = new RosterEntry("150502", Insurance.Resident, [new Coverage(PlanId, default)], []);
        await new RosterLoad(_ledger, _grid, _clock).Put([new RosterPut("a", entry)], default);
        await RecordAsync("p", FundRecordKind.Premium, 4_000);
    }

    public async Task DisposeAsync() => await _funds.DisposeAsync();

    public void Dispose()
    {
        _look.Dispose();
        _grid.Dispose();
    }

    [Fact]
    public async Task Alert_is_logged_when_it_is_crossed_and_not_again()
    {
        await _look.LookAsync(default);
        Assert.Empty(_log.Said);

        await SettleAsync();
        await _look.LookAsync(default);
        await _look.LookAsync(default);

        // The county and the city over it, each of which crosses 80 % and 90 % at once.
        Assert.Equal(4, _log.Said.Count);
        Assert.All(["fund 150500", "fund 150502"], fund => Assert.Equal(2, _log.Said.Count(
            line => line.StartsWith($"{fund} {PlanId} 2025 Usage", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Alert_that_went_away_and_came_back_is_logged_again()
    {
        await _look.LookAsync(default);
        await SettleAsync();
        await _look.LookAsync(default);
        var once = _log.Said.Count;

        await RecordAsync("s", FundRecordKind.Supplement, 10_000);
        await _look.LookAsync(default);
        Assert.Equal(once, _log.Said.Count);
        await RecordAsync("d", FundRecordKind.Deduction, 10_000);
        await _look.LookAsync(default);

        Assert.Equal(2 * once, _log.Said.Count);
    }

    [Fact]
    public async Task Alerts_that_stood_before_the_start_are_one_line()
    {
        await SettleAsync();

        await _look.LookAsync(default);

        Assert.StartsWith("4 alerts of funds stand", Assert.Single(_log.Said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_of_every_fund_with_a_premium_is_measured()
    {
        using var metrics = new MetricCollection();
        await SettleAsync();
        await _look.LookAsync(default);

        var text = metrics.Text();

        foreach (var region in (string[])["150500", "150502"])
        {
            Assert.Contains(
                $"settlementgrid_fund_usage_ratio{{region=\"{region}\",plan=\"{PlanId}\",year=\"2025\"}} 0.9\n", text,
                StringComparison.Ordinal);
        }
    }

    /// <summary>The plan pays 3,600 yuan.</summary>
    private async Task SettleAsync()
    {
        var day = new DateOnly(2025, 3, 10);
        var bill = new Bill(
            CareType.Inpatient, null, Filing.Filed, day.AddDays(-9), day, Money.Yuan(50_000), Money.Yuan(40_000),
            Money.Yuan(20_000), null, Money.Zero, Money.Zero, Money.Zero, null);
        var request = new SettleRequest("r", "H15050200001", "e", "a", Channel.OneStop, bill);
        Assert.IsType<Answer.Settled>(
            await _grid.Ask(new Command.Settle(request, null), _clock.GetUtcNow().AddSeconds(30), default));
    }

    private async Task RecordAsync(string id, FundRecordKind kind, decimal yuan) => Assert.Null(
        (await new FundWriting(_ledger, _catalogs, _clock).Record(
            new FundRecordRequest(
                id, "150502", PlanId, 2025, kind, Money.Yuan(yuan), 0, new DateOnly(2025, 1, 10)),
            default)).Refusal);

    /// <summary>It is the year's last day: what was paid is what will have been paid.</summary>
    private sealed class DecemberClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2025, 12, 31, 4, 0, 0, TimeSpan.Zero);
    }

    private sealed class Lines : ILogger<FundAlertLook>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}
