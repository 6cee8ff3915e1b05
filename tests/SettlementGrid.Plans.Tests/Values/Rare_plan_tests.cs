namespace SettlementGrid.Plans.Tests;

/// <summary>
/// What the engine does where none of the shipped plans goes: several layers under one cap on one bill, monthly layers
/// under a yearly basic cap, open parameters in every place, layers whose rules hold for nobody.
/// </summary>
public class Rare_plan_tests
{
    static readonly FacilityProfile Here = Facilities.In("340100");
    static readonly FacilityProfile Registered = new("f", "", "340102", 1, true, true, true, Registered: true);

    /// <summary>A plan file of these layers.</summary>
    static Plan Plan(string layers, string before = "", string id = "rare", string kind = "LARGE") =>
        Further_city_tests.Read($$"""
            format: settlementgrid-plan/1
            id: {{id}}
            name: { zh: 少见, en: Rare }
            kind: {{kind}}
            order: 1
            region: "340100"
            effective: { from: 2020-01-01, clause: "1" }

            """ + before + "layers:\n" + layers);

    static string Layer(string id, string rest) => $$"""
          - id: {{id}}
            name: { zh: {{id}}, en: {{id}} }
            clause: c-{{id}}
            payer: the pool
            fund_code: "330101"
            care_types: ALL
            {{rest.ReplaceLineEndings("\n    ")}}

        """;

    const string Half = "measure: ELIGIBLE\nrates: { clause: r, bands: [{ from: start, rate: 50% }] }";

    const string Open = """
        parameters:
          one:
            name: { zh: 甲, en: one }
            unit: MONEY
            clause: p
            values: [{ from: 2026-01-01, value: 1000, source: a }]
          two:
            name: { zh: 乙, en: two }
            unit: MONEY
            clause: p
            values: [{ from: 2026-01-01, value: 1000, source: a }]

        """;

    static string[] Paid(Person person, decimal eligible, decimal basic = 0) =>
        [.. person.Settle(Bills.Of(eligible, basic), Here).Outcome!.Layers.Select(l => $"{l.LayerId} {l.Paid}")];

    [Fact]
    public void A_cap_over_layers_counts_what_each_of_them_paid_on_this_very_bill()
    {
        const string shared = "shared_caps:\n  - layers: [a, b]\n    cap: { amount: 700, clause: s }\n";
        // An earlier plan has a layer of the same name: what that paid is none of this cap's business.
        var earlier = Plan(Layer("a", Half), id: "earlier", kind: "CRITICAL");
        var tenth = Half.Replace("50%", "10%", StringComparison.Ordinal);
        var plan = Plan(Layer("a", Half) + Layer("c", tenth) + Layer("b", Half) + shared) with { Order = 2 };
        var person = new Person(earlier, plan);
        Assert.Equal(["a 500.00", "a 500.00", "c 0.00", "b 0.00"], Paid(person, 1_000m));
        person = new Person(plan);
        Assert.Equal(["a 400.00", "c 80.00", "b 300.00"], Paid(person, 800m));
        Assert.Equal(["a 0.00", "c 10.00", "b 0.00"], Paid(person, 100m));
    }

    [Fact]
    public void A_layer_outside_a_shared_cap_is_not_limited_by_it()
    {
        var plan = Plan(Layer("a", Half) + Layer("b", Half)
            + "shared_caps:\n  - layers: [a]\n    cap: { amount: 10, clause: s }\n");
        var layers = new Person(plan).Settle(Bills.Of(100m), Here).Outcome!.Layers;
        Assert.Equal([(Money.Yuan(10m), (Money?)Money.Zero), (Money.Yuan(50m), null)],
            layers.Select(l => (l.Paid, l.CapRemaining)));
    }

    const string MonthlyPool = "basic:\n  cap: { amount: 1000, clause: b }\n";

    [Fact]
    public void Basic_payments_of_all_months_count_against_the_cap_of_the_year()
    {
        var person = new Person(Plan(Layer("month", "period: MONTH\n" + Half), MonthlyPool));
        Assert.Null(Refused("2025-01-31", 400m));
        Assert.Null(Refused("2025-12-31", 500m));
        Assert.Equal("BASIC_CAP_EXCEEDED", Refused("2025-06-30", 100.01m));
        Assert.Null(Refused("2026-01-01", 1_000m));
        Assert.Null(Refused("2025-06-30", 100m));

        string? Refused(string day, decimal basic) => person.Settle(Bills.Of(2_000m, basic, day), Here).Refusal?.Code;
    }

