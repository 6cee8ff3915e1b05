using Google.Protobuf;
using SettlementGrid.Api;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>What is sent once.</summary>
/// <param name="What">What was done to a valid request.</param>
sealed record FuzzMessage(int Number, Method Method, string ContentType, byte[] Body, string What)
{
    const int ShownMax = 1_000;

    public bool IsJson => ContentType.EndsWith("json", StringComparison.Ordinal);

    public bool IsGrpc => ContentType == "application/grpc";

    /// <summary>Whether its bytes stand behind a prefix of five.</summary>
    public bool IsFramed => IsGrpc || ContentType.StartsWith("application/connect", StringComparison.Ordinal);

    /// <summary>
    /// Sends the same bytes to a server that listens there; of a long body the beginning is shown, and all of it made
    /// again by the same seed.
    /// </summary>
    public string Again(Uri server) =>
        $"{Method.Path} ({What}, {Body.Length} bytes): echo {Shown} | xxd -r -p | curl -s --http2-prior-knowledge "
        + $"-H 'content-type: {ContentType}' -H 'te: trailers' --data-binary @- -D - "
        + server.GetLeftPart(UriPartial.Authority) + Method.Path;

    string Shown => Convert.ToHexString(Body.AsSpan(0, Math.Min(Body.Length, ShownMax)));
}

/// <summary>Messages of every method in turn. The n-th follows from the seed and n alone.</summary>
sealed class FuzzMessages(int seed)
{
    static readonly JsonFormatter s_json = new(
        JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithPreserveProtoFieldNames(true));

    static readonly string[] s_wrongTypes =
        ["text/plain", "application/grpc-web", "application/xml", "application/grpc+json", "multipart/form-data"];

    public Seeds Seeds { get; } = new(seed);

    public FuzzMessage Of(int number)
    {
        var draw = new Random(unchecked(seed * 486_187_739 + number * 16_777_619));
        var method = FuzzTable.Rows[number % FuzzTable.Rows.Count];
        var message = Seeds.Of(method.Descriptor.InputType, number, draw);
        var what = draw.Next(2) == 0 ? FieldMutation.Apply(message, draw) : "valid";
        var connect = method.Shape == MethodShape.Unary ? "" : "connect+";
        return draw.Next(100) switch
        {
            < 3 => Binary(number, method, message, s_wrongTypes[draw.Next(s_wrongTypes.Length)], what, draw),
            < 30 => Json(number, method, message, $"application/{connect}json", what, draw),
            < 40 => Binary(number, method, message, $"application/{connect}proto", what, draw),
            _ => Binary(number, method, message, "application/grpc", what, draw),
        };
    }

    static FuzzMessage Binary(int number, Method method, IMessage message, string type, string what, Random draw)
    {
        var bytes = message.ToByteArray();
        for (var damage = Damages(what, draw); damage > 0; damage--)
            (bytes, what) = ByteMutation.Apply(bytes, method.Descriptor.InputType, draw) is var (damaged, how)
                ? (damaged, $"{what}, {how}") : (bytes, what);
        return Framed(new FuzzMessage(number, method, type, bytes, what), draw);
    }

    static FuzzMessage Json(int number, Method method, IMessage message, string type, string what, Random draw)
    {
        // A timestamp beyond the calendar has no JSON.
        var json = FieldMutation.HasNoJson(message)
            ? "{\"settled_from\": \"+10000-01-01T00:00:00Z\"}"
            : s_json.Format(message);
        var (bytes, how) = Damages(what, draw) > 0
            ? JsonMutation.Apply(json, draw)
            : (System.Text.Encoding.UTF8.GetBytes(json), "as it is");
        return Framed(new FuzzMessage(number, method, type, bytes, $"{what}, {how}"), draw);
    }

    // A request is changed in a field, in its bytes, in both, or (one in twenty) in nothing.
    static int Damages(string what, Random draw) =>
        what != "valid" ? draw.Next(2) : draw.Next(10) == 0 ? 0 : draw.Next(1, 4);

    static FuzzMessage Framed(FuzzMessage message, Random draw)
    {
        if (!message.IsFramed)
            return message;
        if (draw.Next(10) > 0)
            return message with { Body = Wire.Frames.Grpc(message.Body) };
        var (framed, how) = ByteMutation.Framed(message.Body, draw);
        return message with { Body = framed, What = $"{message.What}, {how}" };
    }
}
