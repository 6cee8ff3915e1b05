using System.Globalization;

namespace SettlementGrid.Api;

/// <summary>Reads the two headers in which callers state how long they wait.</summary>
internal static class Timeouts
{
    /// <summary>gRPC: up to eight digits and a unit (H M S m u n).</summary>
    public static bool TryParseGrpc(ReadOnlySpan<char> header, out TimeSpan timeout)
    {
        timeout = default;
        if (header.Length is < 2 or > 9 || !TryParseDigits(header[..^1], out var count))
        {
            return false;
        }

        long? ticksPerUnit = header[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            _ => null,
        };
        if (ticksPerUnit is null && header[^1] != 'n')
        {
            return false;
        }

        // Nanoseconds are finer than ticks; eight digits of hours still fit a long.
        timeout = new TimeSpan(ticksPerUnit is { } ticks ? count * ticks : count / TimeSpan.NanosecondsPerTick);
        return true;
    }

    /// <summary>Connect: up to ten digits of milliseconds.</summary>
    public static bool TryParseConnect(ReadOnlySpan<char> header, out TimeSpan timeout)
    {
        timeout = default;
        if (header.Length is < 1 or > 10 || !TryParseDigits(header, out var count))
        {
            return false;
        }

        timeout = new TimeSpan(count * TimeSpan.TicksPerMillisecond);
        return true;
    }

    private static bool TryParseDigits(ReadOnlySpan<char> digits, out long count) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}
