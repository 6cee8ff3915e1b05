namespace SettlementGrid.Server.Composition;

/// <summary>
/// Stands between the listeners and the methods. The listeners open first (a port in use shows before a database is
/// started, and /healthz answers from the beginning); until the methods are there, callers are told to come back.
/// </summary>
public sealed class Gate(Readiness readiness)
{
    private volatile RequestDelegate? _methods;

    /// <summary>From now on requests go to the methods.</summary>
    public void Open(RequestDelegate methods) => _methods = methods;

    public Task PassAsync(HttpContext context) => _methods is { } methods ? methods(context) : RefuseAsync(context);

    private async Task RefuseAsync(HttpContext context)
    {
        var message = $"UNAVAILABLE: the server is {readiness.State}; send the same request again";
        var response = context.Response;
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            // A gRPC answer of status and nothing else: 14 is UNAVAILABLE.
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = "14";
            response.Headers["grpc-message"] = Uri.EscapeDataString(message);
            return;
        }

        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.RetryAfter = "1";
        await response.WriteAsJsonAsync(
            new Dictionary<string, string> { ["code"] = "unavailable", ["message"] = message });
    }
}
