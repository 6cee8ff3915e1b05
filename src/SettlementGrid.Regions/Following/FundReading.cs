using SettlementGrid.Plans;

namespace SettlementGrid.Regions.Following;

/// <summary>What whoever asks for funds is given.</summary>
public abstract record FundReading
{
    FundReading()
    {
    }

    /// <summary>Sums and the mark they stand at; of a watch those that changed, none as a sign of life.</summary>
    public sealed record Given(FundPositions Positions) : FundReading;

    /// <summary>POSITION_UNKNOWN, OVERLOADED or UNAVAILABLE; of a watch the last thing it gives.</summary>
    public sealed record Refused(Refusal Refusal) : FundReading;

    internal static Refused PositionUnknown(long mark, long head) => new(new Refusal(
        RefusalReason.PositionUnknown,
        $"账本没有位置 {mark}（现至 {head}）", $"The ledger has no position {mark}; it ends at {head}",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["ledger_position"] = $"{head}" }));

    internal static Refused Overloaded(string zh, string en) => new(new Refusal(RefusalReason.Overloaded, zh, en));

    internal static Refused Unavailable() => new(new Refusal(
        RefusalReason.Unavailable, "基金数据暂不可用，请稍后重试", "The funds are not available for the moment; try again"));
}
