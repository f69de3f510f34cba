using System.Diagnostics.Metrics;

namespace United.SocketIo;

/// <summary>Instruments of the meter <c>United.SocketIo</c>.</summary>
internal static class SocketIoMetrics
{
    public const string MeterName = "United.SocketIo";

    private static readonly Meter Meter = new(MeterName);

    public static readonly UpDownCounter<int> Sessions = Meter.CreateUpDownCounter<int>("socketio.sessions", description: "Open Engine.IO sessions.");

    public static readonly Counter<int> TooSlow = Meter.CreateCounter<int>("socketio.too_slow", description: "Sessions closed because too much waited for them.");

    public static readonly Counter<int> RedisLost = Meter.CreateCounter<int>("socketio.redis.lost", description: "Messages to other servers that were lost because Redis was away.");
}
