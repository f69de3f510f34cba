using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using United.Server.Hosting.Settings;

namespace United.Server.Hosting.Metrics;

/// <summary>Sends metrics and traces to an OpenTelemetry collector, where one is set.</summary>
internal sealed class Collector : IDisposable
{
    private const int MostFlushMilliseconds = 10_000;

    private readonly MeterProvider? _metrics;
    private readonly TracerProvider? _traces;

    public Collector(LogOptions options)
    {
        if (options.OtlpEndpoint.Length == 0) return;
        var endpoint = new Uri(options.OtlpEndpoint);
        _metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeter([.. MetricBoard.Meters])
            .AddOtlpExporter(otlp => otlp.Endpoint = endpoint)
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .AddSource("Microsoft.AspNetCore")
            .AddOtlpExporter(otlp => otlp.Endpoint = endpoint)
            .Build();
    }

    // What there is has to be sent before: to end, providers give it five seconds.
    public void Dispose()
    {
        _metrics?.ForceFlush(MostFlushMilliseconds);
        _traces?.ForceFlush(MostFlushMilliseconds);
        _metrics?.Dispose();
        _traces?.Dispose();
    }
}
