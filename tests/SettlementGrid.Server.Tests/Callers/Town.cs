using SettlementGrid.Api;
using SettlementGrid.Api.Methods;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.Plans;
using SettlementGrid.Regions.Following;
using SettlementGrid.Testing;
using V1 = SettlementGrid.Api.V1;

namespace SettlementGrid.Server.Tests.Callers;

/// <summary>
/// Two counties of two cities, a person and a hospital in each, a settlement of each, over the real methods on a ledger
/// in memory that notes every look-up.
/// </summary>
internal sealed class Town : IAsyncDisposable
{
    public const string County = "150502";
    public const string City = "150500";
    public const string OtherCounty = "150602";
    public const string OwnHospital = "H15050200001";
    public const string OtherHospital = "H15060200001";
    public const string Own = "TL-OWN-0001";
    public const string Foreign = "OD-FOREIGN-0001";
    public const string Absent = "OD-ABSENT-00001";

    private readonly Mailboxes _grid;
    private readonly Funds _funds;

    private Town(NotingLedger ledger, Mailboxes grid, Funds funds, Handlers handlers)
    {
        (Ledger, _grid, _funds, Methods) = (ledger, grid, funds, handlers);
    }

    public NotingLedger Ledger { get; }

    public Handlers Methods { get; }

    public string OwnSettlement => SettlementId.Of(OwnHospital, "settled").ToString();

    public string ForeignSettlement => SettlementId.Of(OtherHospital, "settled").ToString();

    public string AbsentSettlement => SettlementId.Of(OtherHospital, "never settled").ToString();

    public static Caller Hospital { get; } = new("hospital", Roles.Hospital, OwnHospital);

    public static Caller Of(Roles role, string region = County) => new("agency", role, "", region);

    public static async Task<Town> BuildAsync()
    {
        var clock = new ManualClock();
        var ledger = new VolatileLedger(clock);
        await Given.SetUp(ledger, clock);
        await EnrolAsync(ledger, clock, Own, County);
        await EnrolAsync(ledger, clock, Foreign, OtherCounty);
        await using (var settled = await OpenAsync(ledger, clock))
        {
            await settled.RequireAsync(settled.Methods.Settle, Bill("settled", Own, OwnHospital), Caller.Local);
            await settled.RequireAsync(settled.Methods.Settle, Bill("settled", Foreign, OtherHospital), Caller.Local);
        }

        // A new engine, so that everybody is cold.
        return await OpenAsync(ledger, clock);
    }

    public static Call CallBy(Caller caller) => new(
        caller, ManualClock.Start, ManualClock.Start.AddSeconds(10), Language.English, CancellationToken.None);

    public static V1.SettleRequest Bill(string request, string person, string facility) => new()
    {
        RequestId = request,
        FacilityId = facility,
        EncounterId = "encounter-" + request,
        EnrolleeId = person,
        CareType = V1.CareType.Inpatient,
        AdmittedOn = "2025-08-12",
        DischargedOn = "2025-08-20",
        TotalFen = 3_000_000,
        EligibleFen = 2_500_000,
        BasicPaidFen = 1_000_000,
    };

    public static V1.Enrollee Entry(string person, string region) => new()
    {
        EnrolleeId = person,
        RegionId = region,
        Insurance = V1.Insurance.Resident,
        Coverages = { new V1.Coverage { PlanId = GivenPlans.Tongliao } },
    };

    public async Task<T> RequireAsync<TRequest, T>(Unary<TRequest, T> method, TRequest request, Caller caller)
        where TRequest : class
        where T : class
    {
        var result = await method(request, CallBy(caller));
        Assert.True(result.Refusal is null, $"{result.Refusal?.Reason}: {result.Refusal?.MessageEn}");
        return result.Response!;
    }

    public async Task<WireRefusal> RefusedAsync<TRequest, T>(Unary<TRequest, T> method, TRequest request, Caller caller)
        where TRequest : class
        where T : class
    {
        var result = await method(request, CallBy(caller));
        Assert.True(result.Refusal is not null, $"not refused: {result.Response}");
        return result.Refusal;
    }

    public async ValueTask DisposeAsync()
    {
        _grid.Dispose();
        await _funds.DisposeAsync();
    }

    /// <summary>The methods over a ledger; with an audit that is empty.</summary>
    private static async Task<Town> OpenAsync(VolatileLedger inner, TimeProvider clock)
    {
        var ledger = new NotingLedger(inner);
        var catalogs = await Given.Catalogs(ledger);
        var grid = new Mailboxes(ledger, catalogs, clock, TaskScheduler.Default);

        // The funds follow the ledger by themselves: what they look up is no call's.
        var funds = new Funds(inner, new VolatileCheckpoints(), GivenPlans.Read, clock, _ => { });
        AuditReading none = (_, _) => Task.FromResult<IReadOnlyList<AuditRecord>>([]);
        ServerReading alone = _ => Task.FromResult(new ServerList([], clock.GetUtcNow()));
        return new Town(ledger, grid, funds, DomainHandlers.Of(grid, ledger, catalogs, funds, clock, none, alone));
    }

    private static async Task EnrolAsync(ILedger ledger, TimeProvider clock, string person, string region)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var entry = Enrollees.Entry.Next(
            Account.Unknown(person), new Fact.Enrolled(Given.Roster(GivenPlans.Tongliao) with { RegionId = region }),
            now);
        Assert.IsType<AppendOutcome.Committed>(await ledger.Append(new Append([entry], null, now), default));
    }
}

/// <summary>Notes which look-ups a call makes, in order, without what they ask for.</summary>
internal sealed class NotingLedger(ILedger inner) : LedgerAround(inner)
{
    private readonly Queue<string> _lookUps = new();

    public string[] Taken()
    {
        string[] taken = [.. _lookUps];
        _lookUps.Clear();
        return taken;
    }

    public override ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation) =>
        base.Load(Noted(nameof(Load), enrolleeId), cancellation);

    public override ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation) =>
        base.Confirm(Noted(nameof(Confirm), question), cancellation);

    public override ValueTask<Recorded?> Find(SettlementId id, CancellationToken cancellation) =>
        base.Find(Noted(nameof(Find), id), cancellation);

    public override ValueTask<IReadOnlyList<Recorded>> ReadStream(
        StreamKey stream, long fromVersion, int max, CancellationToken cancellation) =>
        base.ReadStream(Noted(nameof(ReadStream), stream), fromVersion, max, cancellation);

    public override ValueTask<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(
        IReadOnlyCollection<Fact.Settled> settlements, CancellationToken cancellation) =>
        base.Reversals(Noted(nameof(Reversals), settlements), cancellation);

    public override ValueTask<IReadOnlyList<Recorded>> ListFacility(
        string facilityId, string within, long from, long to, long afterPosition, int max,
        CancellationToken cancellation) =>
        base.ListFacility(Noted(nameof(ListFacility), facilityId), within, from, to, afterPosition, max, cancellation);

    public override ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation) =>
        base.Append(Noted(nameof(Append), append), cancellation);

    private T Noted<T>(string lookUp, T asked)
    {
        _lookUps.Enqueue(lookUp);
        return asked;
    }
}
