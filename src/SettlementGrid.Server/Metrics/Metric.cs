using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace SettlementGrid.Server.Metrics;

/// <summary>
/// An instrument as Prometheus sees it: name, kind, help and its series, at most
/// <see cref="ServerLimits.SeriesPerMetricMax"/>: an id that became a label by mistake cannot fill the memory.
/// </summary>
public sealed class Metric
{
    private const int LabelCharactersMax = 512;

    // So many are compared faster than a text of labels is written.
    private const int KnownMax = 16;

    // Seconds, from half a millisecond (a cached read) to the default deadline.
    private static readonly double[] SecondsBounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    // Counted things: the rows of a batch, the calls in a queue.
    private static readonly double[] CountBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    private readonly ConcurrentDictionary<string, Series> _series = new();
    private readonly ConcurrentDictionary<string, Series>.AlternateLookup<ReadOnlySpan<char>> _byText;
    private readonly bool _adds;
    private volatile Known[] _known = [];
    private long _dropped;

    public Metric(Instrument instrument)
    {
        _byText = _series.GetAlternateLookup<ReadOnlySpan<char>>();
        var type = instrument.GetType().GetGenericTypeDefinition();
        Kind = type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
        _adds = type == typeof(Counter<>) || type == typeof(UpDownCounter<>);
        Name = PrometheusText.NameOf(instrument.Name, instrument.Unit, Kind);
        Help = instrument.Description ?? instrument.Name;
        Bounds = Kind != MetricKind.Histogram ? []
            : instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } ? [.. advised]
            : instrument.Unit == "s" ? SecondsBounds
            : CountBounds;
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    public double[] Bounds { get; }

    /// <summary>Measurements left out because their labels were one combination too many.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public IReadOnlyList<Series> InOrder() =>
        [.. _series.Values.OrderBy(series => series.Labels, StringComparer.Ordinal)];

    public void Record(double measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // Who adds nothing makes a series exist; most of those never come again, and would fill the places of others.
        var mayComeAgain = !_adds || measurement is not 0;
        if (Find(tags, mayComeAgain) is not { } series)
        {
            Interlocked.Increment(ref _dropped);
        }
        else if (Kind == MetricKind.Histogram)
        {
            series.Observe(measurement);
        }
        else if (_adds)
        {
            series.Add(measurement);
        }
        else
        {
            series.Set(measurement);
        }
    }

    // On the hot path: nearly every measurement bears the very strings of an earlier one, and nothing is written to
    // find that out.
    private Series? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags, bool mayComeAgain)
    {
        var known = _known;
        foreach (var one in known)
        {
            if (one.Has(tags))
            {
                return one.Series;
            }
        }

        if (FindByText(tags) is not { } series)
        {
            return null;
        }

        // Figures and texts put together for the occasion never come again as the same object.
        if (mayComeAgain && known.Length < KnownMax && Known.MayComeAgain(tags))
        {
            _known = [.. known, new Known(tags.ToArray(), series)];
        }

        return series;
    }

    // The labels are written on the stack and looked up there; a string is made once per series.
    private Series? FindByText(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Span<char> text = stackalloc char[LabelCharactersMax];
        var length = 0;
        foreach (var (name, value) in tags)
        {
            if (!WriteLabel(name, value, text, ref length))
            {
                return null;
            }
        }

        var labels = text[..length];
        if (_byText.TryGetValue(labels, out var known))
        {
            return known;
        }

        return _series.Count >= ServerLimits.SeriesPerMetricMax
            ? null
            : _series.GetOrAdd(labels.ToString(), key => new Series(key, Bounds));
    }

    private static bool WriteLabel(string name, object? value, Span<char> into, ref int length)
    {
        var text = value switch
        {
            null => "",
            string already => already,
            bool truth => truth ? "true" : "false",
            IFormattable figure => figure.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };

        // Twice the text: each of its characters may need an escape.
        if (length + name.Length + (2 * text.Length) + 4 > into.Length)
        {
            return false;
        }

        if (length > 0)
        {
            into[length++] = ',';
        }

        foreach (var character in name)
        {
            into[length++] = char.IsAsciiLetterOrDigit(character) ? character : '_';
        }

        into[length++] = '=';
        into[length++] = '"';
        foreach (var character in text)
        {
            if (character is '"' or '\\' or '\n')
            {
                into[length++] = '\\';
            }

            into[length++] = character == '\n' ? 'n' : character;
        }

        into[length++] = '"';
        return true;
    }

    /// <summary>Tags that were measured before and the series they belong to.</summary>
    private sealed class Known(KeyValuePair<string, object?>[] tags, Series series)
    {
        public Series Series => series;

        public static bool MayComeAgain(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var (_, value) in tags)
            {
                if (value is not (null or string))
                {
                    return false;
                }
            }

            return true;
        }

        public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            if (others.Length != tags.Length)
            {
                return false;
            }

            for (var index = 0; index < tags.Length; index++)
            {
                if (!ReferenceEquals(others[index].Value, tags[index].Value)
                    || !ReferenceEquals(others[index].Key, tags[index].Key))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
