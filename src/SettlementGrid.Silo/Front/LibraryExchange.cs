using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using SettlementGrid.Api;

namespace SettlementGrid.Silo.Front;

/// <summary>
/// One call by gRPC's library: it frames, compresses and ends; who may call, how many, until when and what is answered
/// is decided as for every other wire. The library stands inside the exchange: it is asked to read only once the call
/// was let in, calls back with the request (<see cref="Answer"/>), and waits there for the answer.
/// </summary>
sealed class LibraryExchange(HttpContext http, Method method, Surroundings surroundings, RequestDelegate library)
    : Exchange(http, method, surroundings)
{
    readonly TaskCompletionSource<IAsyncStreamReader<IMessage>> _requests =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    readonly TaskCompletionSource<IMessage?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task? _library;
    Func<IMessage, Task>? _write;
    IMessage? _pending;

    public static LibraryExchange Of(ServerCallContext call) =>
        call.GetHttpContext().Features.Get<LibraryExchange>()!;

    /// <summary>From inside the library's call: here is the request. The response; null after a stream.</summary>
    /// <exception cref="RpcException">The call ends otherwise.</exception>
    public Task<IMessage?> Answer(IAsyncStreamReader<IMessage> requests, Func<IMessage, Task>? write)
    {
        _write = write;
        _requests.SetResult(requests);
        return _answer.Task;
    }

    public override async Task RunAsync()
    {
        Http.Features.Set(this);
        await base.RunAsync();
        if (_library is not null)
        {
            // The caller left, or the connection broke: the library still waits to be told.
            _answer.TrySetException(new RpcException(new Status(StatusCode.Cancelled, "The call has ended.")));
            await _library;
        }
    }

    public override async ValueTask<Inbound> ReadOnlyAsync()
    {
        var read = await ReadNextAsync();
        return read is { Message: null, Failure: null } ? NothingRead() : read;
    }

    public override async ValueTask<Inbound> ReadNextAsync()
    {
        _library ??= library(Http);
        if (!_requests.Task.IsCompleted && StandAside() is { } full)
            return new(null, full);
        await Task.WhenAny(_requests.Task, _library);
        if (!_requests.Task.IsCompletedSuccessfully)
            return NothingRead();
        var requests = await _requests.Task;
        return await requests.MoveNext(Cancelled) ? Checked(requests.Current) : default;
    }

    protected override Failure? CheckHeaders(out TimeSpan? timeout)
    {
        timeout = null;
        var stated = Http.Request.Headers.GrpcTimeout;
        if (stated.Count == 0)
            return null;
        if (stated.Count > 1 || !Timeouts.TryParseGrpc(stated[0], out var parsed))
            return Failure.Malformed("grpc-timeout 格式有误。", "grpc-timeout is malformed.");
        timeout = parsed;
        return null;
    }

    protected override void WriteMessage(IMessage response, byte[]? json) => _pending = response;

    protected override async ValueTask<bool> FlushAsync()
    {
        if (_write is { } write && _pending is { } message)
            await write(message).WaitAsync(Cancelled);
        _pending = null;
        return false;
    }

    protected override void WriteEnd() => _answer.TrySetResult(_pending);

    protected override void WriteFailure(Failure failure)
    {
        if (_library is null)
        {
            GrpcExchange.WriteTrailersOnly(Http.Response, failure, Language);
            return;
        }
        var trailers = new Metadata();
        var encoded = new HeaderDictionary();
        GrpcExchange.WriteStatus(encoded, failure, Language);
        foreach (var (name, value) in encoded)
        {
            var lower = name.ToLowerInvariant();
            if (lower.EndsWith("-bin", StringComparison.Ordinal))
                trailers.Add(lower, Decoded(value.ToString()));
            else if (!lower.StartsWith("grpc-", StringComparison.Ordinal))
                trailers.Add(lower, value.ToString());
        }
        _answer.TrySetException(
            new RpcException(new Status((StatusCode)(int)failure.Status, failure.Message(Language)), trailers));
    }

    /// <summary>The library sends what it was told.</summary>
    protected override Task SendEndAsync() => Task.CompletedTask;

    /// <summary>The library could not read a message, and has said so to the caller itself.</summary>
    static Inbound NothingRead() =>
        new(null, Failure.Malformed("请求正文无法读取。", "The request's body could not be read."));

    static byte[] Decoded(string base64) => Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
}
