using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SettlementGrid.Api;

/// <summary>The three shapes of methods there are.</summary>
public enum MethodShape
{
    /// <summary>One request, one response.</summary>
    Unary,

    /// <summary>One request, any number of responses.</summary>
    ServerStream,

    /// <summary>Any number of requests, one response to each, in their order. For reflection alone.</summary>
    Bidi,
}

/// <summary>A row of the method table: what is known of a method before its request is read.</summary>
public abstract class Method
{
    private readonly RequestItems? _items;

    private protected Method(
        MethodDescriptor descriptor, MethodShape shape, Roles roles, Audited audited, int requestBytesMax,
        TimeSpan deadline, MessageParser parser, string? path)
    {
        Descriptor = descriptor;
        Name = $"{descriptor.Service.Name}/{descriptor.Name}";
        Path = path ?? $"/{descriptor.Service.FullName}/{descriptor.Name}";
        Shape = shape;
        Roles = roles;
        Audited = audited;
        RequestBytesMax = requestBytesMax;
        Deadline = deadline;
        Parser = parser;
        Check = RequestCheck.Of(descriptor.InputType);
        _items = RequestItems.Of(descriptor.InputType);
    }

    /// <summary>The method in its .proto file.</summary>
    public MethodDescriptor Descriptor { get; }

    /// <summary>Service and method, such as <c>EnrolleeService/GetAccount</c>: in figures and in the audit.</summary>
    public string Name { get; }

    /// <summary>The HTTP path it answers.</summary>
    public string Path { get; }

    /// <summary>How many messages go which way.</summary>
    public MethodShape Shape { get; }

    /// <summary>A caller needs one of these.</summary>
    public Roles Roles { get; }

    /// <summary>Which of its calls the audit keeps.</summary>
    public Audited Audited { get; }

    /// <summary>The largest request message, bytes.</summary>
    public int RequestBytesMax { get; }

    /// <summary>Where the caller states none.</summary>
    public TimeSpan Deadline { get; }

    /// <summary>The longest the caller can ask for.</summary>
    public TimeSpan DeadlineMax => Shape == MethodShape.Unary ? ApiLimits.UnaryDeadlineMax : Deadline;

    /// <summary>Whether it needs no caller.</summary>
    internal bool IsForAnyone => Roles == Roles.Anyone;

    internal MessageParser Parser { get; }

    internal RequestCheck Check { get; }

    /// <summary>Whether a request not yet parsed holds more messages than any should.</summary>
    internal bool HasTooManyItems(in ReadOnlySequence<byte> payload, bool isJson) =>
        _items is not null && (isJson ? RequestItems.IsTooManyJson(payload) : _items.IsTooMany(payload));

    /// <summary>How many calls a request weighs as, of those that bring many at once.</summary>
    internal virtual int UnitsOf(IMessage request) => 1;

    /// <summary>Whether one call of it asks for many settlements.</summary>
    internal virtual bool IsBatch => false;

    /// <summary>Reads the request, asks the handler, writes its answer. Permission is settled before this.</summary>
    internal abstract Task ServeAsync(Exchange exchange);
}
