using System.Text.Json;
using SettlementGrid.Postgres;
using SettlementGrid.Testbed;
using Xunit.Abstractions;

namespace SettlementGrid.Crash.Tests;

/// <summary>What a newcomer does first: start with the sample city, paste the printed line into a shell.</summary>
public sealed class Printed_line_tests(ITestOutputHelper output)
{
    const string LastLine = "\"basic_paid_fen\": 4000000}'";

    [SkippableFact]
    public async Task The_printed_curl_line_settles_again_gives_the_same_answer_and_with_another_amount_is_refused()
    {
        Skip.If(ChildProgram.Find("curl") is null, "curl is not installed");
        Skip.If(ChildProgram.Find("bash") is null, "bash is not installed");
        await using var server = await RunningServer.StartAsync(ServerPlace.Fresh() with { Options = [] });
        await server.PrintedAsync(LastLine);
        output.WriteLine($"ready with the sample city after {server.StartTook.TotalSeconds:0.0} s");
        var printed = server.Output[server.Output.IndexOf("curl ", StringComparison.Ordinal)..];
        var line = printed[..(printed.IndexOf(LastLine, StringComparison.Ordinal) + LastLine.Length)];

        var first = await PasteAsync(line);
        var again = await PasteAsync(line);
        var other = await PasteAsync(line.Replace("12000000", "12000001", StringComparison.Ordinal));

        Assert.Equal(26, JsonDocument.Parse(first).RootElement.GetProperty("settlement_id").GetString()!.Length);
        Assert.Equal(first, again);
        Assert.Equal("already_exists", JsonDocument.Parse(other).RootElement.GetProperty("code").GetString());
        Assert.Contains("REQUEST_ID_REUSED", other, StringComparison.Ordinal);
        var verified = await server.RunCommandAsync("verify");
        output.WriteLine(verified.Output);
        Assert.True(verified.Succeeded, verified.Output);
    }

    static async Task<string> PasteAsync(string line)
    {
        var ran = await ChildProgram.RunAsync(
            ["bash", "-c", line], "/", TestbedLimits.CommandMax, CancellationToken.None);
        Assert.True(ran.Succeeded, ran.Output);
        return ran.Output;
    }
}
