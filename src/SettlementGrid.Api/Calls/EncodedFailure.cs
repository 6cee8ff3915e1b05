using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Primitives;
using SettlementGrid.Plans;

namespace SettlementGrid.Api;

/// <summary>A failure as gRPC's headers or trailers carry it.</summary>
/// <param name="Reason">Empty where it has none.</param>
/// <param name="Details">Base64 of a google.rpc.Status; empty where there are none, or too many bytes of them.</param>
internal sealed record EncodedFailure(
    StringValues Status, StringValues Message, StringValues Reason, StringValues Details)
{
    // Refusing must cost little exactly when there is no time: the text of it is made once.
    private static readonly EncodedFailure s_overloadedZh = Encode(Failure.Overloaded, Language.Chinese);
    private static readonly EncodedFailure s_overloadedEn = Encode(Failure.Overloaded, Language.English);

    public static EncodedFailure Of(Failure failure, Language language) =>
        !ReferenceEquals(failure, Failure.Overloaded) ? Encode(failure, language)
        : language == Language.English ? s_overloadedEn
        : s_overloadedZh;

    private static EncodedFailure Encode(Failure failure, Language language)
    {
        var message = failure.Message(language);
        return new(
            ((int)failure.Status).ToString(),
            PercentEncode(message),
            failure.Refusal?.Reason ?? "",
            failure.Refusal is { } refusal ? DetailsOf(failure.Status, message, refusal) : default);
    }

    private static StringValues DetailsOf(GrpcStatus code, string message, WireRefusal refusal)
    {
        var status = new Google.Rpc.Status
        {
            Code = (int)code,
            Message = message,
            Details = { Any.Pack(refusal.ToMessage()) },
        };
        return status.CalculateSize() <= ApiLimits.StatusDetailsBytesMax
            ? Convert.ToBase64String(status.ToByteArray()).TrimEnd('=')
            : default(StringValues);
    }

    /// <summary>As gRPC asks: UTF-8, with everything but printable ASCII, and the percent sign, as %XX.</summary>
    private static string PercentEncode(string message)
    {
        var kept = Excerpt.Of(message, ApiLimits.StatusMessageLengthMax);
        var encoded = new StringBuilder(kept.Length * 2);
        foreach (var one in Encoding.UTF8.GetBytes(kept))
        {
            if (one is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                encoded.Append((char)one);
            }
            else
            {
                encoded.Append('%').Append(one.ToString("X2"));
            }
        }

        return encoded.ToString();
    }
}
