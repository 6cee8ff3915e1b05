using SettlementGrid.Peers;

namespace SettlementGrid.LoadTest.Peers;

/// <summary>What one comparison does: every contestant once a round, every round in the other order.</summary>
/// <param name="Load">What each is asked, the same of all that are asked over the interface.</param>
/// <param name="Rounds">How often; the medians count.</param>
public sealed record PeerSettings(LoadSettings Load, int Rounds)
{
    /// <summary>Bills whose answers must be alike before anything is measured.</summary>
    public int Compared { get; init; } = 400;

    /// <summary>Rows that the batches write in one round: two to four seconds.</summary>
    public int BatchRows { get; init; } = 100_000;

    /// <summary>That the stored function's calls share.</summary>
    public int DatabaseConnections { get; init; } = PeerLimits.Connections;

    /// <summary>Which are measured.</summary>
    public IReadOnlyList<Contestant> Contestants { get; init; } = Usual;

    /// <summary>All whose packages are to be had everywhere.</summary>
    public static IReadOnlyList<Contestant> Usual { get; } =
        [.. Enum.GetValues<Contestant>().Except([Contestant.OneSilo, Contestant.TwoSilos])];

    /// <summary>The server beside a cluster.</summary>
    public static IReadOnlyList<Contestant> Cluster { get; } =
        [Contestant.SettlementGrid, Contestant.OneSilo, Contestant.TwoSilos];
}

/// <summary>What is compared; the first is what the others are compared with.</summary>
public enum Contestant
{
    /// <summary>The server as it is.</summary>
    SettlementGrid,

    /// <summary>(a) The same interface in front of one stored function a request.</summary>
    StoredFunction,

    /// <summary>(a) and the fund's row of the region moved by each.</summary>
    StoredFunctionWithFund,

    /// <summary>(b) The function called by pgbench: no interface at all.</summary>
    Pgbench,

    /// <summary>(c) The server over a ledger that acknowledges at once.</summary>
    Acknowledging,

    /// <summary>(d) The ledger's batches by one writer: no interface, no deciding.</summary>
    Batches,

    /// <summary>The same front and ledger with grains in the mailboxes' place, one program.</summary>
    OneSilo,

    /// <summary>Two silos, and a gateway that is called.</summary>
    TwoSilos,
}

/// <summary>How each is called in a table.</summary>
static class Contestants
{
    public static (string Short, string English, string Chinese) Names(Contestant one) => one switch
    {
        Contestant.SettlementGrid => (
            "SettlementGrid",
            "this server: gRPC, an enrollee's turn, group commit to PostgreSQL; audited",
            "本系统：gRPC 单笔结算，成批提交 PostgreSQL，逐笔核对"),
        Contestant.StoredFunction => (
            "(a) stored function",
            "same front, one PL/pgSQL function a settlement, prepared, pooled; fund row not updated",
            "同样的接口，每笔调用一次存储函数（不更新基金行）"),
        Contestant.StoredFunctionWithFund => (
            "(a') with the fund row",
            "the same, and the region's fund row updated by each settlement",
            "同上，并逐笔更新统筹区基金行"),
        Contestant.Pgbench => (
            "(b) pgbench",
            "the same function called by pgbench, without any interface; best of several numbers of clients",
            "用 pgbench 直接调用同一函数（取最佳并发数）"),
        Contestant.Acknowledging => (
            "(c) no disk",
            "this server over a ledger in memory that acknowledges at once (to keep it for the audit costs about 5 µs of "
            + "processor a settlement): the limit of interface and deciding",
            "本系统，账本改为内存并立即确认（接口的极限）"),
        Contestant.OneSilo => (
            "one silo",
            "gRPC's library and Orleans' grains in front of the same ledger, in one program; audited",
            "集群程序，单节点，逐笔核对"),
        Contestant.TwoSilos => (
            "two silos and a gateway",
            "the same as three programs on this machine: every call comes to the gateway; audited",
            "两个节点加一个网关，请求全部进入网关，逐笔核对"),
        _ => (
            "(d) batches only",
            "the ledger's own batches of 256 by one writer, all decided before: the limit of the database",
            "单线程写入账本批次，每批 256 行（数据库的极限）"),
    };
}
