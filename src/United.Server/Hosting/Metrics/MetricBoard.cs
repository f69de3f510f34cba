using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using United.Core;

namespace United.Server.Hosting.Metrics;

/// <summary>Listens to our instruments and to those of the runtime, the web server and the database driver, and writes down where they stand.</summary>
internal sealed class MetricBoard : IDisposable
{
    /// <summary>The meters that are heard here, and sent to a collector.</summary>
    public static IReadOnlyList<string> Meters { get; } =
        [CoreMeter.Name, "United.SocketIo", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql"];

    private readonly ConcurrentDictionary<Instrument, Series> _series = new();
    private readonly MeterListener _listener = new();

    public MetricBoard()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!Meters.Contains(instrument.Meter.Name)) return;
            var series = SeriesOf(instrument);
            if (_series.TryAdd(instrument, series)) listener.EnableMeasurementEvents(instrument, series);
        };
        Listen<byte>(value => value);
        Listen<short>(value => value);
        Listen<int>(value => value);
        Listen<long>(value => value);
        Listen<float>(value => value);
        Listen<double>(value => value);
        Listen<decimal>(value => (double)value);
        _listener.Start();
    }

    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var (_, series) in _series.OrderBy(pair => pair.Key.Name, StringComparer.Ordinal)) series.Write(text);
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Listen<T>(Func<T, double> toDouble) where T : struct => _listener.SetMeasurementEventCallback<T>(
        (instrument, value, tags, state) => ((Series)state!).Record(toDouble(value), tags));

    private static Series SeriesOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Histogram" => new Series(instrument, SeriesKind.Histogram, absolute: false),
        "Counter" => new Series(instrument, SeriesKind.Counter, absolute: false),
        "ObservableCounter" => new Series(instrument, SeriesKind.Counter, absolute: true),
        "UpDownCounter" => new Series(instrument, SeriesKind.Gauge, absolute: false),
        _ => new Series(instrument, SeriesKind.Gauge, absolute: true),
    };
}
