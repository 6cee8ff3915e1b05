using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using SettlementGrid.Api;

namespace SettlementGrid.Silo.Front;

/// <summary>
/// The service that gRPC's library is given: it has no methods of its own, they are the table's rows.
/// </summary>
sealed class TableCalls;

/// <summary>
/// Binds the rows of the method table to gRPC's library. A call comes here from inside its exchange
/// (<see cref="LibraryExchange"/>), which has let it in and decides what it is answered.
/// </summary>
sealed class TableMethods(TableInUse table) : IServiceMethodProvider<TableCalls>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TableCalls> context)
    {
        foreach (var row in table.Table.Rows)
        {
            switch (row.Shape)
            {
                case MethodShape.Unary:
                    context.AddUnaryMethod(
                        Bound(row, MethodType.Unary), [],
                        async (_, request, call) =>
                            (await LibraryExchange.Of(call).Answer(new Single(request), null))!);
                    break;
                case MethodShape.ServerStream:
                    context.AddServerStreamingMethod(
                        Bound(row, MethodType.ServerStreaming), [],
                        async (_, request, responses, call) =>
                            await LibraryExchange.Of(call).Answer(new Single(request), responses.WriteAsync));
                    break;
                case MethodShape.Bidi:
                    context.AddDuplexStreamingMethod(
                        Bound(row, MethodType.DuplexStreaming), [],
                        async (_, requests, responses, call) =>
                            await LibraryExchange.Of(call).Answer(requests, responses.WriteAsync));
                    break;
            }
        }
    }

    static Method<IMessage, IMessage> Bound(Method row, MethodType type)
    {
        // By its path: some rows answer an older name of their service too.
        var parts = row.Path.Split('/');
        return new Method<IMessage, IMessage>(type, parts[1], parts[2], Requests(row), Responses);
    }

    static Marshaller<IMessage> Requests(Method row) => new(
        static (_, _) => throw new InvalidOperationException("A server sends no requests."),
        context => context.PayloadLength <= row.RequestBytesMax
            ? Parsed(row, context)
            : throw new RpcException(new Status(
                StatusCode.ResourceExhausted, $"The message is larger than {row.RequestBytesMax} bytes.")));

    static Marshaller<IMessage> Responses { get; } = new(
        static (message, context) =>
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        static _ => throw new InvalidOperationException("A server reads no responses."));

    static IMessage Parsed(Method row, DeserializationContext context)
    {
        var payload = context.PayloadAsReadOnlySequence();
        if (row.HasTooManyItems(payload, isJson: false))
        {
            var failure = Failure.TooManyItems;
            throw new RpcException(
                new Status((StatusCode)(int)failure.Status, failure.Message(Plans.Language.English)));
        }

        try
        {
            return row.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument, "MALFORMED_REQUEST: the message cannot be read."));
        }
    }

    /// <summary>The one request of a call as a stream of one.</summary>
    sealed class Single(IMessage request) : IAsyncStreamReader<IMessage>
    {
        bool _isRead;

        public IMessage Current => request;

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            var isNext = !_isRead;
            _isRead = true;
            return Task.FromResult(isNext);
        }
    }
}

/// <summary>The table of the running program: known once the ledger is open, after services were registered.</summary>
sealed class TableInUse
{
    MethodTable? _table;

    public MethodTable Table
    {
        get => _table ?? throw new InvalidOperationException("There is no method table yet.");
        set => _table = value;
    }
}
