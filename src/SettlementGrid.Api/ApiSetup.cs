using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SettlementGrid.Api;

/// <summary>What a program calls to serve the interface on Kestrel.</summary>
public static class ApiSetup
{
    /// <summary>Sets every bound of connections, headers and bodies (<see cref="ConnectionLimits"/>).</summary>
    public static void LimitConnections(this KestrelServerOptions kestrel)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        ConnectionLimits.ApplyTo(kestrel);
    }

    /// <summary>
    /// Ends connections of this listener that flood it with frames, slows down where they come from, and bounds how
    /// many of an address ask nothing.
    /// </summary>
    /// <param name="listen">The listener.</param>
    /// <param name="guard">The same for all listeners.</param>
    /// <param name="tls">Puts TLS in its place between the two parts of the guard; null: cleartext.</param>
    public static void UseFloodGuard(this ListenOptions listen, FloodGuard guard, Action<ListenOptions>? tls = null)
    {
        ArgumentNullException.ThrowIfNull(listen);
        ArgumentNullException.ThrowIfNull(guard);
        listen.Use(guard.Hold);
        tls?.Invoke(listen);
        listen.Use(guard.Watch);
    }

    /// <summary>
    /// Serves the methods of <paramref name="table"/> as gRPC (HTTP/2) and as JSON (HTTP/1.1 and HTTP/2). Requests
    /// for other paths pass through.
    /// </summary>
    /// <param name="app">Whose Kestrel was given <see cref="LimitConnections"/>.</param>
    /// <param name="table">The methods.</param>
    /// <param name="identify">
    /// Who calls, from the connection and the headers; asked before anything of the body is read, so it must not read
    /// it, nor wait. It refuses with UNAUTHENTICATED.
    /// </param>
    /// <param name="clock">Times calls and their deadlines.</param>
    /// <param name="audit">Told of calls that must be accounted for; null: nobody is.</param>
    public static IApplicationBuilder UseSettlementGridApi(
        this IApplicationBuilder app,
        MethodTable table,
        Func<HttpContext, Result<Caller>> identify,
        TimeProvider clock,
        AuditHook? audit = null) => UseApi(app, table, identify, clock, audit, grpc: null);

    /// <param name="grpc">Another implementation of gRPC; null: the one by hand.</param>
    internal static IApplicationBuilder UseApi(
        IApplicationBuilder app, MethodTable table, Func<HttpContext, Result<Caller>> identify, TimeProvider clock,
        AuditHook? audit, GrpcWire? grpc)
    {
        ArgumentNullException.ThrowIfNull(app);
        var wait = new PoolWait(clock);
        var admission = new Admission(new AdmissionBounds(), clock, wait.TakeLeast);
        var figures = new AdmissionFigures(admission);
        app.ApplicationServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(() =>
        {
            figures.Dispose();
            wait.Dispose();
        });
        return UseSettlementGridApi(app, table, identify, clock, admission, audit, grpc);
    }

    internal static IApplicationBuilder UseSettlementGridApi(
        IApplicationBuilder app,
        MethodTable table,
        Func<HttpContext, Result<Caller>> identify,
        TimeProvider clock,
        Admission admission,
        AuditHook? audit = null,
        GrpcWire? grpc = null)
    {
        var services = app.ApplicationServices;
        var surroundings = new Surroundings(
            identify,
            clock,
            services.GetRequiredService<ILoggerFactory>().CreateLogger("SettlementGrid.Api"),
            admission,
            audit ?? AuditHook.None,
            services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        CallFigures.Begin(table.Rows);
        var dispatch = new Dispatch(table, surroundings, grpc);
        return app.Use(next => http => dispatch.InvokeAsync(http, next));
    }
}
