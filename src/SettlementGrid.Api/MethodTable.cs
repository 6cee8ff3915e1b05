using System.Collections.Frozen;
using System.Collections.Immutable;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.ApiLimits;
using static SettlementGrid.Api.Roles;

namespace SettlementGrid.Api;

/// <summary>
/// Every method that callers can reach, one row each: who may call it, how large its request may be, how long it may
/// take and what it does. gRPC, JSON, reflection and the role check all read this table and nothing else, so a method
/// without a row cannot be called and a row without roles or limits cannot be written.
/// </summary>
public sealed class MethodTable
{
    private const Roles Readers = Insurer | County | City | Auditor;
    private const Roles Settlers = Hospital | Insurer;

    private readonly FrozenDictionary<string, Method> _byPath;

    private MethodTable(ImmutableArray<Method> rows)
    {
        Rows = rows;
        _byPath = rows.ToFrozenDictionary(row => row.Path);
    }

    /// <summary>The rows, in the order of the .proto files.</summary>
    public ImmutableArray<Method> Rows { get; }

    /// <summary>The table of a program whose methods do what <paramref name="handlers"/> say.</summary>
    /// <param name="handlers">What the business methods do.</param>
    /// <param name="serving">Whether the program can commit now; asked by health probes, must return at once.</param>
    /// <param name="clock">Paces health watches.</param>
    public static MethodTable Of(Handlers handlers, Func<bool> serving, TimeProvider clock)
    {
        ImmutableArray<Method> business =
            [.. Settlements(handlers), .. Registers(handlers), .. Plans(handlers), .. Funds(handlers)];
        var health = new Health(serving, business, clock);
        var services = business.Select(row => row.Descriptor.Service)
            .Append(HealthReflection.Descriptor.Services[0])
            .Append(ReflectionReflection.Descriptor.Services[0])
            .Distinct();
        var reflection = new Reflection(services);
        return new([.. business, .. Standard(health, reflection)]);
    }

    /// <summary>The row of an HTTP path such as <c>/settlementgrid.v1.SettlementService/Settle</c>.</summary>
    public Method? Find(string path) => _byPath.GetValueOrDefault(path);

    private static IEnumerable<Method> Settlements(Handlers to)
    {
        var service = SettlementServiceReflection.Descriptor.FindTypeByName<ServiceDescriptor>("SettlementService");
        return
        [
            Unary(service, "Preview", Settlers, SingleBytesMax, SettleRequest.Parser, to.Preview),
            Unary(service, "Settle", Settlers, SingleBytesMax, SettleRequest.Parser, to.Settle),
            Unary(service, "Reverse", Settlers, SingleBytesMax, ReverseRequest.Parser, to.Reverse),
            Unary(service, "Cancel", Settlers, SingleBytesMax, CancelRequest.Parser, to.Cancel),
            Unary(service, "GetSettlement", Hospital | Readers, SingleBytesMax,
                GetSettlementRequest.Parser, to.GetSettlement),
            Unary(service, "ListSettlements", Hospital | Readers, SingleBytesMax,
                ListSettlementsRequest.Parser, to.ListSettlements),
            Unary(service, "SettleMany", Settlers, MessageBytesMax, SettleManyRequest.Parser, to.SettleMany),
        ];
    }

    private static IEnumerable<Method> Registers(Handlers to)
    {
        var people = EnrolleeReflection.Descriptor.FindTypeByName<ServiceDescriptor>("EnrolleeService");
        var places = FacilityReflection.Descriptor.FindTypeByName<ServiceDescriptor>("FacilityService");
        return
        [
            Unary(people, "PutEnrollees", County | City, MessageBytesMax, PutEnrolleesRequest.Parser, to.PutEnrollees),
            Unary(people, "PutOpeningBalances", City, MessageBytesMax,
                PutOpeningBalancesRequest.Parser, to.PutOpeningBalances),
            Unary(people, "GetAccount", Readers, SingleBytesMax, GetAccountRequest.Parser, to.GetAccount),
            Unary(places, "PutFacilities", City, MessageBytesMax, PutFacilitiesRequest.Parser, to.PutFacilities),
            Unary(places, "GetFacility", All, SingleBytesMax, GetFacilityRequest.Parser, to.GetFacility),
        ];
    }

