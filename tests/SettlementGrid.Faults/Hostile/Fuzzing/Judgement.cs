using System.Text.Json;
using SettlementGrid.Api;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>Whether an answer is one that a caller may get, whatever it sent: a status, no insides of ours.</summary>
static class Judgement
{
    // What our own words never hold: a stack, a type of ours or of a library, the database's own messages.
    static readonly string[] s_insides =
    [
        "   at SettlementGrid", "   at System", "   at Google", "Npgsql", "Exception:", "NullReference", "StackTrace",
        ".cs:line", "SqlState", "duplicate key value", "violates ", "syntax error at or near", "relation \"",
        "invalid byte sequence",
    ];

    static readonly string[] s_codes =
    [
        "canceled", "invalid_argument", "deadline_exceeded", "not_found", "already_exists", "permission_denied",
        "resource_exhausted", "failed_precondition", "aborted", "out_of_range", "unimplemented", "unavailable",
        "unauthenticated",
    ];

    static readonly int[] s_refusedContentType = [405, 415, 505];

    /// <summary>What is wrong with the answer; null: nothing.</summary>
    public static string? Of(FuzzMessage message, FuzzAnswer answer) =>
        // A stream that is at its deadline while it writes is broken off: there is no room for a status behind what the
        // caller has not taken.
        answer.WasCancelled && message.Method.Shape == MethodShape.ServerStream ? null
        : answer.Broken is { } broken ? $"no answer: {broken}"
        : Array.Find(s_insides, one => answer.Words.Contains(one, StringComparison.Ordinal)) is { } inside
            ? $"the answer shows \"{inside}\": {answer.Words}"
        : s_refusedContentType.Contains(answer.Http) ? null
        : message.IsGrpc ? OfGrpc(answer)
        : answer.Http == 200 ? (message.IsFramed ? OfStream(answer) : null)
        : OfError(answer.Body, "code");

    /// <summary>Whether nobody can know what became of the call.</summary>
    public static bool IsUnknown(FuzzMessage message, FuzzAnswer answer) =>
        answer.Broken is not null || answer.Http is 503 or 504
        || answer.Grpc is (int)GrpcStatus.Unavailable or (int)GrpcStatus.DeadlineExceeded or (int)GrpcStatus.Cancelled;

    static string? OfGrpc(FuzzAnswer answer) =>
        answer.Http != 200 ? $"HTTP {answer.Http}"
        : answer.Grpc is null ? "no grpc-status"
        : answer.Grpc is < 0 or > 16 or (int)GrpcStatus.Unknown or (int)GrpcStatus.Internal or (int)GrpcStatus.DataLoss
            ? $"{(GrpcStatus)answer.Grpc}: {answer.Words}"
        : null;

    static string? OfStream(FuzzAnswer answer)
    {
        // The last frame has flag 2 and is an object, with an error where the stream did not end well.
        var body = answer.Body.AsSpan();
        while (body.Length >= 5)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(body[1..]);
            if (length < 0 || body.Length < 5 + length)
                return "a frame of the stream is cut off";
            if (body[0] == 2)
                return OfError(body.Slice(5, length).ToArray(), "error");
            body = body[(5 + length)..];
        }
        return "the stream has no end frame";
    }

    static string? OfError(byte[] json, string property)
    {
        try
        {
            using var read = JsonDocument.Parse(json);
            var error = read.RootElement;
            if (property == "error" && !error.TryGetProperty("error", out error))
                return null;
            var code = error.GetProperty("code").GetString();
            return s_codes.Contains(code) ? null : $"code {code}: {error}";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"no error of Connect's: {System.Text.Encoding.UTF8.GetString(json)}";
        }
    }
}
