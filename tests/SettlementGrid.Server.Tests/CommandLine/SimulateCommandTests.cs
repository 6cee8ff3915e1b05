using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Tests.Running;

namespace SettlementGrid.Server.Tests.CommandLine;

/// <summary>`plan simulate` as a program of its own, over a database in which one person settled 30,000 yuan.</summary>
[Collection(SharedPostgresTests.Name)]
public sealed class SimulateCommandTests(SharedPostgres shared) : IAsyncLifetime
{
    private const string PlanId = "tongliao-resident-critical-2025";
    private const string PersonId = "150502199001011234";

    private readonly string _file = Path.GetTempFileName();
    private string _connection = "";

    public async Task InitializeAsync()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "plans", PlanId + ".yaml"));
        await File.WriteAllTextAsync(_file, text.Replace("amount: 14000", "amount: 12000", StringComparison.Ordinal));
        _connection = await shared.Postgres.NewDatabaseAsync(default);
        await using var engine = await Engine.StartAsync(
            _connection, TimeProvider.System, NullLogger.Instance, default);
        Assert.Equal((1, null), await engine.Writing.Publish(Engine.ReadPublished(text), text, default));
        var roster = new RosterEntry("150502", Insurance.Resident, [new Coverage(PlanId, default)], []);
        await new RosterLoad(engine.Ledger, engine.Grid, TimeProvider.System)
            .Put([new RosterPut(PersonId, roster)], default);
        var day = new DateOnly(2025, 8, 20);
        var amount = Money.Yuan(30_000);
        var bill = new Bill(
            CareType.Inpatient, null, Filing.Filed, day, day, amount, amount, Money.Zero, null, Money.Zero, Money.Zero,
            Money.Zero, null);
        var request = new SettleRequest("r1", "H15050200001", "e1", PersonId, Channel.OneStop, bill);
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(30);
        Assert.IsType<Answer.Settled>(await engine.Grid.Ask(new Command.Settle(request, null), deadline, default));
    }

    public Task DisposeAsync()
    {
        File.Delete(_file);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Summary_shows_the_difference_and_no_whole_id()
    {
        var (status, answer) = await RunAsync();

        Assert.Equal(ExitCode.Fine, status);
        Assert.Contains("year 年度 2025, region 地区 150500", answer, StringComparison.Ordinal);
        Assert.Contains("+1,200.00", answer, StringComparison.Ordinal);
        Assert.Contains("15**************34", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(PersonId, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_the_interfaces_and_ids_are_shown_when_asked_for()
    {
        var (status, answer) = await RunAsync("--json", "--show-ids", "--year", "2025", "--region", "150502");

        Assert.Equal(ExitCode.Fine, status);
        var outcome = JsonDocument.Parse(answer).RootElement;
        Assert.Equal("120000", outcome.GetProperty("difference_fen").GetString());
        Assert.Equal(PersonId, outcome.GetProperty("largest")[0].GetProperty("enrollee_id").GetString());
    }

    [Fact]
    public async Task A_broken_file_is_told_with_the_place_and_a_malformed_region_is_usage()
    {
        Assert.Equal(ExitCode.Usage, (await RunAsync("--region", "tongliao")).Status);
        await File.WriteAllTextAsync(_file, "format: something");
        var (status, answer) = await RunAsync();
        Assert.Equal(ExitCode.No, status);
        Assert.Contains(":1:", answer, StringComparison.Ordinal);
    }

    private async Task<(int Status, string Answer)> RunAsync(params string[] options)
    {
        string[] command =
        [
            Path.Combine(ServerProgram.Folder, "SettlementGrid.Server.dll"), "plan", "simulate", _file, "--postgres",
            _connection, .. options,
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", command)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var news = process.StandardError.ReadToEndAsync();
        var answer = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await news;
        return (process.ExitCode, answer);
    }
}
