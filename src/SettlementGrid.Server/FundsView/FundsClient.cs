using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Server.FundsView;

/// <summary>
/// FundService as any client calls it: JSON over HTTP/1.1, streams in the Connect protocol's envelopes. Knows nothing
/// of the server's insides, so it works against any server that can be reached.
/// </summary>
/// <remarks>What the server refuses, and what cannot be reached, is a <see cref="FundsRefusedException"/>.</remarks>
public sealed class FundsClient : IDisposable
{
    private const string Package = "/settlementgrid.v1.";
    private const int PrefixBytes = 5;
    private const byte EndFlag = 2;

    // A newer server may say more than this program knows.
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly HttpClient _http;

    /// <param name="server">Where it listens, for example http://127.0.0.1:5080.</param>
    /// <param name="key">An API key; empty or null: none, which a server on this machine takes.</param>
    public FundsClient(Uri server, string? key)
    {
        Server = server;
        _http = new HttpClient
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = ServerLimits.FundsAnswerBytesMax,
        };
        _http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("zh");
        _http.DefaultRequestHeaders.Add("connect-protocol-version", "1");
        if (!string.IsNullOrEmpty(key))
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    public Uri Server { get; }

    public void Dispose() => _http.Dispose();

    /// <summary>The regions that pool the published plans; none that lies within another one.</summary>
    public async Task<IReadOnlyList<string>> PoolingRegionsAsync(CancellationToken cancellation)
    {
        var answer = await CallAsync<ListPlansResponse>("PlanService/ListPlans", new ListPlansRequest(), cancellation);
        var all = answer.Plans.Select(plan => plan.RegionId).Distinct().Order(StringComparer.Ordinal).ToList();
        return [.. all.Where(one => !all.Exists(other => other != one && Plans.Region.IsWithin(one, other)))];
    }

    public Task<ListPositionsResponse> ListAsync(ListPositionsRequest request, CancellationToken cancellation) =>
        CallAsync<ListPositionsResponse>("FundService/ListPositions", request, cancellation);

    /// <summary>What the server sends until it ends the stream, which is a refusal too unless it ended well.</summary>
    public async IAsyncEnumerable<WatchPositionsResponse> WatchAsync(
        WatchPositionsRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var post = new HttpRequestMessage(
            HttpMethod.Post, new Uri(Package + "FundService/WatchPositions", UriKind.Relative))
        {
            Content = new ByteArrayContent(Envelope(JsonFormatter.Default.Format(request))),
        };
        post.Content.Headers.ContentType = new MediaTypeHeaderValue("application/connect+json");
        using var answer = await ReachAsync(
            stop => _http.SendAsync(post, HttpCompletionOption.ResponseHeadersRead, stop), cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw Refusal(
                (int)answer.StatusCode, await ReachAsync(answer.Content.ReadAsStringAsync, cancellation));
        }

        await using var body = await ReachAsync(answer.Content.ReadAsStreamAsync, cancellation);
        while (true)
        {
            var (flags, text) = await ReadFrameAsync(body, cancellation);
            if (flags != EndFlag)
            {
                yield return Parse<WatchPositionsResponse>(text);
                continue;
            }

            using var end = JsonDocument.Parse(text);
            if (end.RootElement.TryGetProperty("error", out var error))
            {
                throw Refusal(status: 200, error.GetRawText());
            }

            yield break;
        }
    }

    private async Task<TResponse> CallAsync<TResponse>(
        string method, IMessage request, CancellationToken cancellation)
        where TResponse : IMessage, new()
    {
        using var content = new StringContent(
            JsonFormatter.Default.Format(request), Encoding.UTF8, "application/json");
        using var answer = await ReachAsync(
            stop => _http.PostAsync(new Uri(Package + method, UriKind.Relative), content, stop), cancellation);
        var text = await ReachAsync(answer.Content.ReadAsStringAsync, cancellation);
        return answer.IsSuccessStatusCode ? Parse<TResponse>(text) : throw Refusal((int)answer.StatusCode, text);
    }

    /// <summary>One step of talking to the server, bounded; whatever breaks it means that there is no server.</summary>
    private async Task<T> ReachAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellation)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(ServerLimits.FundsAnswerMax);
        try
        {
            return await step(bounded.Token);
        }
        catch (HttpRequestException silent)
        {
            throw FundsRefusedException.NoServer(Server, silent.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw FundsRefusedException.NoServer(Server, $"no answer in {ServerLimits.FundsAnswerMax.TotalSeconds} s");
        }
    }

    private async Task<(byte Flags, string Text)> ReadFrameAsync(Stream body, CancellationToken cancellation)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(ServerLimits.FundsSilenceMax);
        try
        {
            var prefix = new byte[PrefixBytes];
            await body.ReadExactlyAsync(prefix, bounded.Token);
            var length = BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1));
            if (length > ServerLimits.FundsAnswerBytesMax)
            {
                throw FundsRefusedException.NoServer(Server, $"a message of {length} bytes");
            }

            var payload = new byte[length];
            await body.ReadExactlyAsync(payload, bounded.Token);
            return (prefix[0], Encoding.UTF8.GetString(payload));
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw FundsRefusedException.NoServer(Server, broken.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw FundsRefusedException.NoServer(
                Server, $"no sign of life in {ServerLimits.FundsSilenceMax.TotalSeconds} s");
        }
    }

    private T Parse<T>(string text)
        where T : IMessage, new()
    {
        try
        {
            return Parser.Parse<T>(text);
        }
        catch (Exception odd) when (odd is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw FundsRefusedException.NoServer(Server, $"not its answer: {odd.Message}");
        }
    }

    /// <summary>The refusal of an answer: its message begins with the reason.</summary>
    private FundsRefusedException Refusal(int status, string text)
    {
        try
        {
            using var error = JsonDocument.Parse(text);
            var message = error.RootElement.GetProperty("message").GetString() ?? "";
            var code = error.RootElement.GetProperty("code").GetString() ?? "";
            var colon = message.IndexOf(':', StringComparison.Ordinal);
            return new FundsRefusedException(
                colon > 0 ? message[..colon] : code.ToUpperInvariant(), message);
        }
        catch (Exception odd) when (odd is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return FundsRefusedException.NoServer(
                Server, string.Create(CultureInfo.InvariantCulture, $"HTTP status {status}, not SettlementGrid's"));
        }
    }

    private static byte[] Envelope(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var frame = new byte[PrefixBytes + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, PrefixBytes);
        return frame;
    }
}
