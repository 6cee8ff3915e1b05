using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>
/// Every refusal of a Settle that the domain gives, produced once; and every pair of faults in one request gives the
/// one that stands first in the order of api.md.
/// </summary>
public sealed class Refusal_order_tests
{
    /// <summary>A request of an employee in Puyang that settles; faults are added to it.</summary>
    sealed record Case(SettleRequest Request, RosterEntry? Roster, Knowledge Known, PreviewToken? Token)
    {
        public Case WithBill(Func<Bill, Bill> change) =>
            this with { Request = Request with { Bill = change(Request.Bill) } };
    }

    static readonly DateOnly Day = new(2026, 2, 1);
    static readonly DateOnly Today = new(2026, 3, 2);
    static readonly Catalog Catalog = GivenPlans.Catalog(GivenPlans.PuyangText, GivenPlans.SupplementText);

    static readonly Case Good = new(
        Given.Request("r1", "p", 150_000, 20_000, discharged: Day), Given.Roster(GivenPlans.Puyang),
            new Knowledge(1, null, []), null);

    static readonly Dictionary<RefusalReason, Func<Case, Case>> Faults = new()
    {
        [RefusalReason.MalformedRequest] = c => c with { Request = c.Request with { EncounterId = "not an id" } },
        [RefusalReason.AmountOutOfRange] = c => c.WithBill(b => b with { Unreasonable = new Money(-1) }),
        [RefusalReason.DateOutOfRange] = c => c.WithBill(b => b with { AdmittedOn = b.DischargedOn.AddDays(1) }),
        [RefusalReason.RequestIdReused] = c =>
            c with { Known = c.Known with { Request = Stored(c.Request with { Channel = Channel.Window }) } },
        [RefusalReason.RequestIdBarred] = c => c with { Known = c.Known with { Request = Barred(c.Request) } },
        [RefusalReason.EnrolleeUnknown] = c => c with { Roster = null },
        [RefusalReason.NotCovered] = c =>
            c with { Roster = c.Roster is null ? null : c.Roster with { Coverages = [] } },
        [RefusalReason.EncounterAlreadySettled] = c =>
            c with { Known = c.Known with { Uses = [new EncounterUse(1, SettlementId.Of("a", "b"), null)] } },
        // The supplement's start was announced for 2025 only.
        [RefusalReason.PlanParameterMissing] = c => c with
        {
            Roster = c.Roster is not { Coverages.Count: > 0 } roster ? c.Roster
                : Given.Roster(GivenPlans.Puyang, GivenPlans.Supplement),
        },
        [RefusalReason.BasicCapExceeded] = c => c.WithBill(b => b with { BasicPaid = Money.Yuan(110_001) }),
        [RefusalReason.OverCapEligibleRequired] = c => c.WithBill(
            b => b with { BasicPaid = Money.Max(b.BasicPaid, Money.Yuan(110_000)) }),
        [RefusalReason.AccountMoved] = c => c with { Token = new PreviewToken(1, 42) },
    };

    public static TheoryData<RefusalReason> Reasons => [.. Faults.Keys];

    public static TheoryData<RefusalReason, RefusalReason> Pairs
    {
        get
        {
            var pairs = new TheoryData<RefusalReason, RefusalReason>();
            foreach (var first in Faults.Keys)
                foreach (var second in Faults.Keys)
                    // One id holds one fact: reused and barred exclude each other.
                    if (first < second
                        && (first, second) != (RefusalReason.RequestIdReused, RefusalReason.RequestIdBarred))
                        pairs.Add(first, second);
            return pairs;
        }
    }

