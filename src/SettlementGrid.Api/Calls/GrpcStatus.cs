namespace SettlementGrid.Api;

/// <summary>The status codes of gRPC, with its numbers.</summary>
public enum GrpcStatus
{
#pragma warning disable CS1591 // The names are gRPC's own.
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
#pragma warning restore CS1591
}

/// <summary>How each gRPC status is spelled and which HTTP status it has in the Connect protocol.</summary>
public static class GrpcStatusRows
{
    private static readonly (string Name, string ConnectCode, int Http)[] s_rows =
    [
        ("OK", "", 200),
        ("CANCELLED", "canceled", 499),
        ("UNKNOWN", "unknown", 500),
        ("INVALID_ARGUMENT", "invalid_argument", 400),
        ("DEADLINE_EXCEEDED", "deadline_exceeded", 504),
        ("NOT_FOUND", "not_found", 404),
        ("ALREADY_EXISTS", "already_exists", 409),
        ("PERMISSION_DENIED", "permission_denied", 403),
        ("RESOURCE_EXHAUSTED", "resource_exhausted", 429),
        ("FAILED_PRECONDITION", "failed_precondition", 400),
        ("ABORTED", "aborted", 409),
        ("OUT_OF_RANGE", "out_of_range", 400),
        ("UNIMPLEMENTED", "unimplemented", 501),
        ("INTERNAL", "internal", 500),
        ("UNAVAILABLE", "unavailable", 503),
        ("DATA_LOSS", "data_loss", 500),
        ("UNAUTHENTICATED", "unauthenticated", 401),
    ];

    /// <summary>As gRPC writes it, for example INVALID_ARGUMENT.</summary>
    public static string Name(this GrpcStatus status) => s_rows[(int)status].Name;

    /// <summary>As Connect writes it, for example invalid_argument.</summary>
    public static string ConnectCode(this GrpcStatus status) => s_rows[(int)status].ConnectCode;

    /// <summary>The HTTP status of a Connect unary answer.</summary>
    public static int Http(this GrpcStatus status) => s_rows[(int)status].Http;
}
