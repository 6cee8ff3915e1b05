using System.Collections.Immutable;
using SettlementGrid.Api.V1;
using Excerpt = SettlementGrid.Plans.Excerpt;

namespace SettlementGrid.Api;

/// <summary>
/// An expected failure, as a value: handlers return it, they never throw it. Its status follows from its reason.
/// </summary>
public sealed record WireRefusal
{
    /// <param name="reason">One of <see cref="RefusalReasons.InOrder"/>.</param>
    /// <param name="messageZh">
    /// A Chinese sentence without the reason in front; cut at <see cref="ApiLimits.RefusalTextMax"/>.
    /// </param>
    /// <param name="messageEn">The same in English.</param>
    /// <param name="numbers">
    /// Figures and ids of the reason, cut alike; no person's data but what the caller sent.
    /// </param>
    /// <exception cref="ArgumentException">The reason is not in the table.</exception>
    public WireRefusal(
        string reason, string messageZh, string messageEn, IReadOnlyDictionary<string, string>? numbers = null)
    {
        var row = RefusalReasons.Row(reason);
        Reason = row.Reason;
        Status = row.Status;
        Advice = row.Advice;
        MessageZh = Excerpt.Of(messageZh, ApiLimits.RefusalTextMax);
        MessageEn = Excerpt.Of(messageEn, ApiLimits.RefusalTextMax);
        Numbers = Bounded(numbers ?? ImmutableDictionary<string, string>.Empty);
    }

    /// <summary>The stable reason.</summary>
    public string Reason { get; }

    /// <summary>The status of the reason.</summary>
    public GrpcStatus Status { get; }

    /// <summary>What helps; the table's advice for the reason unless set.</summary>
    public Advice Advice { get; init; }

    /// <summary>A Chinese sentence.</summary>
    public string MessageZh { get; }

    /// <summary>An English sentence.</summary>
    public string MessageEn { get; }

    /// <summary>Figures and ids that belong to the reason.</summary>
    public IReadOnlyDictionary<string, string> Numbers { get; }

    /// <summary>The refusal as a message, for error details and for the results of SettleMany.</summary>
    public Refusal ToMessage()
    {
        var message = new Refusal { Reason = Reason, Advice = Advice, MessageZh = MessageZh, MessageEn = MessageEn };
        foreach (var (name, value) in Numbers)
        {
            message.Numbers.Add(name, value);
        }

        return message;
    }

    private static IReadOnlyDictionary<string, string> Bounded(IReadOnlyDictionary<string, string> numbers) =>
        numbers.All(one => one.Value.Length <= ApiLimits.RefusalTextMax)
            ? numbers
            : numbers.ToDictionary(one => one.Key, one => Excerpt.Of(one.Value, ApiLimits.RefusalTextMax));
}
