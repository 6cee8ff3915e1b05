namespace SettlementGrid.Plans;

/// <summary>All dates of the interface are Beijing days: UTC+8, no summer time.</summary>
public static class BeijingTime
{
    public static readonly TimeSpan Offset = TimeSpan.FromHours(8);

    public static DateOnly DayOf(DateTimeOffset moment) => DateOnly.FromDateTime(moment.ToOffset(Offset).DateTime);
}