    [Fact]
    public void A_pool_alone_in_its_plan_is_held_to_the_basic_cap_too()
    {
        var person = new Person(Plan(Layer("pool", "basic: true\n" + Half), MonthlyPool));
        Assert.Equal(["pool 1,000.00"], Paid(person, 2_000m));
        Assert.Equal("BASIC_CAP_EXCEEDED", person.Settle(Bills.Of(0.01m), Here).Refusal?.Code);
    }

    [Theory]
    [InlineData("start: { amount: { parameter: two }, clause: s }\n", "", "two")]
    [InlineData("per_case: { amount: { parameter: two }, clause: s }\n", "", "two")]
    [InlineData("cap: { amount: { parameter: two }, clause: s }\n", "", "two")]
    [InlineData("", "basic:\n  cap: { amount: { parameter: one }, clause: b }\n", "one")]
    public void An_open_parameter_is_refused_by_its_name(string rule, string before, string parameter)
    {
        var person = new Person(Plan(Layer("a", rule + Half), Open + before));
        Assert.Equal(("PLAN_PARAMETER_MISSING", parameter), Refusal(person));
        Assert.Null(person.Settle(Bills.Of(100m, 0, "2026-01-01"), Here).Refusal);
    }

    [Fact]
    public void An_open_edge_of_a_band_and_an_open_shared_cap_are_refused_too()
    {
        var band = Plan(Layer("a", """
            measure: ELIGIBLE
            rates:
              clause: r
              bands: [{ from: start, to: { parameter: two }, rate: 50% }, { from: { parameter: two }, rate: 60% }]
            """), Open);
        Assert.Equal(("PLAN_PARAMETER_MISSING", "two"), Refusal(new Person(band)));
        Assert.Equal(Money.Yuan(560m),
            new Person(band).Settle(Bills.Of(1_100m, 0, "2026-01-01"), Here).Outcome!.PlansPaid);
        var shared = Plan(Layer("a", Half)
            + "shared_caps:\n  - layers: [a]\n    cap: { amount: { parameter: one }, clause: s }\n", Open);
        Assert.Equal(("PLAN_PARAMETER_MISSING", "one"), Refusal(new Person(shared)));
    }

    [Fact]
    public void Of_two_open_parameters_the_first_layers_is_named()
    {
        static string Start(string parameter) =>
            $"start: {{ amount: {{ parameter: {parameter} }}, clause: s }}\n" + Half;
        Assert.Equal("two", Refusal(new Person(Plan(Layer("a", Start("two")) + Layer("b", Start("one")), Open))).Item2);
        Assert.Equal("one", Refusal(new Person(Plan(Layer("a", Start("one")) + Layer("b", Start("two")), Open))).Item2);
    }

    static (string?, string?) Refusal(Person person)
    {
        var refusal = person.Settle(Bills.Of(100m), Here).Refusal!;
        return (refusal.Code, refusal.Numbers.GetValueOrDefault("parameter"));
    }

    static Layer Bare(string id) => new()
    {
        Id = id, NameZh = id, NameEn = id, Payer = "p", Clause = "own", Measure = Measure.Eligible,
        Takes = Condition.Always, FundCodes = [], Rates = [],
    };

    static LayerResult Settled(Layer layer) => new Person(ShippedPlans.Puyang with
    {
        Id = "bare", Effective = default, Region = "340100", Layers = [layer], Basic = BasicPool.None,
    }).Settle(Bills.Of(100m), Registered).Outcome!.Layers[0];

    [Fact]
    public void A_layer_whose_rates_hold_for_nobody_pays_nobody()
    {
        var result = Settled(Bare("a"));
        Assert.Equal((Money.Zero, LayerNote.IdentityNotEntitled, "own", ""),
            (result.Paid, result.Note, result.Clause, result.FundCode));
        Assert.Equal(Money.Yuan(100m), result.Base);
    }

    [Fact]
    public void Where_no_drug_class_is_asked_what_is_not_covered_is_for_want_of_entitlement()
    {
        var plan = Plan(Layer("a", """
            measure: ELIGIBLE
            rates:
              - { when: { identities: [ORPHAN] }, not_covered: true, clause: none }
              - { bands: [{ from: start, rate: 50% }], clause: r }
            """));
        var result = new Person(plan).As(IdentityKind.Orphan).Settle(Bills.Of(100m), Here).Outcome!.Layers[0];
        Assert.Equal((LayerNote.IdentityNotEntitled, "none"), (result.Note, result.Clause));
    }

