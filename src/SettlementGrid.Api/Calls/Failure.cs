using SettlementGrid.Plans;

namespace SettlementGrid.Api;

/// <summary>
/// Why a call ends without its response: a refusal, or one of the wire's own endings (deadline, size, shape, fault)
/// that have a status but no reason of the domain.
/// </summary>
internal sealed record Failure(GrpcStatus Status, string MessageZh, string MessageEn, WireRefusal? Refusal = null)
{
    public static Failure DeadlineExceeded { get; } = new(
        GrpcStatus.DeadlineExceeded,
        "已超过截止时间，结果未知：请用同一请求号重发，或调用 Cancel。",
        "The deadline passed and the outcome is unknown: send the same request again, or Cancel it.");

    public static Failure Stopping { get; } = new(
        new WireRefusal("UNAVAILABLE", "服务正在停止，请重试。", "The server is stopping; try again."));

    /// <summary>The database cannot be read; what reads within a turn is told so by the turn itself.</summary>
    public static Failure Unavailable { get; } = new(
        new WireRefusal("UNAVAILABLE", "数据库暂不可用，请用同一请求重试。", "The database is not available; retry the same request."));

    public static Failure Overloaded { get; } = new(
        new WireRefusal("OVERLOADED", "服务繁忙，请稍后重试。", "The server is overloaded; try again shortly."));

    public static Failure NotPermitted { get; } = new(
        new WireRefusal("NOT_PERMITTED", "调用方无权使用此方法。", "The caller may not use this method."));

    public static Failure Compressed { get; } = new(
        GrpcStatus.Unimplemented, "不支持压缩的消息。", "Compressed messages are not supported; send identity.");

    public static Failure TooManyItems { get; } = Malformed(
        $"请求的项目过多：每个列表至多 {ApiLimits.RequestItemsMax} 项，合计至多 {ApiLimits.RequestMessagesMax} 项。",
        $"Too many items: a list has at most {ApiLimits.RequestItemsMax}, "
            + $"all lists together {ApiLimits.RequestMessagesMax}.");

    public Failure(WireRefusal refusal)
        : this(refusal.Status, refusal.MessageZh, refusal.MessageEn, refusal)
    {
    }

    public static Failure Malformed(string messageZh, string messageEn) =>
        new(new WireRefusal("MALFORMED_REQUEST", messageZh, messageEn));

    public static Failure TooLarge(int bytesMax) => new(
        GrpcStatus.ResourceExhausted,
        $"消息超过 {bytesMax} 字节的上限。",
        $"The message is larger than {bytesMax} bytes.");

    public static Failure NoSuchMethod(string path)
    {
        var asked = Excerpt.Of(path, ApiLimits.QuotedTextMax);
        return new(GrpcStatus.Unimplemented, $"没有方法 {asked}。", $"There is no method {asked}.");
    }

    /// <summary>A fault of ours. The caller learns the id under which the log has the rest, and nothing else.</summary>
    public static Failure Fault(string id) => new(
        GrpcStatus.Internal, $"内部错误，编号 {id}。", $"Internal fault {id}.");

    /// <summary>The stable word for it, in figures and in the audit.</summary>
    public string Outcome => Refusal?.Reason ?? Status.Name();

    /// <summary>What the caller sees: the reason, or the status where there is none, and what happened.</summary>
    public string Message(Language language) =>
        $"{Outcome}: {(language == Language.English ? MessageEn : MessageZh)}";
}
