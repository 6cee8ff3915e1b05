using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using SettlementGrid.Server.Metrics;

namespace SettlementGrid.Server.Tests.Figures;

public sealed class MetricsTests : IDisposable
{
    private readonly Meter _meter = new("test of metrics");
    private readonly MetricCollection _collection = new("test of metrics");

    public void Dispose()
    {
        _collection.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Each_collections_pause_is_told()
    {
        using var pauses = new GcPauses();

        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.Contains("settlementgrid_gc_pause_seconds_count ", _collection.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Counter_is_told_with_help_type_and_a_name_that_ends_in_total()
    {
        var counter = _meter.CreateCounter<long>("test.settled", "{settlement}", "Settlements acknowledged");
        counter.Add(2);
        counter.Add(3);
        Assert.Equal(
            """
            # HELP test_settled_total Settlements acknowledged
            # TYPE test_settled_total counter
            test_settled_total 5

            """,
            TextOf("test_settled"));
    }

    [Fact]
    public void Counter_to_which_nothing_was_added_is_told_as_zero_and_counts_on()
    {
        var counter = _meter.CreateCounter<long>("test.faults");
        var (method, outcome) = (new KeyValuePair<string, object?>("method", "a"), "INTERNAL");
        counter.Add(0, method, new("outcome", outcome));
        Assert.Contains(
            "\ntest_faults_total{method=\"a\",outcome=\"INTERNAL\"} 0\n", TextOf("test_faults"),
            StringComparison.Ordinal);
        counter.Add(1, method, new("outcome", outcome));
        counter.Add(1, method, new("outcome", outcome));
        Assert.Contains(
            "\ntest_faults_total{method=\"a\",outcome=\"INTERNAL\"} 2\n", TextOf("test_faults"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_keep_series_apart_and_are_escaped()
    {
        var counter = _meter.CreateCounter<long>("test.refused");
        counter.Add(1, new KeyValuePair<string, object?>("reason", "NOT_COVERED"), new("zh.cn", true));
        counter.Add(1, new KeyValuePair<string, object?>("reason", "a\"b\\c\nd"));
        counter.Add(1, new KeyValuePair<string, object?>("reason", "NOT_COVERED"), new("zh.cn", true));
        Assert.Equal(
            """
            # HELP test_refused_total test.refused
            # TYPE test_refused_total counter
            test_refused_total{reason="NOT_COVERED",zh_cn="true"} 2
            test_refused_total{reason="a\"b\\c\nd"} 1

            """,
            TextOf("test_refused"));
    }

    [Fact]
    public void Histogram_has_cumulative_buckets_sum_and_count()
    {
        var histogram = _meter.CreateHistogram<double>("test.turn.duration", "s", "Time of a turn");
        foreach (var seconds in new[] { 0.0005, 0.0007, 0.3, 60 })
        {
            histogram.Record(seconds, new KeyValuePair<string, object?>("kind", "settle"));
        }

        var text = TextOf("test_turn_duration");
        Assert.Contains("# TYPE test_turn_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Contains("_seconds_bucket{kind=\"settle\",le=\"0.0005\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("_seconds_bucket{kind=\"settle\",le=\"0.001\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("_seconds_bucket{kind=\"settle\",le=\"0.25\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("_seconds_bucket{kind=\"settle\",le=\"10\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("_seconds_bucket{kind=\"settle\",le=\"+Inf\"} 4\n", text, StringComparison.Ordinal);
        Assert.Contains("_seconds_sum{kind=\"settle\"} 60.3012\n", text, StringComparison.Ordinal);
        Assert.Contains("_seconds_count{kind=\"settle\"} 4\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Up_down_counter_and_observable_gauge_are_figures_of_now()
    {
        var waiting = _meter.CreateUpDownCounter<int>("test.waiting");
        waiting.Add(5);
        waiting.Add(-2);
        var bytes = 100L;
        _meter.CreateObservableGauge("test.memory", () => bytes, "By");
        Assert.Contains("\ntest_waiting 3\n", TextOf("test_waiting"), StringComparison.Ordinal);
        Assert.Contains("\ntest_memory_bytes 100\n", TextOf("test_memory"), StringComparison.Ordinal);
        bytes = 7;
        Assert.Contains("\ntest_memory_bytes 7\n", TextOf("test_memory"), StringComparison.Ordinal);
    }

    [Fact]
    public void Id_that_became_a_label_cannot_fill_the_memory()
    {
        var counter = _meter.CreateCounter<long>("test.flood");
        for (var id = 0; id < ServerLimits.SeriesPerMetricMax + 100; id++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", id));
        }

        counter.Add(1, new KeyValuePair<string, object?>("id", new string('x', 10_000)));
        Assert.Equal(ServerLimits.SeriesPerMetricMax, TextOf("test_flood").Split("test_flood_total{").Length - 1);
        Assert.Equal(101, _collection.Dropped);
        Assert.Contains("settlementgrid_metrics_dropped_total 101\n", _collection.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Process_and_collector_figures_are_there_and_every_line_is_well_formed()
    {
        var text = _collection.Text();
        Assert.Contains("dotnet_process_cpu_time_seconds_total{", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_collections_total{", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_process_memory_working_set_bytes ", text, StringComparison.Ordinal);
        var sample = new Regex(
            """^[a-z_][a-z0-9_]*"""
                + """(\{[a-zA-Z_]\w*="([^"\\]|\\.)*"(,[a-zA-Z_]\w*="([^"\\]|\\.)*")*\})?"""
                + """ (-?[0-9.E+-]+|NaN|[+-]Inf)$""",
            RegexOptions.None,
            TimeSpan.FromSeconds(1));
        Assert.All(
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'),
            line => Assert.Matches(sample, line));
    }

    private string TextOf(string prefix) => string.Concat(
        _collection.Text().Split('\n')
            .Where(line => line.Split(' ') is ["#", _, var name, ..]
                ? name.StartsWith(prefix, StringComparison.Ordinal)
                : line.StartsWith(prefix, StringComparison.Ordinal))
            .Select(line => line + "\n"));
}
