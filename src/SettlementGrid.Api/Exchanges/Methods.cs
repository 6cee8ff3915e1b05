using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SettlementGrid.Api;

/// <summary>One request, one response.</summary>
internal sealed class UnaryMethod<TRequest, TResponse>(
    MethodDescriptor descriptor, Roles roles, Audited audited, int requestBytesMax, TimeSpan deadline,
    MessageParser<TRequest> parser, Unary<TRequest, TResponse> handler, Func<TRequest, int>? units = null)
    : Method(descriptor, MethodShape.Unary, roles, audited, requestBytesMax, deadline, parser, path: null)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    internal override int UnitsOf(IMessage request) => units is null ? 1 : units((TRequest)request);

    internal override bool IsBatch => units is not null;

    internal override async Task ServeAsync(Exchange exchange)
    {
        var inbound = await exchange.ReadOnlyAsync();
        if ((inbound.Failure ?? exchange.TakeRoom(inbound.Message!)) is { } failure)
        {
            await exchange.FailAsync(failure);
            return;
        }

        exchange.BeginWork();
        var result = await handler((TRequest)inbound.Message!, exchange.Call);
        await exchange.FinishAsync(result.Response, result.Refusal);
    }
}

/// <summary>One request, any number of responses.</summary>
internal sealed class ServerStreamMethod<TRequest, TResponse>(
    MethodDescriptor descriptor, Roles roles, Audited audited, int requestBytesMax, TimeSpan deadline,
    MessageParser<TRequest> parser, ServerStream<TRequest, TResponse> handler)
    : Method(descriptor, MethodShape.ServerStream, roles, audited, requestBytesMax, deadline, parser, path: null)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    internal override async Task ServeAsync(Exchange exchange)
    {
        var inbound = await exchange.ReadOnlyAsync();
        if (inbound.Failure is { } failure)
        {
            await exchange.FailAsync(failure);
            return;
        }

        exchange.BeginWork();
        var refusal = await handler((TRequest)inbound.Message!, exchange.Call, exchange.WriteAsync);
        await exchange.FinishAsync(response: null, refusal);
    }
}

/// <summary>Any number of requests, one response to each, in their order.</summary>
internal sealed class BidiMethod<TRequest, TResponse>(
    MethodDescriptor descriptor, Roles roles, Audited audited, int requestBytesMax, TimeSpan deadline,
    MessageParser<TRequest> parser, Unary<TRequest, TResponse> handler, string? path = null)
    : Method(descriptor, MethodShape.Bidi, roles, audited, requestBytesMax, deadline, parser, path)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    internal override async Task ServeAsync(Exchange exchange)
    {
        exchange.AllowLongBody();
        exchange.BeginWork();
        while (true)
        {
            var inbound = await exchange.ReadNextAsync();
            if (inbound.Failure is { } failure)
            {
                await exchange.FailAsync(failure);
                return;
            }

            if (inbound.Message is null)
            {
                await exchange.FinishAsync(response: null, refusal: null);
                return;
            }

            var result = await handler((TRequest)inbound.Message, exchange.Call);
            if (result.Refusal is not null)
            {
                await exchange.FinishAsync(response: null, result.Refusal);
                return;
            }

            await exchange.WriteAsync(result.Response!);
        }
    }
}
