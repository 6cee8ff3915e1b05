using System.Globalization;

namespace SettlementGrid.Faults.Hostile.Measuring;

/// <summary>The most that a process holds in memory while this watches it, as Linux counts it (VmRSS).</summary>
public sealed class Memory : IAsyncDisposable
{
    // A peak shorter than this is no peak: the collector gives nothing back sooner.
    static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(100);

    readonly CancellationTokenSource _over = new();
    readonly Task _watching;
    long _most;

    public Memory(int process) => _watching = WatchAsync(process);

    /// <summary>Bytes; 0 where the system does not say.</summary>
    public long Most => Interlocked.Read(ref _most);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching;
        _over.Dispose();
    }

    /// <summary>Bytes now; 0 where the system does not say.</summary>
    public static long Of(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").First(
                one => one.StartsWith("VmRSS", StringComparison.Ordinal));
            return 1024 * long.Parse(
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    async Task WatchAsync(int process)
    {
        while (!_over.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _most, Math.Max(Most, Of(process)));
            await Task.Delay(s_every, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
