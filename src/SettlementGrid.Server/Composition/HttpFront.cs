using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SettlementGrid.Api;
using SettlementGrid.Server.Callers;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Logging;
using SettlementGrid.Server.Metrics;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// The listeners: cleartext HTTP/1.1 and HTTP/2 on two loopback ports, or one TLS port for both. /healthz and
/// /metrics are answered here, everything else goes through the gate.
/// </summary>
/// <remarks>
/// Built from an empty host: no environment variable, no appsettings.json in the current folder changes what it
/// does; the command line is all there is.
/// </remarks>
public sealed class HttpFront : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpFront(WebApplication app) => _app = app;

    public ILoggerFactory Logs => _app.Services.GetRequiredService<ILoggerFactory>();

    /// <summary>The addresses really listened on, HTTP/1.1 (or TLS) first.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _app.Urls.Select(url => new Uri(url))];

    /// <param name="mayReadMetrics">
    /// asked for /metrics, which shows figures of the business; TimeoutException: it cannot be known now.
    /// </param>
    /// <param name="configure">adds services of a program that needs more.</param>
    public static async Task<HttpFront> StartAsync(
        RunSettings settings, Readiness readiness, Gate gate, MetricCollection metrics, JsonLines logs,
        TimeProvider clock, Func<HttpContext, ValueTask<bool>> mayReadMetrics,
        CancellationToken cancellation, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(logs)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None) // ours says why it cannot listen
            // Asked at every request, and an activity with an id of its own made for each that it may log. What it
            // would log is logged by Kestrel too (a fault) or by nobody here (a request).
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .SetMinimumLevel(LogLevel.Information);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(clock).AddSingleton<FloodGuard>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => Configure(kestrel, settings));
        configure?.Invoke(builder);
        var app = builder.Build();
        app.Run(context => context.Request.Path.Value switch
        {
            "/healthz" => AnswerHealthAsync(context, readiness),
            "/metrics" => AnswerMetricsAsync(context, metrics, mayReadMetrics),
            _ => gate.PassAsync(context),
        });
        await ListenAsync(app, settings, cancellation);
        return new HttpFront(app);
    }

    /// <summary>
    /// What the gate lets requests through to: who calls, then the methods; any other path is not found.
    /// </summary>
    /// <param name="wire">puts the methods in otherwise; after it is known who calls.</param>
    public RequestDelegate Pipeline(
        MethodTable methods, Doorway doorway, TimeProvider clock, Action<IApplicationBuilder, MethodTable>? wire = null)
    {
        var pipeline = new ApplicationBuilder(_app.Services);
        pipeline.Use(next => http => doorway.Calls.InvokeAsync(http, next));
        if (wire is null)
        {
            pipeline.UseSettlementGridApi(methods, IdentifiedCalls.Of, clock, doorway.Audit);
        }
        else
        {
            wire(pipeline, methods);
        }

        pipeline.Run(http =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        return pipeline.Build();
    }

    /// <summary>Takes no new call and waits for those under way, at most <see cref="ServerLimits.DrainMax"/>.</summary>
    public async Task DrainAsync()
    {
        using var bounded = new CancellationTokenSource(ServerLimits.DrainMax);
        await _app.StopAsync(bounded.Token);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task AnswerHealthAsync(HttpContext context, Readiness readiness)
    {
        context.Response.StatusCode = readiness.IsReady ? 200 : 503;
        return context.Response.WriteAsync(readiness.State + "\n");
    }

    private static async Task AnswerMetricsAsync(
        HttpContext context, MetricCollection metrics, Func<HttpContext, ValueTask<bool>> mayRead)
    {
        try
        {
            if (!await mayRead(context))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }
        }
        catch (TimeoutException unknown)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync(unknown.Message + "\n");
            return;
        }

        context.Response.ContentType = PrometheusText.ContentType;
        await context.Response.WriteAsync(metrics.Text());
    }

    private static async Task ListenAsync(WebApplication app, RunSettings settings, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception failed) when (failed is IOException or System.Net.Sockets.SocketException)
        {
            await app.DisposeAsync();
            throw new CannotStartException(
                $"Cannot listen on {settings.Listen}, port {settings.Port}"
                + (settings.Tls ? "" : $" or {settings.GrpcPort}") + $": {failed.Message}\n"
                + "If another server uses it, stop that one, or choose others with --port and --grpc-port.",
                failed);
        }
    }

    private static void Configure(KestrelServerOptions kestrel, RunSettings settings)
    {
        kestrel.LimitConnections();
        var guard = kestrel.ApplicationServices.GetRequiredService<FloodGuard>();
        if (settings.Tls)
        {
            kestrel.Listen(settings.Listen, settings.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseFloodGuard(guard, tls: plain => plain.UseHttps(Https(settings)));
            });
            return;
        }

        foreach (var (port, protocols) in (ReadOnlySpan<(int, HttpProtocols)>)
            [(settings.Port, HttpProtocols.Http1), (settings.GrpcPort, HttpProtocols.Http2)])
        {
            kestrel.Listen(settings.Listen, port, listen =>
            {
                listen.Protocols = protocols;
                listen.UseFloodGuard(guard);
            });
        }
    }

    private static HttpsConnectionAdapterOptions Https(RunSettings settings)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(settings.TlsCertificate!);
            var certificate = X509Certificate2.CreateFromPemFile(settings.TlsCertificate!, settings.TlsKey);

            // Windows' TLS needs the key in a store of its own, which a PKCS#12 import makes.
            return new HttpsConnectionAdapterOptions
            {
                ServerCertificate = OperatingSystem.IsWindows()
                    ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null)
                    : certificate,
                ServerCertificateChain = chain,
                SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

                // Asked for, not required, and any is let through: CallerIdentity believes registered fingerprints and
                // nothing else, and refuses a wrong certificate with an answer instead of a broken handshake.
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = (_, _, _) => true,
                OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = new X509ChainPolicy
                {
                    // Nor is anything fetched from where a caller's certificate points.
                    DisableCertificateDownloads = true,
                    RevocationMode = X509RevocationMode.NoCheck,
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                },
            };
        }
        catch (Exception failed) when (failed is IOException or System.Security.Cryptography.CryptographicException
            or UnauthorizedAccessException)
        {
            throw new CannotStartException(
                $"The certificate {settings.TlsCertificate} with the key {settings.TlsKey} cannot be used: "
                + failed.Message, failed);
        }
    }

    // The stop has an order (readiness, listeners, engine, database) that the run keeps itself.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
