using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace United.Server.Hosting.Metrics;

/// <summary>What was measured by one instrument: a value, or a distribution, for each set of tags.</summary>
/// <param name="absolute">A measurement says where it stands; else by how much it moved.</param>
internal sealed class Series(Instrument instrument, SeriesKind kind, bool absolute)
{
    // Tags come from routes and codes of ours, never from what people send; the bound is for mistakes.
    private const int MostTagSets = 1_000;

    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly double[] Counts = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

    private readonly double[] _bounds = kind == SeriesKind.Histogram ? BoundsOf(instrument) : [];
    private readonly Dictionary<KeyValuePair<string, object?>[], Point> _points = new(TagsComparer.Instance);
    private readonly Lock _lock = new();

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            if (!_points.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>().TryGetValue(tags, out var point))
            {
                if (_points.Count >= MostTagSets) return;
                _points[tags.ToArray()] = point = new Point(PrometheusText.Labels(tags), _bounds.Length);
            }
            point.Value = absolute ? value : point.Value + value;
            if (kind != SeriesKind.Histogram) return;
            point.Count++;
            for (var i = _bounds.Length - 1; i >= 0 && value <= _bounds[i]; i--) point.Buckets[i]++;
        }
    }

    public void Write(StringBuilder text)
    {
        var name = PrometheusText.Name(instrument, kind);
        lock (_lock)
        {
            if (_points.Count == 0) return;
            if (instrument.Description is { Length: > 0 } help) text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help.ReplaceLineEndings(" ")}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {PrometheusText.Kind(kind)}\n");
            foreach (var point in _points.Values)
            {
                if (kind == SeriesKind.Histogram) WriteHistogram(text, name, point);
                else text.Append(CultureInfo.InvariantCulture, $"{name}{PrometheusText.Braced(point.Labels)} {point.Value}\n");
            }
        }
    }

    private void WriteHistogram(StringBuilder text, string name, Point point)
    {
        var labels = point.Labels;
        var before = labels.Length > 0 ? labels + "," : "";
        for (var i = 0; i < _bounds.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"{_bounds[i]}\"}} {point.Buckets[i]}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"+Inf\"}} {point.Count}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{PrometheusText.Braced(labels)} {point.Value}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_count{PrometheusText.Braced(labels)} {point.Count}\n");
    }

    private static double[] BoundsOf(Instrument instrument) =>
        (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries is { Count: > 0 } advised ? [.. advised] : instrument.Unit == "s" ? Seconds : Counts;

    private sealed class Point(string labels, int buckets)
    {
        public string Labels => labels;

        /// <summary>Of a histogram: the sum.</summary>
        public double Value { get; set; }

        public long Count { get; set; }

        /// <summary>How many were at or below each bound.</summary>
        public long[] Buckets { get; } = new long[buckets];
    }
}

internal enum SeriesKind
{
    Counter,
    Gauge,
    Histogram,
}
