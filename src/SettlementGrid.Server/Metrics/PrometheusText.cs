using System.Globalization;
using System.Text;

namespace SettlementGrid.Server.Metrics;

/// <summary>The text exposition format 0.0.4, as `text/plain; version=0.0.4`.</summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>`settlementgrid.turn.duration`, `s`, histogram → `settlementgrid_turn_duration_seconds`.</summary>
    public static string NameOf(string name, string? unit, MetricKind kind)
    {
        var text = new StringBuilder(name.Length + 16);
        foreach (var character in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
        }

        // Units in braces ({call}) name what is counted and are not part of a Prometheus name.
        var suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        AppendUnlessThere(text, suffix);
        AppendUnlessThere(text, kind == MetricKind.Counter ? "_total" : "");
        return text.ToString();
    }

    public static string Of(IEnumerable<Metric> metrics)
    {
        var text = new StringBuilder(16_384);

        // Two meters may name an instrument alike; Prometheus takes a name's lines only once.
        foreach (var metric in metrics.OrderBy(one => one.Name, StringComparer.Ordinal).DistinctBy(one => one.Name))
        {
            var series = metric.InOrder();
            if (series.Count == 0)
            {
                continue;
            }

            text.Append("# HELP ").Append(metric.Name).Append(' ').Append(Escaped(metric.Help)).Append('\n');
            text.Append("# TYPE ").Append(metric.Name).Append(' ')
                .Append(metric.Kind.ToString().ToLowerInvariant()).Append('\n');
            foreach (var one in series)
            {
                if (metric.Kind == MetricKind.Histogram)
                {
                    AppendHistogram(text, metric, one);
                }
                else
                {
                    AppendLine(text, metric.Name, one.Labels, "", one.Value);
                }
            }
        }

        return text.ToString();
    }

    private static void AppendHistogram(StringBuilder text, Metric metric, Series series)
    {
        long count = 0;
        for (var index = 0; index <= metric.Bounds.Length; index++)
        {
            count += series.InBucket(index);
            var bound = index < metric.Bounds.Length ? Figure(metric.Bounds[index]) : "+Inf";
            AppendLine(text, metric.Name + "_bucket", series.Labels, $"le=\"{bound}\"", count);
        }

        AppendLine(text, metric.Name + "_sum", series.Labels, "", series.Value);
        AppendLine(text, metric.Name + "_count", series.Labels, "", count);
    }

    private static void AppendLine(StringBuilder text, string name, string labels, string oneMore, double value)
    {
        text.Append(name);
        if (labels.Length + oneMore.Length > 0)
        {
            text.Append('{').Append(labels).Append(labels.Length > 0 && oneMore.Length > 0 ? "," : "")
                .Append(oneMore).Append('}');
        }

        text.Append(' ').Append(Figure(value)).Append('\n');
    }

    private static string Figure(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escaped(string help) =>
        help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static void AppendUnlessThere(StringBuilder text, string suffix)
    {
        if (suffix.Length > 0 && !text.ToString().EndsWith(suffix, StringComparison.Ordinal))
        {
            text.Append(suffix);
        }
    }
}
