using System.Collections.Frozen;
using System.Collections.Immutable;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.ApiLimits;
using static SettlementGrid.Api.Audited;
using static SettlementGrid.Api.Roles;

namespace SettlementGrid.Api;

/// <summary>
/// Every method that callers can reach, one row each: who may call it, which calls are audited, how large its request
/// may be, how long it may take and what it does. gRPC, JSON, reflection and the role check all read this table and
/// nothing else, so a method without a row cannot be called and a row without roles or limits cannot be written.
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
        [
            .. Settlements(handlers), .. Registers(handlers), .. Plans(handlers), .. Funds(handlers),
            .. Audits(handlers),
            .. Operations(handlers),
        ];
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

    /// <summary>
    /// The same rows without the business methods of other names, which then answer UNIMPLEMENTED: for a program that
    /// does a part of what the interface offers.
    /// </summary>
    public MethodTable Only(params IReadOnlyCollection<string> business) => new(
        [.. Rows.Where(row =>
            row.Roles == Anyone || row.Shape == MethodShape.Bidi || business.Contains(row.Descriptor.Name))]);

    private static IEnumerable<Method> Settlements(Handlers to)
    {
        var service = SettlementServiceReflection.Descriptor.FindTypeByName<ServiceDescriptor>("SettlementService");
        return
        [
            Unary(service, "Preview", Settlers, IfRefused, SingleBytesMax, SettleRequest.Parser, to.Preview),
            Unary(service, "Settle", Settlers, IfRefused, SingleBytesMax, SettleRequest.Parser, to.Settle),
            Unary(service, "Reverse", Settlers, IfRefused, SingleBytesMax, ReverseRequest.Parser, to.Reverse),
            Unary(service, "Cancel", Settlers, IfRefused, SingleBytesMax, CancelRequest.Parser, to.Cancel),
            Unary(service, "GetSettlement", Hospital | Readers, IfRefused, SingleBytesMax,
                GetSettlementRequest.Parser, to.GetSettlement),
            Unary(service, "ListSettlements", Hospital | Readers, IfRefused, SingleBytesMax,
                ListSettlementsRequest.Parser, to.ListSettlements),
            Unary(service, "SettleMany", Settlers, IfRefused, MessageBytesMax, SettleManyRequest.Parser, to.SettleMany,
                static request => Math.Min(request.Requests.Count, Enrollees.Limits.SettleManyMax)),
        ];
    }

    private static IEnumerable<Method> Registers(Handlers to)
    {
        var people = EnrolleeReflection.Descriptor.FindTypeByName<ServiceDescriptor>("EnrolleeService");
        var places = FacilityReflection.Descriptor.FindTypeByName<ServiceDescriptor>("FacilityService");
        return
        [
            Unary(people, "PutEnrollees", County | City, Always, MessageBytesMax,
                PutEnrolleesRequest.Parser, to.PutEnrollees),
            Unary(people, "PutOpeningBalances", City, Always, MessageBytesMax,
                PutOpeningBalancesRequest.Parser, to.PutOpeningBalances),
            Unary(people, "GetAccount", Readers, Always, SingleBytesMax, GetAccountRequest.Parser, to.GetAccount),
            Unary(
                places, "PutFacilities", City, Always, MessageBytesMax, PutFacilitiesRequest.Parser, to.PutFacilities),
            Unary(places, "GetFacility", All, IfRefused, SingleBytesMax, GetFacilityRequest.Parser, to.GetFacility),
        ];
    }

    private static IEnumerable<Method> Plans(Handlers to)
    {
        var service = PlanReflection.Descriptor.FindTypeByName<ServiceDescriptor>("PlanService");
        yield return Unary(service, "ListPlans", All, IfRefused, SingleBytesMax, ListPlansRequest.Parser, to.ListPlans);
        yield return Unary(service, "GetPlan", All, IfRefused, SingleBytesMax, GetPlanRequest.Parser, to.GetPlan);
        yield return Unary(
            service, "ValidatePlan", All, IfRefused, PlanBytesMax, ValidatePlanRequest.Parser, to.ValidatePlan);
        if (to.PublishPlan is { } publish)
        {
            yield return Unary(
                service, "PublishPlan", City | Operator, Always, PlanBytesMax, PublishPlanRequest.Parser, publish);
        }

        yield return new ServerStreamMethod<SimulateRequest, SimulateResponse>(
            service.FindMethodByName("Simulate"), Readers, IfRefused, PlanBytesMax, StreamDeadline,
            SimulateRequest.Parser, to.Simulate);
    }

    private static IEnumerable<Method> Audits(Handlers to)
    {
        var service = AuditReflection.Descriptor.FindTypeByName<ServiceDescriptor>("AuditService");
        if (to.ListAudit is { } list)
            yield return Unary(service, "ListAudit", Auditor, IfRefused, SingleBytesMax, ListAuditRequest.Parser, list);
    }

    private static IEnumerable<Method> Operations(Handlers to)
    {
        var service = OperationsReflection.Descriptor.FindTypeByName<ServiceDescriptor>("OperationsService");
        if (to.ListServers is { } list)
        {
            yield return Unary(
                service, "ListServers", Operator, IfRefused, SingleBytesMax, ListServersRequest.Parser, list);
        }
    }

    private static IEnumerable<Method> Funds(Handlers to)
    {
        var service = FundReflection.Descriptor.FindTypeByName<ServiceDescriptor>("FundService");
        return
        [
            Unary(service, "GetPosition", Readers, IfRefused, SingleBytesMax,
                GetPositionRequest.Parser, to.GetPosition),
            Unary(service, "ListPositions", Readers, IfRefused, SingleBytesMax,
                ListPositionsRequest.Parser, to.ListPositions),
            new ServerStreamMethod<WatchPositionsRequest, WatchPositionsResponse>(
                service.FindMethodByName("WatchPositions"), Readers, IfRefused, SingleBytesMax, StreamDeadline,
                WatchPositionsRequest.Parser, to.WatchPositions),
            // The city keeps the pool; districts with separate books (Tongliao clauses 2 and 12) enter their own.
            Unary(service, "RecordPremium", County | City, Always, SingleBytesMax,
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
            Unary(probes, "Check", Anyone, IfRefused, SingleBytesMax, HealthCheckRequest.Parser, health.Check),
            new ServerStreamMethod<HealthCheckRequest, HealthCheckResponse>(
                probes.FindMethodByName("Watch"), Anyone, IfRefused, SingleBytesMax, StreamDeadline,
                HealthCheckRequest.Parser, health.Watch),
            new BidiMethod<ServerReflectionRequest, ServerReflectionResponse>(
                mirror, All, IfRefused, SingleBytesMax, StreamDeadline, ServerReflectionRequest.Parser,
                reflection.Answer),
            // The same messages under the name that clients of before 2023 ask for.
            new BidiMethod<ServerReflectionRequest, ServerReflectionResponse>(
                mirror, All, IfRefused, SingleBytesMax, StreamDeadline, ServerReflectionRequest.Parser,
                reflection.Answer,
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
        ];
    }

    private static UnaryMethod<TRequest, TResponse> Unary<TRequest, TResponse>(
        ServiceDescriptor service,
        string name,
        Roles roles,
        Audited audited,
        int requestBytesMax,
        Google.Protobuf.MessageParser<TRequest> parser,
        Unary<TRequest, TResponse> handler,
        Func<TRequest, int>? units = null)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>
        where TResponse : class, Google.Protobuf.IMessage<TResponse> =>
        new(service.FindMethodByName(name), roles, audited, requestBytesMax, UnaryDeadline, parser, handler, units);
}
