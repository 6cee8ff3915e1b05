using SettlementGrid.Simulation.Broken;
using SettlementGrid.Simulation.Running;

namespace SettlementGrid.Simulation.Tests;

/// <summary>What `./grid simulate` says and with which status it ends.</summary>
public sealed class Command_tests : IDisposable
{
    readonly StringWriter _answers = new();
    readonly StringWriter _progress = new();

    public void Dispose()
    {
        _answers.Dispose();
        _progress.Dispose();
    }

    [Fact]
    public async Task A_clean_sweep_ends_with_status_0_and_figures()
    {
        Assert.Equal(0, await Run("--seeds", "3", "--from", "5", "--threads", "1"));
        Assert.Contains("3 seeds of the real build", Answers, StringComparison.Ordinal);
        Assert.Contains("every invariant held", Answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finding_ends_with_status_1_its_history_and_the_command_that_replays_it()
    {
        var build = Build.Broken[0];
        Assert.Equal(1, await Run("--broken", build.Name, "--threads", "1"));
        var command = Answers.TrimEnd().Split('\n')[^1].Split("./grid simulate ")[1].Split(' ');
        var finding = Answers.TrimEnd().Split('\n')[^2];

        _answers.GetStringBuilder().Clear();
        Assert.Equal(1, await Run(command));
        Assert.Equal(finding, Answers.TrimEnd().Split('\n')[^1]);
        Assert.Contains("server 1 is asked", Answers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--broken", "nothing-of-the-kind")]
    [InlineData("--seeds", "0")]
    [InlineData("--threads", "0")]
    public async Task What_cannot_be_run_ends_with_status_2_and_a_reason(params string[] args)
    {
        Assert.Equal(2, await Run(args));
        Assert.NotEmpty(_progress.ToString());
    }

    string Answers => _answers.ToString();

    Task<int> Run(params string[] args) =>
        new SimulateCommand(TimeProvider.System, _answers, _progress).Create().Parse(args).InvokeAsync();
}
