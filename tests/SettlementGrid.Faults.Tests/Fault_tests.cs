using SettlementGrid.Faults.Running;
using Xunit.Abstractions;

// Servers, databases and load share the machine's cores: side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace SettlementGrid.Faults.Tests;

/// <summary>
/// A slice of the faults, briefly, on one site that they share: those that no other test here does. With
/// SETTLEMENTGRID_LONG=1 every one of the list.
/// </summary>
public sealed class Fault_tests(SharedSite site, ITestOutputHelper output) : IClassFixture<SharedSite>
{
    const int Seed = 20261122;

    // Two minutes are what they may take together.
    static readonly Dictionary<string, string> s_doneElsewhere = new(StringComparer.Ordinal)
    {
        ["kill-backend"] = "Ledger.Tests FaultTests",
        ["stop-database"] = "Crash.Tests Crash_tests",
        ["lost-replies"] = "Ledger.Tests FaultTests",
        ["unsafe-settings"] = "Ledger.Tests StartTests",
        ["older-backup"] = "Ledger.Tests TakenBackTests",
        ["overlapping"] = "Ledger.Tests FaultTests",
        ["plan-versions"] = "Servers.Tests Catalog_moved_tests",
        ["same-ids"] = "Servers.Tests Same_instant_tests",
        ["alternating"] = "Servers.Tests Moved_account_tests",
        ["overflow"] = "Crash.Tests Bad_input_tests",
        ["tampering"] = "Crash.Tests Tampering_tests",
    };

    static readonly bool s_all = Environment.GetEnvironmentVariable("SETTLEMENTGRID_LONG") == "1";

    public static TheoryData<string> Names =>
        [.. FaultList.All.Select(fault => fault.Name).Where(name => s_all || !s_doneElsewhere.ContainsKey(name))];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public async Task Nothing_is_lost_doubled_or_different_after(string fault)
    {
        var verdict = await site.Runner.RunAsync(
            FaultList.All.Single(one => one.Name == fault), Seed, FaultLimits.SliceRun, output.WriteLine);

        Skip.If(verdict.Skipped is not null, verdict.Skipped);
        output.WriteLine($"{verdict.Acknowledged} acknowledged, {verdict.SentAgain} sent again, longest unanswered "
            + $"{verdict.LongestUnanswered.TotalSeconds:0.0} s, took {verdict.Took.TotalSeconds:0.0} s");
        Assert.True(
            verdict.IsClean,
            $"./grid faults --only {fault} --seed {Seed}\n" + string.Join('\n', verdict.Findings));
    }

    [Fact]
    public void One_hostile_client_can_be_asked_for_alone()
    {
        Assert.Equal(
            ["kill-servers", "hostile/oversize"],
            FaultList.Of(["hostile/oversize", "kill-servers"]).Select(fault => fault.Name));
        Assert.Empty(FaultList.Of(["hostile/nobody", "hostile/", "oversize"]));
    }

    [Fact]
    public void Every_fault_has_a_name_of_its_own_and_says_what_it_does()
    {
        Assert.Equal(FaultList.All.Count, FaultList.All.Select(fault => fault.Name).Distinct().Count());
        Assert.All(FaultList.All, fault => Assert.Matches("^[a-z]+(-[a-z]+)*$", fault.Name));
        Assert.All(s_doneElsewhere.Keys, name => Assert.Contains(FaultList.All, fault => fault.Name == name));
        Assert.All(FaultList.All, fault => Assert.NotEmpty(fault.Numbers));
        Assert.All(FaultList.All, fault => Assert.True(fault.What.Length > 0 && fault.WhatChinese.Length > 0));
    }
}

/// <summary>The site of all faults that leave it well.</summary>
public sealed class SharedSite : IAsyncLifetime
{
    public FaultRunner Runner { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await Runner.DisposeAsync();
}
