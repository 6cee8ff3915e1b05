using System.Buffers.Text;
using System.Text;
using SettlementGrid.Api.Methods;

namespace SettlementGrid.Api.Tests;

public sealed class PageTokenTests
{
    const string Query = "facility:1:2";

    // Callers keep them between calls, also over an upgrade of the server.
    [Fact]
    public void Tokens_are_written_as_ever()
    {
        Assert.Equal("Mkw3UkdLUkIKMTc", PageToken.Write(Query, 17));
        Assert.Equal("Mkw3UkdLUkIKMTcK6YCa6L69Ly4uL-KArgo", PageToken.Write(Query, 17, "通辽/../\u202e", ""));
    }

    [Fact]
    public void Whatever_was_written_is_read_again_for_the_same_query()
    {
        var last = Read(PageToken.Write(Query, 17, "通辽/../\u202e", ""), texts: 2);

        Assert.Equal(17, last!.Number);
        Assert.Equal(["通辽/../\u202e", ""], last.Texts);
        Assert.Equal(0, Read(PageToken.Write(Query, 0))!.Number);
        Assert.Equal(long.MaxValue, Read(PageToken.Write(Query, long.MaxValue))!.Number);
        Assert.Null(Read(""));
    }

    [Theory]
    [InlineData("facility:1:3", 1)]
    [InlineData(Query, 0)]
    [InlineData(Query, 2)]
    public void Token_of_another_query_or_list_is_not_read(string query, int texts) =>
        Assert.False(PageToken.TryRead(PageToken.Write(Query, 17, "18"), query, texts, out _));

    [Theory]
    [InlineData("%")]
    [InlineData("bm9uc2Vuc2U")]
    [InlineData("_w")]
    public void Nonsense_is_not_read(string token) => Assert.False(PageToken.TryRead(token, Query, texts: 0, out _));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1.0")]
    [InlineData("0x1")]
    [InlineData("１")]
    [InlineData("9223372036854775808")]
    public void Token_without_a_number_is_not_read(string number)
    {
        var digest = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(PageToken.Write(Query, 17)))[..^2];
        var token = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(digest + number));

        Assert.False(PageToken.TryRead(token, Query, texts: 0, out _));
    }

    [Fact]
    public void Overlong_token_is_not_read() =>
        Assert.False(PageToken.TryRead(PageToken.Write(Query, 17, new string('1', 1024)), Query, texts: 1, out _));

    static LastRow? Read(string token, int texts = 0)
    {
        Assert.True(PageToken.TryRead(token, Query, texts, out var last));
        return last;
    }
}