    [Fact]
    public void Without_a_fault_it_settles() => Assert.Null(Refused(Good));

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Each_fault_alone_gives_its_refusal_with_words_in_both_languages(RefusalReason reason)
    {
        var refusal = Refused(Faults[reason](Good));
        Assert.Equal(reason, refusal?.Reason);
        Assert.All(new[] { refusal!.MessageZh, refusal.MessageEn }, m => Assert.NotEmpty(m));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Of_two_faults_the_first_in_the_order_is_given(RefusalReason first, RefusalReason second)
    {
        Assert.Equal(first, Refused(Faults[second](Faults[first](Good)))?.Reason);
        Assert.Equal(first, Refused(Faults[first](Faults[second](Good)))?.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("x'; DROP TABLE entries; --")]
    [InlineData("\0")]
    [InlineData("病历一")]
    [InlineData("a\u202eb")]
    public void An_id_of_other_characters_is_malformed(string id) =>
        Assert.Equal(RefusalReason.MalformedRequest,
            Refused(Good with { Request = Good.Request with { RequestId = id } })?.Reason);

    [Fact]
    public void An_id_has_at_most_64_characters()
    {
        Assert.Null(Refused(Good with { Request = Good.Request with { EncounterId = new string('x', 64) } }));
        Assert.Equal(
            RefusalReason.MalformedRequest,
                Refused(Good with { Request = Good.Request with { EncounterId = new string('x', 65) } })?.Reason);
    }

    public static TheoryData<string, Func<Bill, Bill>> Amounts => new()
    {
        { "negative total", b => b with { Total = new Money(-1), Eligible = Money.Zero, BasicPaid = Money.Zero } },
        { "above 10^13", b => b with { Total = new Money(Limits.AmountFenMax + 1) } },
        { "the greatest number", b =>
            b with { Total = new Money(long.MaxValue), PriorPlansPaid = new Money(long.MaxValue) } },
        { "eligible above total", b => b with { Eligible = b.Total + new Money(1) } },
        { "basic above eligible", b => b with { Eligible = b.BasicPaid - new Money(1) } },
        { "over-cap above what basic left", b => b with { OverCapEligible = b.Eligible - b.BasicPaid + new Money(1) } },
        { "parts above total", b => b with { AssistancePaid = b.Total - b.BasicPaid + new Money(1) } },
        { "unreasonable above total", b => b with { Unreasonable = b.Total + new Money(1) } },
        { "over-cap though the cap is not reached", b => b with { OverCapEligible = new Money(1) } },
    };

    [Theory]
    [MemberData(nameof(Amounts))]
    public void Amounts_that_cannot_be_are_out_of_range(string what, Func<Bill, Bill> change)
    {
        Assert.NotEmpty(what);
        Assert.Equal(RefusalReason.AmountOutOfRange, Refused(Good.WithBill(change))?.Reason);
    }

    [Theory]
    [InlineData("2026-03-02", true)]
    [InlineData("2026-03-03", false)]
    [InlineData("1999-12-31", false)]
    public void A_discharge_is_not_in_the_future_and_not_before_2000(string discharged, bool inRange)
    {
        var day = DateOnly.Parse(discharged, System.Globalization.CultureInfo.InvariantCulture);
        var refusal = Refused(Good.WithBill(b => b with { AdmittedOn = day, DischargedOn = day }));
        Assert.Equal(inRange, refusal?.Reason != RefusalReason.DateOutOfRange);
    }

    static Refusal? Refused(Case c)
    {
        if (RequestChecks.Check(c.Request, Today) is { } refusal)
            return refusal;
        var account = Account.Unknown("p") with { Version = 1, Roster = c.Roster };
        return Decide.Settle(account, c.Request, c.Token, Catalog, c.Known, null) is Decision.Refused refused
            ? refused.Refusal : null;
    }

    static Recorded Stored(SettleRequest request) => new(
        Entry.Next(
            Account.Unknown("p"),
            new Fact.Settled(request.Id, request, "150502", FacilityProfile.Unregistered(request.FacilityId),
                new AdjudicationOutcome([], [], [], ""), 1), 0),
        1);

    static Recorded Barred(SettleRequest request) =>
        new(Entry.Next(Account.Unknown("p"), new Fact.Barred(request.FacilityId, request.RequestId), 0), 1);
}
