using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Npgsql;
using SettlementGrid.Api;

namespace SettlementGrid.Server.Callers;

/// <summary>Who sent a request.</summary>
/// <param name="Caller">Null: UNAUTHENTICATED.</param>
/// <param name="Claimed">Whom the audit then names: the holder of what was shown, if that is known here.</param>
public readonly record struct Identity(Caller? Caller, Caller Claimed);

/// <summary>
/// Who sent a request, from its headers and its connection alone: asked before the body is read. A key in the
/// authorization header, a client certificate of the TLS connection, or both; then both must hold and make the same
/// caller but for the id, and the certificate's is taken.
/// </summary>
/// <remarks>
/// Keys and certificates are believed from memory for <see cref="ServerLimits.KeyBelievedFor"/>; so a made one works
/// and a revoked one fails after that time at most, and a flood of wrong ones costs the database one query in that
/// time. If the database does not answer, nobody is believed any longer than that: the exception goes to the caller of
/// this method, which answers UNAVAILABLE. Only whoever reads figures is (<see cref="IdentifyForMetricsAsync"/>).
/// </remarks>
public sealed class CallerIdentity(bool keysRequired, Credentials credentials, TimeProvider clock) : IDisposable
{
    private const string Scheme = "Bearer ";

    private static readonly Identity Local = new(Caller.Local, Caller.Local);
    private static readonly Identity Nobody = new(null, Caller.Nobody);

    // What a reverse proxy adds: behind one on this machine everybody's connection comes from loopback.
    private static readonly string[] ForwardedBy = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly Lock _looks = new();
    private Task _look = Task.CompletedTask;
    private volatile string? _loopbackHost;
    private volatile Believed _believed = new(FrozenDictionary<string, Credential>.Empty, DateTimeOffset.MinValue);

    /// <summary>
    /// The caller, or null (UNAUTHENTICATED): nothing shown where something is needed, or something that is unknown,
    /// expired or revoked. A wrong key or certificate is never taken for none.
    /// </summary>
    public async ValueTask<Identity> IdentifyAsync(HttpContext context)
    {
        var (authorization, certificate) = ShownBy(context);
        return authorization.Length == 0 && certificate is null
            ? OfNothing(context)
            : Of(authorization, certificate, await BelievedAsync(context.RequestAborted));
    }

    /// <summary>
    /// As <see cref="IdentifyAsync"/>, for what must be read while the database is away and changes nothing (/metrics):
    /// if it does not answer soon, what was known last is believed for <see cref="ServerLimits.MetricsKeyBelievedFor"/>
    /// after it was read.
    /// </summary>
    /// <exception cref="TimeoutException">The database does not answer, and nothing so recent is known.</exception>
    public async ValueTask<Identity> IdentifyForMetricsAsync(HttpContext context)
    {
        var (authorization, certificate) = ShownBy(context);
        if (authorization.Length == 0 && certificate is null)
        {
            return OfNothing(context);
        }

        await LookAsync().WaitAsync(ServerLimits.MetricsKeyLookMax, clock, context.RequestAborted)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var last = _believed;
        return clock.GetUtcNow() - last.At < ServerLimits.MetricsKeyBelievedFor
            ? Of(authorization, certificate, last.All)
            : throw new TimeoutException(
                "The database does not answer, so it is not known whose key or certificate this is. Ask again.");
    }

    public void Dispose() => _reading.Dispose();

    private static (string Authorization, X509Certificate2? Certificate) ShownBy(HttpContext context) => (
        context.Request.Headers[HeaderNames.Authorization].ToString(),
        context.Features.Get<ITlsConnectionFeature>()?.ClientCertificate);

    private Identity OfNothing(HttpContext context) =>
        !keysRequired && IsPersonAtThisMachine(context) ? Local : Nobody;

