using SettlementGrid.Api.Methods;

namespace SettlementGrid.Api.Tests;

public sealed class PageTokenTests
{
    [Fact]
    public void Whatever_was_written_is_read_again_for_the_same_query()
    {
        var token = PageToken.Write("facility:1:2", "17", "通辽/../\u202e", "");

        Assert.Equal(["17", "通辽/../\u202e", ""], PageToken.Read(token, "facility:1:2", parts: 3)!);
        Assert.Empty(PageToken.Read("", "facility:1:2", parts: 3)!);
    }

    [Theory]
    [InlineData("facility:1:3", 2)]
    [InlineData("facility:1:2", 1)]
    [InlineData("facility:1:2", 3)]
    public void Token_of_another_query_or_list_is_not_read(string query, int parts) =>
        Assert.Null(PageToken.Read(PageToken.Write("facility:1:2", "17", "18"), query, parts));

    [Theory]
    [InlineData("%")]
    [InlineData("bm9uc2Vuc2U")]
    [InlineData("_w")]
    public void Nonsense_is_not_read(string token) => Assert.Null(PageToken.Read(token, "facility:1:2", parts: 1));

    [Fact]
    public void Overlong_token_is_not_read() =>
        Assert.Null(PageToken.Read(PageToken.Write("facility:1:2", new string('1', 1024)), "facility:1:2", parts: 1));
}
