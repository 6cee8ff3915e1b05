using SettlementGrid.Api.Methods;
using SettlementGrid.Api.V1;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.PlanFiles;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.Api.Tests.Funds;

/// <summary>Every method over a whole grid in memory, with Tongliao's plan published and its fund followed.</summary>
internal sealed class Agency : IAsyncDisposable
{
    public const string PlanId = "tongliao-resident-critical-2025";
    public const int Year = 2025;

    private readonly VolatileLedger _ledger = new(TimeProvider.System);
    private readonly CatalogSource _catalogs;
    private readonly Mailboxes _grid;
    private readonly Regions.Following.Funds _funds;

    private Agency()
    {
        _catalogs = new CatalogSource(_ledger, Read);
        _grid = new Mailboxes(_ledger, _catalogs, TimeProvider.System, TaskScheduler.Default);
        _funds = new Regions.Following.Funds(_ledger, new VolatileCheckpoints(), Read, TimeProvider.System, _ => { });
        Handlers = DomainHandlers.Of(_grid, _ledger, _catalogs, _funds, TimeProvider.System);
    }

    public Handlers Handlers { get; }

    public static async Task<Agency> OpenAsync()
    {
        var agency = new Agency();
        var text = await File.ReadAllTextAsync(Path.Combine(PlansFolder(), PlanId + ".yaml"));
        Assert.NotNull(Answered(await agency.Handlers.PublishPlan!(new PublishPlanRequest { Text = text }, CallOf())));
        return agency;
    }

    /// <summary>The fund methods with answers of at most so many bytes.</summary>
    public FundMethods Cut(int answerBytesMax) => new(
        _funds, new FundWriting(_ledger, _catalogs, TimeProvider.System), _catalogs, answerBytesMax);

    /// <summary>A call as it comes in just now.</summary>
    public static Call CallOf(Caller? caller = null, CancellationToken cancelled = default) => new(
        caller ?? Caller.Local, TimeProvider.System.GetUtcNow(),
        TimeProvider.System.GetUtcNow() + ApiLimits.UnaryDeadline, Plans.Language.English, cancelled);

    /// <summary>Caller of a county's agency.</summary>
    public static Caller County(string region) => new("county", Roles.County, RegionId: region);

    public async Task EnrollAsync(string id, string region)
    {
        var enrollee = new V1.Enrollee
        {
            EnrolleeId = id,
            RegionId = region,
            Insurance = V1.Insurance.Resident,
            Coverages = { new V1.Coverage { PlanId = PlanId, From = "2025-01-01", To = "2025-12-31" } },
        };
        Answered(await Handlers.PutEnrollees(new PutEnrolleesRequest { Enrollees = { enrollee } }, CallOf()));
    }

    /// <summary>A stay for which the plan pays 3,600 yuan, the person's first of the year.</summary>
    public async Task<V1.Settlement> SettleAsync(string id) => Answered(await Handlers.Settle(
        new V1.SettleRequest
        {
            RequestId = $"{id}-1",
            FacilityId = "H15050200001",
            EncounterId = $"E-{id}-1",
            EnrolleeId = id,
            CareType = V1.CareType.Inpatient,
            AdmittedOn = "2025-03-01",
            DischargedOn = "2025-03-10",
            TotalFen = 5_000_000,
            EligibleFen = 4_000_000,
            BasicPaidFen = 2_000_000,
        },
        CallOf()));

    public static RecordPremiumRequest Premium(string region, long fen, string id = "p-1") => new()
    {
        RequestId = id,
        RegionId = region,
        PlanId = PlanId,
        Year = Year,
        Kind = V1.FundRecordKind.Premium,
        AmountFen = fen,
        Persons = 3,
        ReceivedOn = "2025-01-10",
    };

    public async Task<FundRecord> RecordAsync(RecordPremiumRequest request) =>
        Answered(await Handlers.RecordPremium(request, CallOf()));

    public async Task<Position> PositionAsync(string region, long? asOf = null)
    {
        var request = new GetPositionRequest { RegionId = region, PlanId = PlanId, Year = Year };
        if (asOf is { } mark)
        {
            request.AsOfLedgerPosition = mark;
        }

        return Answered(await Handlers.GetPosition(request, CallOf()));
    }

    /// <summary>The response; fails on a refusal.</summary>
    public static T Answered<T>(Result<T> result)
        where T : class
    {
        Assert.Null(result.Refusal);
        return result.Response!;
    }

    public async ValueTask DisposeAsync()
    {
        await _funds.DisposeAsync();
        _grid.Dispose();
    }

    private static Plans.Plan Read(string text) => PlanFile.Read(text).Plan!;

    private static string PlansFolder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SettlementGrid.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return Path.Combine(folder, "deploy", "plans");
    }
}
