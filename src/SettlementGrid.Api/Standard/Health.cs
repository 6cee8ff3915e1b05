using System.Collections.Frozen;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SettlementGrid.Api;

/// <summary>
/// grpc.health.v1: the whole program, or any one of its services, serves exactly while it can commit.
/// </summary>
internal sealed class Health(Func<bool> serving, IEnumerable<Method> methods, TimeProvider clock)
{
    private readonly FrozenSet<string> _services =
        methods.Select(method => method.Descriptor.Service.FullName).Append("").ToFrozenSet();

    /// <summary>The status now; NOT_FOUND for a service that is not served.</summary>
    public ValueTask<Result<HealthCheckResponse>> Check(HealthCheckRequest request, Call call) =>
        new(_services.Contains(request.Service)
            ? new HealthCheckResponse { Status = Status(request) }
            : (Result<HealthCheckResponse>)new WireRefusal(
                "SERVICE_UNKNOWN", "没有此服务。", "There is no such service."));

    /// <summary>The status now and whenever it has changed; looks once a second.</summary>
    public async ValueTask<WireRefusal?> Watch(
        HealthCheckRequest request, Call call, Func<HealthCheckResponse, ValueTask> write)
    {
        using var pace = new PeriodicTimer(ApiLimits.HealthWatchPeriod, clock);
        var told = ServingStatus.Unknown;
        do
        {
            var status = Status(request);
            if (status != told)
            {
                await write(new HealthCheckResponse { Status = status });
                told = status;
            }
        }
        while (await pace.WaitForNextTickAsync(call.Cancelled));

        return null;
    }

    private ServingStatus Status(HealthCheckRequest request) =>
        !_services.Contains(request.Service) ? ServingStatus.ServiceUnknown
        : serving() ? ServingStatus.Serving
        : ServingStatus.NotServing;
}
