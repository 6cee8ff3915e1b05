using System.Text.Json;
using Microsoft.Extensions.Logging;
using SettlementGrid.Api;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Logging;

namespace SettlementGrid.Server.Tests.Figures;

public sealed class LoggingTests : IDisposable
{
    private readonly string _folder = TemporaryPostgres.NewFolder();
    private readonly List<string> _said = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("150502199001011234", "15**************34")]
    [InlineData("E1234567", "E1****67")]
    [InlineData("E12345", "******")]
    [InlineData("", "")]
    public void Mask_shows_the_first_two_and_last_two_characters(string id, string masked) =>
        Assert.Equal(masked, PersonMask.Mask(id));

    [Theory]
    [InlineData("person 150502199001011234 settled", "person 15**************34 settled")]
    [InlineData("15050219900101123X,15050219900101123x", "15**************3X,15**************3x")]
    [InlineData("position 1505021990010112345 of 19 digits", "position 1505021990010112345 of 19 digits")]
    [InlineData("12345678901234567", "12345678901234567")]
    public void Citizens_numbers_are_masked_wherever_they_stand(string text, string masked) =>
        Assert.Equal(masked, PersonMask.MaskNumbers(text));

    [Fact]
    public async Task Log_line_is_json_with_its_values_and_no_citizens_number()
    {
        var lines = await WriteAsync(log => log.LogInformation(
            "turn of {Enrollee} took {Milliseconds} ms", "150502199001011234", 7));
        using var line = JsonDocument.Parse(Assert.Single(lines));
        var root = line.RootElement;
        Assert.Equal("Information", root.GetProperty("level").GetString());
        Assert.Equal("a.category", root.GetProperty("category").GetString());
        Assert.Equal("turn of 15**************34 took 7 ms", root.GetProperty("message").GetString());
        Assert.Equal("15**************34", root.GetProperty("Enrollee").GetString());
        Assert.Equal("7", root.GetProperty("Milliseconds").GetString());
        Assert.Empty(_said);
    }

    [Fact]
    public async Task Warning_is_said_at_the_terminal_too_and_masked_there()
    {
        await WriteAsync(log => log.LogWarning("odd: 150502199001011234"));
        Assert.Equal(["warning: odd: 15**************34"], _said);
    }

    [Fact]
    public async Task Exception_is_kept_in_the_line()
    {
        var lines = await WriteAsync(log => log.LogError(new InvalidOperationException("why"), "failed"));
        using var line = JsonDocument.Parse(Assert.Single(lines));
        Assert.Contains(
            "InvalidOperationException: why",
            line.RootElement.GetProperty("exception").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Huge_line_is_shortened_and_stays_json()
    {
        var lines = await WriteAsync(log => log.LogInformation("{Text}", new string('x', 100_000)));
        using var line = JsonDocument.Parse(Assert.Single(lines));
        Assert.Equal("true", line.RootElement.GetProperty("shortened").GetString());
    }

    [Fact]
    public async Task Files_on_disk_are_bounded()
    {
        for (var round = 0; round < 2 * ServerLimits.LogFilesMax; round++)
        {
            await using var file = new LogFile(_folder, fileBytesMax: 10);
            file.Write($"round {round} fills a file of ten bytes");
        }

        Assert.InRange(Directory.GetFiles(_folder).Length, 2, ServerLimits.LogFilesMax);
    }

    private async Task<string[]> WriteAsync(Action<ILogger> write)
    {
        await using (var file = new LogFile(_folder))
        {
            using var provider = new JsonLines(file, TimeProvider.System, _said.Add);
            write(provider.CreateLogger("a.category"));
        }

        return await File.ReadAllLinesAsync(Path.Combine(_folder, "server.jsonl"));
    }
}
