using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SettlementGrid.Api;
using SettlementGrid.Server.Callers;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Silo.Front;

/// <summary>gRPC's library in front of the method table; JSON as everywhere.</summary>
static class GrpcOfTable
{
    public static void AddGrpcOfTable(this WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        builder.Services.AddRouting();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = ApiLimits.MessageBytesMax;

            // One interface whatever the program: the wire by hand refuses compressed messages too.
            grpc.CompressionProviders.Clear();
        });
        builder.Services.AddSingleton<TableInUse>();
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IServiceMethodProvider<TableCalls>, TableMethods>());
    }

    public static void UseGrpcOfTable(
        this IApplicationBuilder app, MethodTable table, Doorway doorway, TimeProvider clock)
    {
        app.ApplicationServices.GetRequiredService<TableInUse>().Table = table;
        ApiSetup.UseApi(
            app, table, IdentifiedCalls.Of, clock, doorway.Audit,
            static (http, method, surroundings, next) => new LibraryExchange(http, method, surroundings, next));
        app.UseRouting();
        app.UseEndpoints(endpoints => endpoints.MapGrpcService<TableCalls>());
    }
}
