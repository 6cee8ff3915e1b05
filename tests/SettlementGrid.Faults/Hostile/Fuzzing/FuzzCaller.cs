using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SettlementGrid.Api;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>What came back.</summary>
/// <param name="Grpc">The status of a gRPC call; null where there is none.</param>
/// <param name="Words">Everything in it that is meant for people, decoded.</param>
/// <param name="Broken">Why nothing came back; null: something did.</param>
/// <param name="WasCancelled">Whether it was the server that broke it off, as cancelled.</param>
sealed record FuzzAnswer(
    int Http, int? Grpc, byte[] Body, string Words, string? Broken = null, bool WasCancelled = false);

/// <summary>Sends bytes as they are, on HTTP/2 or, of what may go there, on HTTP/1.1.</summary>
sealed class FuzzCaller(ServerPlace place) : IDisposable
{
    // Streams of answers last until their deadline; all else ends by itself.
    const string StreamTimeout = "250m";
    const string StreamTimeoutMilliseconds = "250";

    readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        EnableMultipleHttp2Connections = true, UseProxy = false, UseCookies = false, ActivityHeadersPropagator = null,
    });

    public async Task<FuzzAnswer> SendAsync(FuzzMessage message)
    {
        // Every eighth goes by HTTP/1.1, which serves JSON too.
        var isOld = !message.IsFramed && message.Number % 8 == 0;
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(isOld ? place.Http : place.Grpc, message.Method.Path))
        {
            Version = isOld ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(message.Body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(message.ContentType);
        request.Headers.TryAddWithoutValidation("te", "trailers");
        if (message.Method.Shape == MethodShape.ServerStream)
        {
            request.Headers.TryAddWithoutValidation("grpc-timeout", StreamTimeout);
            request.Headers.TryAddWithoutValidation("connect-timeout-ms", StreamTimeoutMilliseconds);
        }
        using var bounded = new CancellationTokenSource(TestbedLimits.CallMax);
        try
        {
            using var answer = await _http.SendAsync(request, bounded.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(bounded.Token);
            return Read(message, answer, body);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
        {
            const int http2Cancel = 8;
            var wasCancelled = Innermost(broken) is HttpProtocolException { ErrorCode: http2Cancel };
            return new FuzzAnswer(0, null, [], "", $"{broken.Message} {Innermost(broken).Message}", wasCancelled);
        }
    }

    public void Dispose() => _http.Dispose();

    static Exception Innermost(Exception of) => of.InnerException is { } inner ? Innermost(inner) : of;

    static FuzzAnswer Read(FuzzMessage message, HttpResponseMessage answer, byte[] body)
    {
        var words = new StringBuilder();
        foreach (var (name, values) in answer.Headers.Concat(answer.TrailingHeaders))
        {
            foreach (var value in values)
                words.Append(name).Append(": ").AppendLine(
                    name.EndsWith("-bin", StringComparison.Ordinal) ? Decoded(value) : Uri.UnescapeDataString(value));
        }
        // Of an answer that went well the body is what was asked for; of any other it is words.
        if (!message.IsGrpc && (answer.StatusCode != HttpStatusCode.OK || message.IsFramed))
            words.Append(Encoding.UTF8.GetString(body));
        var status = Status(answer.Headers) ?? Status(answer.TrailingHeaders);
        return new FuzzAnswer((int)answer.StatusCode, status, body, words.ToString());
    }

    static int? Status(HttpResponseHeaders headers) =>
        headers.TryGetValues("grpc-status", out var values) && int.TryParse(values.First(), out var status)
            ? status
            : null;

    static string Decoded(string base64)
    {
        var padded = base64.PadRight((base64.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : base64;
    }
}
