using SettlementGrid.Postgres;

namespace SettlementGrid.Server.Tests.Postgres;

public sealed class SettingsTests
{
    [Theory]
    [InlineData(1L << 30, "shared_buffers = 128MB")]
    [InlineData(24L << 30, "shared_buffers = 3072MB")]
    [InlineData(512L << 30, "shared_buffers = 4096MB")]
    [InlineData(64L << 20, "shared_buffers = 64MB")]
    public void Buffers_are_an_eighth_of_the_memory_within_bounds(long memory, string line) =>
        Assert.Contains(line, new PostgresSettings(memory).Text(21000, "/log", lz4: true), StringComparison.Ordinal);

    [Fact]
    public void Each_setting_stands_under_a_reason()
    {
        var text = PostgresSettings.Small().Text(21000, "/it's", lz4: false);
        var blocks = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).ToList();
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.StartsWith("#", block.TrimStart('\n'), StringComparison.Ordinal));
        Assert.Contains("log_directory = '/it''s'", text, StringComparison.Ordinal);
        Assert.Contains("wal_compression = on", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Default_folder_is_one_that_outlives_a_restart() =>
        Assert.DoesNotContain("tmp", DataDirectory.DefaultPath(), StringComparison.OrdinalIgnoreCase);
}
