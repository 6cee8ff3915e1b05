using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests;

/// <summary>The same methods as plain JSON: what curl and the Connect clients see.</summary>
public sealed class JsonTests : IAsyncLifetime
{
    private readonly FakeHandlers _handlers = new();
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(_handlers);

    public async Task DisposeAsync()
    {
        Assert.Empty(_host.Log.Errors);
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_call_answers_200_with_zeros_printed_and_int64_as_strings()
    {
        var (response, json) = await PostAsync(
            Settle, """{"request_id":"r-1","total_fen":"1200","channel":"WINDOW"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("r-1", json.GetProperty("request_id").GetString());
        Assert.Equal("1200", json.GetProperty("total_fen").GetString());
        Assert.Equal("0", json.GetProperty("plans_paid_fen").GetString());
        Assert.Equal("WINDOW", json.GetProperty("channel").GetString());
        Assert.Equal("SETTLEMENT", json.GetProperty("kind").GetString());
        Assert.Equal(0, json.GetProperty("layers").GetArrayLength());
        Assert.False(json.TryGetProperty("settled_at", out _));
    }

    [Theory]
    [InlineData("""{"request_id":"r","total_fen":5}""")]
    [InlineData("""{"requestId":"r","totalFen":"5"}""")]
    [InlineData("""{"requestId":"r","total_fen":5.0,"channel":0}""")]
    public async Task Both_spellings_and_both_forms_of_numbers_are_read(string body)
    {
        var (_, json) = await PostAsync(Settle, body);

        Assert.Equal("r", json.GetProperty("request_id").GetString());
        Assert.Equal("5", json.GetProperty("total_fen").GetString());
    }

    [Fact]
    public async Task No_body_is_the_empty_message()
    {
        var (response, _) = await PostAsync("/settlementgrid.v1.PlanService/ListPlans", "");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("""{"total_fenn":5}""", "total_fenn")]
    [InlineData("""{"channel":"COUNTER"}""", "COUNTER")]
    [InlineData("""{"channel":42}""", "channel = 42")]
    [InlineData("""{"total_fen":"1e400"}""", "1e400")]
    [InlineData("""{"total_fen":10.5}""", "10.5")]
    [InlineData("""{"total_fen":"9223372036854775808"}""", "9223372036854775808")]
    [InlineData("""{"total_fen":[]}""", "")]
    [InlineData("""{"request_id":"r" """, "")]
    [InlineData("""[]""", "")]
    [InlineData("""nonsense""", "")]
    [InlineData("""{} {}""", "")]
    public async Task What_does_not_parse_is_malformed_and_named(string body, string named)
    {
        var (response, json) = await PostAsync(Settle, body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_argument", json.GetProperty("code").GetString());
        Assert.StartsWith("MALFORMED_REQUEST: ", json.GetProperty("message").GetString());
        Assert.Contains(named, json.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_malformed()
    {
        byte[] body = [(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)'}'];

        var (response, _) = await PostAsync(Settle, body, "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Json_nested_a_thousand_deep_is_malformed()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 1000)) + string.Concat(Enumerable.Repeat("]", 1000));

        var (response, _) = await PostAsync(Settle, $$"""{"request_id":{{deep}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Two_thousand_mutated_bodies_are_served_or_malformed_and_nothing_else()
    {
        var random = new Random(11);
        var whole = """{"request_id":"r-1","total_fen":"1200","channel":"WINDOW","drugClass":"A"}"""u8.ToArray();
        for (var round = 0; round < 2_000; round++)
        {
            var body = whole.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            var (response, _) = await PostAsync(Settle, body, "application/json");

            Assert.True(
                response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest,
                Encoding.Latin1.GetString(body));
        }
    }

    [Fact]
    public async Task A_refusal_is_the_connect_error_with_its_detail()
    {
        _handlers.Settle = (_, _) => new(FakeHandlers.Reused);

        var (response, json) = await PostAsync(Settle, "{}");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("already_exists", json.GetProperty("code").GetString());
        Assert.Equal("REQUEST_ID_REUSED: 请求号已用于其他内容。", json.GetProperty("message").GetString());
        var detail = Assert.Single(json.GetProperty("details").EnumerateArray());
        Assert.Equal("settlementgrid.v1.Refusal", detail.GetProperty("type").GetString());
        var base64 = detail.GetProperty("value").GetString()!;
        Assert.DoesNotContain('=', base64);
        var refusal = Refusal.Parser.ParseFrom(
            Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '=')));
        Assert.Equal(FakeHandlers.Reused.ToMessage(), refusal);
        var debug = detail.GetProperty("debug");
        Assert.Equal("REQUEST_ID_REUSED", debug.GetProperty("reason").GetString());
        Assert.Equal("FIX_REQUEST", debug.GetProperty("advice").GetString());
        Assert.Equal("100", debug.GetProperty("numbers").GetProperty("total_fen").GetString());
    }

    [Fact]
    public async Task The_results_of_SettleMany_hold_settlements_and_refusals()
    {
        _handlers.SettleMany = (_, _) => new(new SettleManyResponse
        {
            Results =
            {
                new SettleResult { Settlement = new Settlement { TotalFen = 7 } },
                new SettleResult { Refusal = FakeHandlers.Reused.ToMessage() },
            },
        });

        var (_, json) = await PostAsync(
            "/settlementgrid.v1.SettlementService/SettleMany", """{"requests":[{},{}]}""");

        var results = json.GetProperty("results");
        Assert.Equal("7", results[0].GetProperty("settlement").GetProperty("total_fen").GetString());
        Assert.Equal("REQUEST_ID_REUSED", results[1].GetProperty("refusal").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Binary_messages_are_served_too()
    {
        var request = new SettleRequest { RequestId = "r-1", TotalFen = 3 };
        using var body = new ByteArrayContent(request.ToByteArray());
        body.Headers.ContentType = new MediaTypeHeaderValue("application/proto");

        using var response = await _host.Http1.PostAsync(Settle, body);

        Assert.Equal("application/proto", response.Content.Headers.ContentType!.MediaType);
        var settlement = Settlement.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(FakeHandlers.Echo(request), settlement);
    }

    [Fact]
    public async Task Over_HTTP2_it_is_the_same()
    {
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");

        using var response = await _host.Grpc.Http.PostAsync(Settle, body);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Only_POST_is_answered()
    {
        using var response = await _host.Http1.GetAsync(Settle);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData(Settle, "text/plain")]
    [InlineData(Settle, "application/connect+json")]
    [InlineData(Settle, "application/grpc-web")]
    [InlineData(Simulate, "application/json")]
    public async Task Another_content_type_is_415_and_told_which_would_do(string path, string contentType)
    {
        var (response, _) = await PostAsync(path, "{}"u8.ToArray(), contentType);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.NotEmpty(response.Headers.GetValues("accept-post"));
    }

    [Fact]
    public async Task An_unknown_method_is_404_and_unimplemented()
    {
        var (response, json) = await PostAsync("/settlementgrid.v1.SettlementService/Nothing", "{}");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("unimplemented", json.GetProperty("code").GetString());
    }

    [Fact]
    public async Task GRPC_over_HTTP1_is_told_that_it_needs_HTTP2()
    {
        var (response, _) = await PostAsync(Settle, Frame(new SettleRequest()), "application/grpc");

        Assert.Equal(HttpStatusCode.HttpVersionNotSupported, response.StatusCode);
    }

    [Theory]
    [InlineData("connect-protocol-version", "2", HttpStatusCode.BadRequest)]
    [InlineData("connect-protocol-version", "1", HttpStatusCode.OK)]
    [InlineData("connect-timeout-ms", "soon", HttpStatusCode.BadRequest)]
    [InlineData("connect-timeout-ms", "12345678901", HttpStatusCode.BadRequest)]
    [InlineData("connect-timeout-ms", "0", HttpStatusCode.GatewayTimeout)]
    [InlineData("connect-timeout-ms", "9999999999", HttpStatusCode.OK)]
    public async Task The_protocols_headers_are_heeded(string name, string value, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Settle);
        request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        request.Headers.Add(name, value);

        using var response = await _host.Http1.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_compressed_body_is_unimplemented()
    {
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        body.Headers.ContentEncoding.Add("gzip");

        using var response = await _host.Http1.PostAsync(Settle, body);

        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.Equal("identity", response.Headers.GetValues("accept-encoding").Single());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused_whether_its_length_is_stated_or_not(bool stated)
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{"request_id":"{{new string('x', ApiLimits.SingleBytesMax)}}"}""");
        using HttpContent body = stated ? new ByteArrayContent(bytes) : new PiecesContent(bytes.Chunk(10_000));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using var response = await _host.Http1.PostAsync(Settle, body);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Contains("\"code\":\"resource_exhausted\"", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Explanations_in_chinese_come_readable()
    {
        _handlers.Settle = (_, _) => new(new Settlement { Explanation = { "大病保险支付 3,250.00 元" } });

        var (response, _) = await PostAsync(Settle, "{}");

        Assert.Contains("大病保险支付 3,250.00 元", await response.Content.ReadAsStringAsync());
    }

    private Task<(HttpResponseMessage Response, JsonElement Json)> PostAsync(string path, string json) =>
        PostAsync(path, Encoding.UTF8.GetBytes(json), "application/json");

    private async Task<(HttpResponseMessage Response, JsonElement Json)> PostAsync(
        string path, byte[] body, string contentType)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        var response = await _host.Http1.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        return (response, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }
}
