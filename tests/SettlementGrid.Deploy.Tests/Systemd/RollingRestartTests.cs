using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Deploy.Tests.Systemd;

/// <summary>
/// Three servers on one database, started from the unit file as systemd would start them, restarted one after the other
/// by the script that an operator uses, while hospitals settle.
/// </summary>
public sealed class RollingRestartTests
{
    const int PerSecond = 500;

    // One server away is for seconds; no bill waits for it, and so many never pile up.
    static readonly Habits s_habits =
        new(InFlight: 2_000, AnswerMax: 2 * TestbedLimits.CallMax) { PerSecond = PerSecond };

    /// <summary>Names a folder with the program of another version, as `install` leaves it.</summary>
    const string OlderRelease = "SETTLEMENTGRID_OLDER_RELEASE";

    static readonly TimeSpan s_restartMax = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Rolling_restart_under_load_fails_no_call_beyond_a_retry_and_loses_nothing()
    {
        await using var units = await RunningUnits.StartAsync(AppContext.BaseDirectory);
        await RestartUnderLoadAsync(units);
    }

    [SkippableFact]
    public async Task Rolling_upgrade_from_another_version_fails_no_call_beyond_a_retry_and_loses_nothing()
    {
        var older = Environment.GetEnvironmentVariable(OlderRelease);
        Skip.If(
            string.IsNullOrEmpty(older),
            $"{OlderRelease} names no folder: DESTDIR=FOLDER deploy/systemd/install of an older checkout makes one");
        await using var units = await RunningUnits.StartAsync(older);
        units.Install(AppContext.BaseDirectory);
        await RestartUnderLoadAsync(units);
    }

    [Fact]
    public async Task Server_that_does_not_come_back_ends_the_rolling_restart()
    {
        await using var units = await RunningUnits.StartAsync(AppContext.BaseDirectory);
        var systemctl = await ServiceCommands.MakeAsync($"{units.Root}/bin", async command =>
        {
            if (command[0] == "restart" && command[1].Contains("@2", StringComparison.Ordinal))
                throw new InvalidOperationException("it ended");
            return await units.CarryOutAsync(command);
        });

        var (status, said) = await systemctl.RunAsync(Repository.Deploy("systemd", "rolling-restart"), s_restartMax);

        Assert.Equal(1, status);
        Assert.Contains("settlementgrid@2 did not come back", said, StringComparison.Ordinal);
        Assert.DoesNotContain("restarting settlementgrid@3", said, StringComparison.Ordinal);
    }

    static async Task RestartUnderLoadAsync(RunningUnits units)
    {
        var town = new Town("ROLL", Seed: 61, Persons: 2_000);
        await town.EnrollAsync(units.Connections[0]);
        var began = TimeProvider.System.GetUtcNow();
        var systemctl = await ServiceCommands.MakeAsync($"{units.Root}/bin", units.CarryOutAsync);
        using var hospitals = new Hospitals(town, units.Addresses, s_habits);

        var (status, said) = await systemctl.RunAsync(Repository.Deploy("systemd", "rolling-restart"), s_restartMax);
        var receipts = await hospitals.FinishAsync();

        Assert.True(status == 0, said);
        Assert.Equal(RunningUnits.Servers, said.Split("restarting settlementgrid@").Length - 1);
        Assert.InRange(hospitals.MostTries, 1, 2);
        Assert.Equal(hospitals.Sent, receipts.Count);
        Assert.True(hospitals.Sent > PerSecond, $"only {hospitals.Sent} bills were sent");
        var audit = new Audit(units.Connections[0], town);
        var minute = TimeSpan.FromMinutes(1);
        Assert.Empty(await audit.ListAllAsync(
            receipts, began - minute, TimeProvider.System.GetUtcNow() + minute));
        Assert.Empty(await audit.AddUpAsync(receipts));
    }
}
