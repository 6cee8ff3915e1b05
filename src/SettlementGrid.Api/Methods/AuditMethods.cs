using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Api.Methods;

/// <summary>What is folded into one record: all calls of a minute that are alike.</summary>
/// <param name="Minute">Its beginning, UTC.</param>
public readonly record struct AuditFold(DateTimeOffset Minute, string Caller, string Method, string Outcome);

/// <summary>One record of the audit.</summary>
/// <param name="Subject">Of the first call.</param>
public sealed record AuditRecord(
    AuditFold Fold, string FacilityId, string RegionId, string Subject, long Count, DateTimeOffset FirstAt,
    DateTimeOffset LastAt);

/// <summary>Which records are asked for, in the order of <see cref="AuditFold"/>'s fields.</summary>
/// <param name="Caller">Empty: all; likewise the next two.</param>
/// <param name="After">Those after this one; null: from the beginning.</param>
/// <param name="Max">How many at the most.</param>
public sealed record AuditQuery(
    DateTimeOffset From, DateTimeOffset To, string Caller, string Method, string Outcome, AuditFold? After, int Max);

/// <summary>Reads the audit. May throw <see cref="LedgerUnavailableException"/>.</summary>
public delegate Task<IReadOnlyList<AuditRecord>> AuditReading(AuditQuery query, CancellationToken cancellation);

/// <summary>AuditService over whatever the program keeps its audit in.</summary>
sealed class AuditMethods(AuditReading read)
{
    /// <summary>Records in one answer: about 300 bytes each.</summary>
    const int PageMax = 1_000;

    /// <summary>A month at a time: what an auditor reports on, and what a filter may have to walk through.</summary>
    static readonly TimeSpan WindowMax = TimeSpan.FromDays(31);

    /// <summary>Longer than any caller, method or outcome there is.</summary>
    const int FilterLengthMax = 128;

    public async ValueTask<Result<V1.ListAuditResponse>> ListAudit(V1.ListAuditRequest message, Call call)
    {
        var size = message.PageSize == 0 ? PageMax : message.PageSize;
        var refusal = Check(message) ?? Refusing.UnlessUnbound(call)
            ?? Refusing.UnlessPage(size, PageMax);
        if (refusal is not null)
            return Refusing.With(refusal);
        if (!TryRead(message, out var after))
            return Refusing.With(Refusing.ForeignPage());
        var from = message.From.ToDateTimeOffset();
        var query = new AuditQuery(
            new DateTimeOffset(from.Ticks - from.Ticks % TimeSpan.TicksPerMinute, TimeSpan.Zero),
            message.To.ToDateTimeOffset(), message.Caller, message.Method, message.Outcome, after, size + 1);
        var found = await read(query, call.Cancelled);
        var response = new V1.ListAuditResponse();
        response.Records.AddRange(found.Take(size).Select(Message));
        if (found.Count > size)
            response.NextPageToken = Token(message, found[size - 1].Fold);
        return response;
    }

    static Plans.Refusal? Check(V1.ListAuditRequest message) =>
        (message.From is null ? RequestChecks.Malformed("from", "缺失", "is missing") : null)
        ?? (message.To is null ? RequestChecks.Malformed("to", "缺失", "is missing") : null)
        ?? (message.To!.ToDateTimeOffset() - message.From!.ToDateTimeOffset() > WindowMax
            ? RequestChecks.Malformed(
                "to", $"距 from 超过 {WindowMax.Days} 天", $"is more than {WindowMax.Days} days after from")
            : null)
        ?? CheckFilter("caller", message.Caller) ?? CheckFilter("method", message.Method)
        ?? CheckFilter("outcome", message.Outcome);

    static Plans.Refusal? CheckFilter(string field, string value) =>
        value.Length > FilterLengthMax || value.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0
            ? RequestChecks.Malformed(field, "过长或含控制字符", "is too long or has control characters")
            : null;

    static V1.AuditRecord Message(AuditRecord record) => new()
    {
        Caller = record.Fold.Caller,
        FacilityId = record.FacilityId,
        RegionId = record.RegionId,
        Method = record.Fold.Method,
        Outcome = record.Fold.Outcome,
        Subject = record.Subject,
        Count = record.Count,
        FirstAt = Timestamp.FromDateTimeOffset(record.FirstAt),
        LastAt = Timestamp.FromDateTimeOffset(record.LastAt),
    };

    static string Text(V1.ListAuditRequest query) =>
        string.Join('\n', query.Caller, query.Method, query.Outcome, query.From, query.To);

    static string Token(V1.ListAuditRequest query, AuditFold last) => PageToken.Write(
        Text(query), last.Minute.ToUnixTimeSeconds(), last.Caller, last.Method, last.Outcome);

    /// <summary>The empty token is the beginning.</summary>
    static bool TryRead(V1.ListAuditRequest query, out AuditFold? after)
    {
        after = null;
        if (!PageToken.TryRead(query.PageToken, Text(query), texts: 3, out var last))
            return false;
        if (last is { Texts: [var caller, var method, var outcome] }
            && last.Number <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            && !last.Texts.Any(text => text.Contains('\0', StringComparison.Ordinal)))
            after = new AuditFold(DateTimeOffset.FromUnixTimeSeconds(last.Number), caller, method, outcome);
        return last is null || after is not null;
    }
}
