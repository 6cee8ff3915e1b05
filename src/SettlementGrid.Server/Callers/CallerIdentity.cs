using System.Collections.Frozen;
using System.Net;
using Microsoft.Net.Http.Headers;
using SettlementGrid.Api;

namespace SettlementGrid.Server.Callers;

/// <summary>
/// Who sent a request, from its headers alone: asked before the body is read.
/// </summary>
/// <remarks>
/// Keys are believed from memory for <see cref="ServerLimits.KeyBelievedFor"/>; so a made key works and a revoked
/// one fails after that time at most, and a flood of wrong keys costs the database one query in that time.
/// If the database does not answer, nobody is believed any longer than that: the exception goes to the caller of
/// this method, which answers UNAVAILABLE.
/// </remarks>
public sealed class CallerIdentity(bool keysRequired, ApiKeys keys, TimeProvider clock) : IDisposable
{
    private const string Scheme = "Bearer ";

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Believed _believed = new(FrozenDictionary<string, ApiKey>.Empty, DateTimeOffset.MinValue);

    /// <summary>
    /// The caller, or null (UNAUTHENTICATED): no key where one is needed, or one that is unknown, expired or revoked.
    /// A wrong key is never taken for no key.
    /// </summary>
    public async ValueTask<Caller?> IdentifyAsync(HttpContext context)
    {
        var authorization = context.Request.Headers[HeaderNames.Authorization].ToString();
        if (authorization.Length == 0)
        {
            return !keysRequired && IsPersonAtThisMachine(context) ? Caller.Local : null;
        }

        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || ApiKey.Parts(authorization[Scheme.Length..].Trim()) is not var (keyId, secret))
        {
            return null;
        }

        var known = await BelievedAsync(context.RequestAborted);
        return known.TryGetValue(keyId, out var key) && key.Opens(secret) && key.HoldsAt(clock.GetUtcNow())
            ? key.Caller
            : null;
    }

    public void Dispose() => _reading.Dispose();

    // A page in a browser on this machine may send here too, by a name that it made resolve to 127.0.0.1 (DNS
    // rebinding) or across origins; both show in headers that a page cannot forge.
    private static bool IsPersonAtThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && IsLoopbackName(context.Request.Host.Host)
        && IsLoopbackOrigin(context.Request.Headers.Origin.ToString());

    private static bool IsLoopbackName(string host) =>
        host.Length == 0 || host == "localhost"
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsLoopbackOrigin(string origin) =>
        origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsLoopbackName(uri.Host));

    private async ValueTask<FrozenDictionary<string, ApiKey>> BelievedAsync(CancellationToken cancellation)
    {
        if (IsFresh(_believed))
        {
            return _believed.Keys;
        }

        await _reading.WaitAsync(cancellation);
        try
        {
            if (!IsFresh(_believed))
            {
                var at = clock.GetUtcNow();
                var holding = await keys.HoldingAsync(cancellation);
                _believed = new Believed(holding.ToFrozenDictionary(key => key.KeyId), at);
            }

            return _believed.Keys;
        }
        finally
        {
            _reading.Release();
        }
    }

    private bool IsFresh(Believed believed) => clock.GetUtcNow() - believed.At < ServerLimits.KeyBelievedFor;

    private sealed record Believed(FrozenDictionary<string, ApiKey> Keys, DateTimeOffset At);
}
