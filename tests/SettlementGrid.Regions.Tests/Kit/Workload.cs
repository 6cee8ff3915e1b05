using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Regions.Tests.Kit;

/// <summary>
/// Some months of four counties, a city's own code and another province, from a seed: settlements through the
/// enrollees' turns, reversals in any order (so that later settlements are rated again), persons who move, lose and
/// regain cover, premiums. What is refused leaves nothing, as always.
/// </summary>
sealed class Workload
{
    public const string OwnPool = "test-own-pool";

    /// <summary>A plan that computes the basic pool itself: what it pays there is none of its fund.</summary>
    public const string OwnPoolText = $$"""
        format: settlementgrid-plan/1
        id: {{OwnPool}}
        name: { zh: 自算统筹, en: Own pool }
        kind: LARGE
        order: 10
        region: "150500"
        effective: { from: 2025-01-01, clause: "1" }
        basic:
          cap: { amount: 50000, clause: "4" }
          fund_code: [{ when: { care_types: [ACCIDENT_INPATIENT] }, code: "390499", clause: "5" }]
        layers:
          - id: pool
            name: { zh: 基本医保统筹, en: basic pool }
            clause: "1"
            payer: the pool
            fund_code: "310101"
            basic: true
            care_types: [INPATIENT, ACCIDENT_INPATIENT]
            measure: ELIGIBLE
            rates: { bands: [{ from: start, rate: 70% }], clause: "3" }
            cap: { amount: 50000, clause: "4" }
          - id: own
            name: { zh: 个人负担, en: own share }
            clause: "6"
            payer: an insurer
            fund_code: "390201"
            care_types: ALL
            measure: OWN_ELIGIBLE_SHARE
            start: { amount: 3000, clause: "6" }
            rates: { bands: [{ from: start, rate: 50% }], clause: "6" }
        """;

    static readonly string[] Regions = ["150502", "150521", "150500", "150602", "150600", "410926"];
    static readonly string[] Hospitals = ["H15050200001", "H15052100002", "H15010200003", "H11010500004"];
    static readonly string[] PlanIds = [GivenPlans.Tongliao, GivenPlans.Supplement, GivenPlans.Puyang, OwnPool];

    static readonly CareType[] CareTypes =
    [
        CareType.Inpatient, CareType.AccidentInpatient, CareType.AccidentInpatient, CareType.AccidentOutpatient,
        CareType.OutpatientSpecialDisease,
    ];

    readonly ManualClock _clock = new();
    readonly Random _dice;
    readonly VolatileLedger _ledger;
    readonly List<Recorded> _settled = [];
    readonly CatalogSource _catalogs;
    readonly FundWriting _funds;
    int _requests;

    Workload(int seed)
    {
        _dice = new Random(seed);
        _ledger = new VolatileLedger(_clock);
        _catalogs = new CatalogSource(_ledger, GivenPlans.Read);
        _funds = new FundWriting(_ledger, _catalogs, _clock);
    }

    /// <summary>All entries of a ledger written by so many steps.</summary>
    public static async Task<IReadOnlyList<Recorded>> Entries(int seed, int steps)
    {
        var workload = new Workload(seed);
        string[] texts = [GivenPlans.TongliaoText, GivenPlans.PuyangText, GivenPlans.SupplementText, OwnPoolText];
        foreach (var text in texts)
            await GivenPlans.Publish(workload._ledger, text, workload._clock.GetUtcNow());
        await workload._catalogs.Refresh(default);
        for (var step = 0; step < steps; step++)
            await workload.Step();
        var entries = new List<Recorded>();
        while (await workload._ledger.ReadTail(entries.Count, 1_000, default) is { Count: > 0 } page)
            entries.AddRange(page);
        return entries;
    }

