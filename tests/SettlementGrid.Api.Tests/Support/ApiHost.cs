using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace SettlementGrid.Api.Tests;

/// <summary>The wire on a real Kestrel: cleartext HTTP/2 on one loopback port, HTTP/1.1 on another.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app, LogLines log, FloodGuard guard)
    {
        (_app, Log, Guard) = (app, log, guard);
        var addresses = app.Urls.ToArray();
        Grpc = new GrpcClient(new Uri(addresses[0]));
        Http1 = new HttpClient { BaseAddress = new Uri(addresses[1]), Timeout = TimeSpan.FromSeconds(30) };
    }

    public GrpcClient Grpc { get; }

    public HttpClient Http1 { get; }

    public LogLines Log { get; }

    /// <summary>Of both listeners, and of the one by TLS.</summary>
    public FloodGuard Guard { get; }

    /// <summary>Where it serves both HTTP/1.1 and HTTP/2 by TLS, if it was given a certificate.</summary>
    public Uri Tls => new(_app.Urls.Single(url => url.StartsWith("https", StringComparison.Ordinal)));

    public static async Task<ApiHost> StartAsync(
        FakeHandlers? handlers = null,
        TimeProvider? clock = null,
        Func<HttpContext, Result<Caller>>? identify = null,
        Func<bool>? serving = null,
        AdmissionBounds? bounds = null,
        AuditHook? audit = null,
        TimeProvider? guardClock = null,
        X509Certificate2? certificate = null)
    {
        clock ??= TimeProvider.System;
        var log = new LogLines();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        var guard = new FloodGuard(
            guardClock ?? TimeProvider.System, new Logger<FloodGuard>(LoggerFactory.Create(to => to.AddProvider(log))));
        void Listen(KestrelServerOptions kestrel, HttpProtocols protocols, Action<ListenOptions>? tls = null) =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, at =>
            {
                at.Protocols = protocols;
                at.UseFloodGuard(guard, tls);
            });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.LimitConnections();
            Listen(kestrel, HttpProtocols.Http2);
            Listen(kestrel, HttpProtocols.Http1);
            if (certificate is not null)
            {
                Listen(kestrel, HttpProtocols.Http1AndHttp2, plain => plain.UseHttps(certificate));
            }
        });
        var app = builder.Build();
        var table = MethodTable.Of((handlers ?? new FakeHandlers()).ToHandlers(), serving ?? (() => true), clock);
        identify ??= _ => Caller.Local;
        ApiSetup.UseSettlementGridApi(
            app, table, identify, clock, new Admission(bounds ?? new AdmissionBounds(), clock, () => TimeSpan.Zero),
            audit);

        app.Run(http => http.Response.WriteAsync("passed through"));
        await app.StartAsync();
        return new ApiHost(app, log, guard);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Grpc.Dispose();
        Http1.Dispose();
        await _app.DisposeAsync();
        Guard.Dispose();
    }
}

/// <summary>Everything that was logged as an error.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _errors = new();

    public IReadOnlyCollection<string> Errors => _errors;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error)
        {
            _errors.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
