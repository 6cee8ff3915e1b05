using Npgsql;
using SettlementGrid.Api;

namespace SettlementGrid.Server.Callers;

/// <summary>
/// Finds out who calls before the wire asks: keys may have to be read from the database, which the wire must not wait
/// for. A caller without a key on loopback is known at once.
/// </summary>
public sealed class IdentifiedCalls(CallerIdentity identity)
{
    private static readonly Identified Unknown = new(new WireRefusal(
        "UNAUTHENTICATED", "缺少有效的接口密钥或客户端证书",
        "A valid API key (authorization: Bearer …) or client certificate is needed"));

    private static readonly Identified NoDatabase = new(new WireRefusal(
        "UNAVAILABLE", "暂时无法核对密钥，请稍后用同一请求重试", "Keys cannot be looked up now; send the same request again"));

    private static readonly Identified Local = new(Caller.Local);

    /// <summary>Puts the caller or the refusal where <see cref="Of"/> finds it, then goes on.</summary>
    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var identifying = identity.IdentifyAsync(http);
        if (!identifying.IsCompletedSuccessfully)
        {
            return WaitAsync(identifying, http, next);
        }

        Put(http, identifying.Result);
        return next(http);
    }

    /// <summary>What was found out about the caller of this request.</summary>
    public static Result<Caller> Of(HttpContext http) => http.Features.Get<Identified>()!.Result;

    private static async Task WaitAsync(ValueTask<Identity> identifying, HttpContext http, RequestDelegate next)
    {
        try
        {
            Put(http, await identifying);
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException)
        {
            http.Features.Set(NoDatabase);
        }

        await next(http);
    }

    private static void Put(HttpContext http, Identity identity)
    {
        if (identity.Caller is not { } caller)
        {
            http.Features.Set(new ClaimedCaller(identity.Claimed));
            http.Features.Set(Unknown);
            return;
        }

        http.Features.Set(ReferenceEquals(caller, Caller.Local) ? Local : new Identified(caller));
    }

    private sealed class Identified(Result<Caller> result)
    {
        public Result<Caller> Result => result;
    }
}