    [Fact]
    public void A_rule_without_a_clause_of_its_own_stands_under_its_layers()
    {
        var band = new Band(null, RateSource.Of(new Rate(5_000)));
        var paying = Bare("a");
        Assert.Equal("own", paying.ClauseOf(new Case<BandSet>(Condition.Always, new BandSet([band]), "")));
        Assert.Equal("rate's", paying.ClauseOf(new Case<BandSet>(Condition.Always, new BandSet([band]), "rate's")));
        Assert.Equal("own", Settled(Asking("")).Clause);
        Assert.Equal("facility's", Settled(Asking("facility's")).Clause);

        static Layer Asking(string clause) => new()
        {
            Id = "a", NameZh = "a", NameEn = "a", Payer = "p", Clause = "own", Measure = Measure.Eligible,
            Takes = Condition.Always, FundCodes = [], Rates = [],
            Facility = new FacilityCondition(3, null, null, null, RegistrationRequired: false, clause),
        };
    }

    [Fact]
    public void An_identity_that_is_stated_twice_counts_as_once()
    {
        var person = new Person(ShippedPlans.Tongliao);
        person.Roster = person.Roster with
        {
            Identities = [new(IdentityKind.Orphan, default), new(IdentityKind.Orphan, new(new(2025, 1, 1), null))],
        };
        Assert.Equal(Money.Yuan(650m), person.Settle(Bills.Of(8_000m)).Outcome!.PlansPaid);
    }

    [Fact]
    public void A_pools_cap_cuts_off_the_cost_of_the_bands_behind_it_to_the_fen()
    {
        // 1,000.03 at 50 % is 500.02 after rounding; of the cap of 580.02 the second band gets 80, for 100 of cost.
        const string large = "measure: OVER_CAP_ELIGIBLE\nover_cap: FROM_BASIC_CAP\n"
            + "rates: { clause: r, bands: [{ from: start, rate: 100% }] }";
        var plan = Plan(Layer("pool", """
            basic: true
            measure: ELIGIBLE
            rates:
              clause: r
              bands:
                - { from: start, to: 1000.03, rate: 50% }
                - { from: 1000.03, to: 1300, rate: 80% }
                - { from: 1300, rate: 20% }
            cap: { amount: 580.02, clause: b }
            """) + Layer("large", large), "basic:\n  cap: { amount: 580.02, clause: b }\n");
        // 1,500 − 1,000.03 − 100.
        Assert.Equal(["pool 580.02", "large 399.97"], Paid(new Person(plan), 1_500m));
    }

    [Fact]
    public void From_the_bill_after_the_start_was_reached_exactly_all_is_paid_for()
    {
        var plan = Plan(Layer("a", "start_measure: BASIC_PAID\nstart: { amount: 400, clause: s }\n" + Half));
        var person = new Person(plan);
        Assert.Equal(["a 0.00"], Paid(person, 1_000m, 400m));
        Assert.Equal(["a 500.00"], Paid(person, 1_000m));
    }

    [Fact]
    public void Parts_above_the_total_are_shown_with_the_basic_payment_that_was_computed()
    {
        var plan = Plan(Layer("pool", "basic: true\n" + Half) + Layer("own", Half));
        var bill = Bills.Of(1_000m) with { AssistancePaid = new Money(1) };
        var refusal = new Person(plan).Settle(bill, Here).Refusal!;
        Assert.Equal(("50000", "50000"), (refusal.Numbers["basic_paid_fen"], refusal.Numbers["plans_paid_fen"]));
    }

    [Fact]
    public void Two_pools_cut_off_what_both_their_caps_do()
    {
        static string Pool(string id) => Layer(id, "basic: true\n" + Half + "\ncap: { amount: 100, clause: b }");
        const string large = "measure: OVER_CAP_ELIGIBLE\nover_cap: FROM_BASIC_CAP\n"
            + "rates: { clause: r, bands: [{ from: start, rate: 100% }] }";
        var plan =
            Plan(Pool("one") + Pool("two") + Layer("large", large), "basic:\n  cap: { amount: 200, clause: b }\n");
        // Each pool's cap cuts off 50 of 250.
        Assert.Equal(["one 100.00", "two 100.00", "large 50.00"], Paid(new Person(plan), 250m));
        Assert.Equal(Money.Yuan(100m), new Person(plan).Settle(Bills.Of(250m), Here).Outcome!.Layers[2].PositionAfter);
    }
}