    private static IEnumerable<Method> Plans(Handlers to)
    {
        var service = PlanReflection.Descriptor.FindTypeByName<ServiceDescriptor>("PlanService");
        yield return Unary(service, "ListPlans", All, SingleBytesMax, ListPlansRequest.Parser, to.ListPlans);
        yield return Unary(service, "GetPlan", All, SingleBytesMax, GetPlanRequest.Parser, to.GetPlan);
        yield return Unary(service, "ValidatePlan", All, PlanBytesMax, ValidatePlanRequest.Parser, to.ValidatePlan);
        if (to.PublishPlan is { } publish)
            yield return Unary(service, "PublishPlan", City | Operator, PlanBytesMax, PublishPlanRequest.Parser, publish);
        yield return new ServerStreamMethod<SimulateRequest, SimulateResponse>(
            service.FindMethodByName("Simulate"), Readers, PlanBytesMax, StreamDeadline, SimulateRequest.Parser,
            to.Simulate);
    }

    private static IEnumerable<Method> Funds(Handlers to)
    {
        var service = FundReflection.Descriptor.FindTypeByName<ServiceDescriptor>("FundService");
        return
        [
            Unary(service, "GetPosition", Readers, SingleBytesMax, GetPositionRequest.Parser, to.GetPosition),
            Unary(service, "ListPositions", Readers, SingleBytesMax, ListPositionsRequest.Parser, to.ListPositions),
            new ServerStreamMethod<WatchPositionsRequest, WatchPositionsResponse>(
                service.FindMethodByName("WatchPositions"), Readers, SingleBytesMax, StreamDeadline,
                WatchPositionsRequest.Parser, to.WatchPositions),
            // The city keeps the pool; districts with separate books (Tongliao clauses 2 and 12) enter their own.
            Unary(service, "RecordPremium", County | City, SingleBytesMax,
                RecordPremiumRequest.Parser, to.RecordPremium),
        ];
    }

    private static IEnumerable<Method> Standard(Health health, Reflection reflection)
    {
        var probes = HealthReflection.Descriptor.FindTypeByName<ServiceDescriptor>("Health");
        var mirror = ReflectionReflection.Descriptor.FindTypeByName<ServiceDescriptor>("ServerReflection")
            .FindMethodByName("ServerReflectionInfo");
        return
        [
            Unary(probes, "Check", Anyone, SingleBytesMax, HealthCheckRequest.Parser, health.Check),
            new ServerStreamMethod<HealthCheckRequest, HealthCheckResponse>(
                probes.FindMethodByName("Watch"), Anyone, SingleBytesMax, StreamDeadline, HealthCheckRequest.Parser,
                health.Watch),
            new BidiMethod<ServerReflectionRequest, ServerReflectionResponse>(
                mirror, All, SingleBytesMax, StreamDeadline, ServerReflectionRequest.Parser, reflection.Answer),
            // The same messages under the name that clients of before 2023 ask for.
            new BidiMethod<ServerReflectionRequest, ServerReflectionResponse>(
                mirror, All, SingleBytesMax, StreamDeadline, ServerReflectionRequest.Parser, reflection.Answer,
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
        ];
    }

    private static UnaryMethod<TRequest, TResponse> Unary<TRequest, TResponse>(
        ServiceDescriptor service,
        string name,
        Roles roles,
        int requestBytesMax,
        Google.Protobuf.MessageParser<TRequest> parser,
        Unary<TRequest, TResponse> handler)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>
        where TResponse : class, Google.Protobuf.IMessage<TResponse> =>
        new(service.FindMethodByName(name), roles, requestBytesMax, UnaryDeadline, parser, handler);
}
