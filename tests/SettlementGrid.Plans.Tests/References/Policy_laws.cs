using FsCheck.Fluent;

namespace SettlementGrid.Plans.Tests;

/// <summary>What holds under each of the five policies, whatever its figures.</summary>
public class Policy_laws
{
    public static TheoryData<string> Names() => [.. Policies.Keys];

    static readonly Dictionary<string, Policy> Policies = new(StringComparer.Ordinal)
    {
        ["puyang"] = new PuyangAsWritten(),
        ["tongliao"] = new TongliaoAsWritten(),
        ["fujian"] = new FujianAsWritten(),
        ["dalian"] = new DalianAsWritten(),
        ["sanming"] = new SanmingAsWritten(),
    };

    static void Law(string name, Action<Dice, Policy, Plan> law) =>
        Generators.Law(Gen.Choose(0, int.MaxValue - 1), seed =>
        {
            var dice = new Dice(seed);
            var policy = Policies[name];
            law(dice, policy, policy.Plans[dice.Below(policy.Plans.Count)]);
        });

    static History Drawn(Dice dice, Policy policy, Plan plan)
    {
        var history = new History(plan);
        for (var bills = 2 + dice.Below(8); bills > 0; bills--)
            history.Settle(policy.Draw(dice, plan, [.. history.Stays.Select(settled =>
                new Rated(settled.Stay, new Dictionary<string, Part>(), new Dictionary<string, Part>()))]));
        return history;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_order_of_two_settlements_with_equal_rates_moves_the_years_total_by_at_most_a_fen_each(string name)
    {
        var paid = 0L;
        Law(name, (dice, policy, plan) =>
        {
            var stay = policy.Draw(dice, plan, []);
            long[] fen = [.. Enumerable.Range(0, 2 + dice.Below(4)).Select(_ => dice.Fen(10_000, 100_000, 500_000))];
            var at = dice.Below(fen.Length - 1);
            long[] turned = [.. fen[..at], fen[at + 1], fen[at], .. fen[(at + 2)..]];
            var (one, other) = (Total(fen), Total(turned));
            Assert.InRange(one, other - 2, other + 2);
            paid += one;

            long Total(long[] bills)
            {
                var history = new History(plan);
                if (name == "puyang")
                    Assert.Null(history.Settle(Of(11_000_000, 11_000_000)));
                foreach (var bill in bills)
                    Assert.Null(history.Settle(Of(bill, 0)));
                return history.Stays.Sum(settled => settled.Outcome.PlansPaid.Fen);
            }

            // Nothing was paid before: what earlier payers leave of a bill limits it by itself, in whatever order.
            Stay Of(long eligible, long basic) => stay with
            {
                Bill = stay.Bill with
                {
                    Total = new Money(eligible), Eligible = new Money(eligible), BasicPaid = new Money(basic),
                    // Puyang derives it, but for the bill that fills the pool's cap.
                    OverCapEligible = name == "puyang" && basic == 0 ? null : new Money(eligible - basic),
                    PriorPlansPaid = default, AssistancePaid = default, Unreasonable = default,
                    DrugClass = stay.Bill.DrugClass ?? DrugClass.A,
                },
            };
        });
        Assert.True(paid > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Taking_everything_back_in_any_order_restores_the_empty_account(string name)
    {
        var stays = 0;
        Law(name, (dice, policy, plan) =>
        {
            var history = Drawn(dice, policy, plan);
            for (; history.Stays.Count > 0; stays++)
                history.Remove(dice.Below(history.Stays.Count));
            Assert.Empty(history.Accumulators);
        });
        Assert.True(stays > 1_000 || !CaseCount.InFull);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Rating_again_equals_settling_the_remaining_history_afresh(string name)
    {
        var compared = 0;
        Law(name, (dice, policy, plan) =>
        {
            var history = Drawn(dice, policy, plan);
            if (history.Stays.Count == 0)
                return;
            history.Remove(dice.Below(history.Stays.Count));
            var afresh = new History(plan);
            foreach (var settled in history.Stays)
            {
                // Rating again refuses nothing that was accepted once, settling afresh may: from there on they part.
                if (afresh.Settle(settled.Stay) is not null)
                    return;
                var found = afresh.Stays[^1].Outcome;
                Assert.Equal(found.Layers, settled.Outcome.Layers);
                Assert.Equal(found.Changes, settled.Outcome.Changes);
                Assert.Equal(found.BasicFundCode, settled.Outcome.BasicFundCode);
                compared++;
            }
            Assert.Equal(
                afresh.Accumulators.OrderBy(a => a.Key.LayerId).ThenBy(a => a.Key.Period.Year),
                history.Accumulators.OrderBy(a => a.Key.LayerId).ThenBy(a => a.Key.Period.Year));
        });
        Assert.True(compared > 1_000 || !CaseCount.InFull, $"only {compared} compared");
    }
}
