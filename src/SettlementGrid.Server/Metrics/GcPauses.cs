using System.Diagnostics.Metrics;

namespace SettlementGrid.Server.Metrics;

/// <summary>
/// How long each garbage collection stopped the process, as a histogram: the runtime itself tells only the sum, and a
/// sum does not show the one pause that a caller felt. Told by a finalizer, which runs after each collection that met
/// its object; so a measurement costs one small object a collection and nothing between.
/// </summary>
public sealed class GcPauses : IDisposable
{
    private readonly Meter _meter = new("SettlementGrid.Runtime");
    private readonly Histogram<double> _pauses;
    private long _last;
    private volatile bool _ended;

    /// <summary>Tells of every collection from here on.</summary>
    public GcPauses()
    {
        _pauses = _meter.CreateHistogram<double>(
            "settlementgrid.gc.pause", "s", "A stop of the process for garbage collection");
        _ = new Sentinel(this);
    }

    public void Dispose()
    {
        _ended = true;
        _meter.Dispose();
    }

    // On the finalizer's thread alone.
    private void Look()
    {
        var info = GC.GetGCMemoryInfo(GCKind.Any);
        if (info.Index == _last)
        {
            return;
        }

        _last = info.Index;
        foreach (var pause in info.PauseDurations)
        {
            if (pause > TimeSpan.Zero)
            {
                _pauses.Record(pause.TotalSeconds);
            }
        }
    }

    private sealed class Sentinel(GcPauses pauses)
    {
#pragma warning disable MA0055 // It frees nothing: the runtime tells of a collection in no cheaper way.
        // A new one each time: one that is registered again would grow old and miss the young collections.
        ~Sentinel()
        {
            if (!pauses._ended)
            {
                pauses.Look();
                _ = new Sentinel(pauses);
            }
        }
#pragma warning restore MA0055
    }
}