    Task Step()
    {
        if (_dice.Next(3) == 0)
            _clock.Advance(TimeSpan.FromHours(_dice.Next(60)));
        return _dice.Next(20) switch
        {
            < 5 => PutRoster(),
            < 15 => Settle(),
            < 18 => Reverse(),
            < 19 => Record(),
            _ => Cancel(),
        };
    }

    string AnyPerson() => "person-" + _dice.Next(40);

    T Any<T>(T[] of) => of[_dice.Next(of.Length)];

    DateOnly AnyDay() => new DateOnly(2024, 6, 1).AddDays(_dice.Next(900));

    DateOnly? AnyEnd() => _dice.Next(3) == 0 ? AnyDay() : null;

    async Task PutRoster()
    {
        var coverages = new List<Coverage>();
        for (var i = _dice.Next(2, 6); i > 0; i--)
        {
            var (from, to) = (AnyEnd(), AnyEnd());
            coverages.Add(new Coverage(Any(PlanIds), from > to ? new DaySpan(to, from) : new DaySpan(from, to)));
        }
        var entry = new RosterEntry(
            Any(Regions), Any([Insurance.Resident, Insurance.Employee]), coverages,
            _dice.Next(2) == 0 ? [] : [new Identity(Any([IdentityKind.Student, IdentityKind.LowIncome]), default)]);
        var account = await _ledger.Load(AnyPerson(), default);
        if (Decide.PutRoster(account, entry) is not { } fact)
            return;
        var next = Entry.Next(account, fact, Now);
        Assert.IsType<AppendOutcome.Committed>(await _ledger.Append(new Append([next], null, Now), default));
    }

    async Task Settle()
    {
        var id = "r" + ++_requests;
        var today = BeijingTime.DayOf(_clock.GetUtcNow());
        var discharged = today.AddDays(-_dice.Next(420));
        var eligible = _dice.Next(1, 40_000_00);
        // Where the pool is computed, a stated basic payment is refused.
        var basic = _dice.Next(2) * _dice.Next(0, Math.Min(eligible, 8_000_00));
        var bill = new Bill(
            Any(CareTypes), null, Filing.Filed, discharged.AddDays(-3), discharged,
            new Money(eligible + _dice.Next(5_000_00)), new Money(eligible), new Money(basic), null, default, default,
            default, null);
        var request = new SettleRequest(
            id, Any(Hospitals), "e" + id, AnyPerson(), Channel.OneStop, bill);
        if (await Turn(new Command.Settle(request, null)) is Answer.Settled settled)
            _settled.Add(settled.Settlement.Recorded);
    }

    async Task Reverse()
    {
        if (_settled.Count == 0)
            return;
        var original = _settled[_dice.Next(_settled.Count)];
        var facility = ((Fact.Settled)original.Fact).Request.FacilityId;
        var request = new ReverseRequest("v" + ++_requests, facility, ((Fact.Settled)original.Fact).Id, "typed twice");
        await Turn(new Command.Reverse(request, original, false));
    }

    async Task Cancel()
    {
        var request = _settled.Count == 0 || _dice.Next(2) == 0
            ? null : ((Fact.Settled)_settled[_dice.Next(_settled.Count)].Fact).Request;
        await Turn(request is null
            ? new Command.Cancel(AnyPerson(), Any(Hospitals), "never-" + ++_requests)
            : new Command.Cancel(request.EnrolleeId, request.FacilityId, request.RequestId));
    }

    async Task Record() => await _funds.Record(
        new FundRecordRequest(
            "p" + ++_requests, Any(Regions), Any(PlanIds), _dice.Next(2025, 2028),
            Any(Enum.GetValues<FundRecordKind>()), new Money(_dice.NextInt64(1, 10_000_000_00)), _dice.Next(3) * 1_000,
            new DateOnly(2026, 1, 1)),
        default);

    ValueTask<Answer> Turn(Command command) =>
        new Enrollee(command.EnrolleeId, _ledger, _catalogs, _clock).Turn(command, default);

    long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();
}