    private Identity Of(
        string authorization, X509Certificate2? certificate, FrozenDictionary<string, Credential> known)
    {
        var now = clock.GetUtcNow();
        var key = authorization.Length == 0 ? (Shown?)null : OfKey(authorization, known);
        var held = certificate is null ? (Shown?)null : OfCertificate(certificate, known, now);
        var first = (held ?? key)!.Value;
        var holds = (key?.HoldsAt(now) ?? true) && (held?.HoldsAt(now) ?? true)
            && (key?.Known is not { } one || held?.Known is not { } other || one.SpeaksAs(other));
        return new Identity(
            holds ? first.Known!.Caller : null, first.Known?.Claimed ?? key?.Known?.Claimed ?? Caller.Nobody);
    }

    private static Shown OfKey(string authorization, FrozenDictionary<string, Credential> known) =>
        authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && KeyText.Parts(authorization[Scheme.Length..].Trim()) is var (id, secret)
            && known.TryGetValue(id, out var key) && key.Kind == CredentialKind.Key
            ? new Shown(key, key.Matches(KeyText.HashOf(secret)))
            : default;

    private static Shown OfCertificate(
        X509Certificate2 certificate, FrozenDictionary<string, Credential> known, DateTimeOffset now)
    {
        var shown = ClientCertificate.Of(certificate);
        return known.TryGetValue(shown.Id, out var registered) && registered.Kind == CredentialKind.Certificate
            && registered.Matches(shown.Fingerprint)
            ? new Shown(registered, shown.IsValidAt(now))
            : default;
    }

    // A page in a browser on this machine may send here too, by a name that it made resolve to 127.0.0.1 (DNS
    // rebinding) or across origins; both show in headers that a page cannot forge.
    private bool IsPersonAtThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && IsAddressedToLoopback(context.Request.Host)
        && IsLoopbackOrigin(context.Request.Headers.Origin.ToString())
        && !IsForwarded(context.Request.Headers);

    // Callers on this machine name it alike, call after call: the name is taken apart once for all of them.
    private bool IsAddressedToLoopback(HostString host)
    {
        if (host.Value == _loopbackHost)
        {
            return true;
        }

        if (!IsLoopbackName(host.Host))
        {
            return false;
        }

        _loopbackHost = host.Value;
        return true;
    }

    private static bool IsForwarded(IHeaderDictionary headers)
    {
        foreach (var header in ForwardedBy)
        {
            if (headers.ContainsKey(header))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLoopbackName(string host) =>
        host.Length == 0 || host == "localhost"
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsLoopbackOrigin(string origin) =>
        origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsLoopbackName(uri.Host));

    private async ValueTask<FrozenDictionary<string, Credential>> BelievedAsync(CancellationToken cancellation)
    {
        if (IsFresh(_believed))
        {
            return _believed.All;
        }

        await _reading.WaitAsync(cancellation);
        try
        {
            if (!IsFresh(_believed))
            {
                var at = clock.GetUtcNow();
                var all = await credentials.ListAsync(cancellation);
                _believed = new Believed(all.ToFrozenDictionary(one => one.Id), at);
            }

            return _believed.All;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>
    /// One look for all who ask for figures: on a line that swallows everything it lasts until the driver gives up,
    /// whatever it is told, and that is longer than they wait.
    /// </summary>
    private Task LookAsync()
    {
        lock (_looks)
        {
            return _look = _look.IsCompleted ? TryLookAsync() : _look;
        }
    }

    private async Task TryLookAsync()
    {
        try
        {
            await BelievedAsync(CancellationToken.None);
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException or ObjectDisposedException)
        {
            // What was known last stays as it is; at the stop nobody asks any more.
        }
    }

    private bool IsFresh(Believed believed) => clock.GetUtcNow() - believed.At < ServerLimits.KeyBelievedFor;

    /// <summary>What was shown: which key or certificate it names, and whether the holder proved to have it.</summary>
    private readonly record struct Shown(Credential? Known, bool IsProved)
    {
        public bool HoldsAt(DateTimeOffset now) => IsProved && Known!.HoldsAt(now);
    }

    private sealed record Believed(FrozenDictionary<string, Credential> All, DateTimeOffset At);
}
