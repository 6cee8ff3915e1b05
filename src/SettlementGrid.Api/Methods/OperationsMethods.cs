using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Api.Methods;

/// <summary>A server as it last said itself how it does; times are the database's.</summary>
/// <param name="IsAlive">Seen lately enough that it lives by all appearances.</param>
/// <param name="CallsPerSecond">Over the time since it was seen before.</param>
public sealed record ServerLease(
    long Id, DateTimeOffset StartedAt, DateTimeOffset SeenAt, bool IsAlive, ServerSelf Self, ServerFigures Figures);

/// <summary>What of a server stays the same while it lives.</summary>
public sealed record ServerSelf(string Host, int ProcessId, string Version, string Address, string GrpcAddress);

/// <summary>What of a server changes from beat to beat.</summary>
/// <param name="ClockAheadMs">Of the database's clock; negative: behind.</param>
public sealed record ServerFigures(
    string State, long FundMark, long CatalogRevision, double CallsPerSecond, long ClockAheadMs);

/// <summary>The servers of a database, the longest running first, and its clock's time.</summary>
public sealed record ServerList(IReadOnlyList<ServerLease> Servers, DateTimeOffset Now);

/// <summary>Reads the leases. May throw <see cref="LedgerUnavailableException"/>.</summary>
public delegate Task<ServerList> ServerReading(CancellationToken cancellation);

/// <summary>OperationsService over whatever the program keeps its leases in.</summary>
sealed class OperationsMethods(ServerReading read)
{
    public async ValueTask<Result<V1.ListServersResponse>> ListServers(V1.ListServersRequest message, Call call)
    {
        var found = await read(call.Cancelled);
        var response = new V1.ListServersResponse { Now = Timestamp.FromDateTimeOffset(found.Now) };
        response.Servers.AddRange(found.Servers.Select(Message));
        return response;
    }

    static V1.ServerLease Message(ServerLease lease) => new()
    {
        ServerId = lease.Id,
        StartedAt = Timestamp.FromDateTimeOffset(lease.StartedAt),
        SeenAt = Timestamp.FromDateTimeOffset(lease.SeenAt),
        Alive = lease.IsAlive,
        Host = lease.Self.Host,
        ProcessId = lease.Self.ProcessId,
        Version = lease.Self.Version,
        Address = lease.Self.Address,
        GrpcAddress = lease.Self.GrpcAddress,
        State = lease.Figures.State,
        FundLedgerPosition = lease.Figures.FundMark,
        CatalogRevision = lease.Figures.CatalogRevision,
        CallsPerSecond = (long)Math.Round(lease.Figures.CallsPerSecond),
        ClockAheadMs = lease.Figures.ClockAheadMs,
    };
}
