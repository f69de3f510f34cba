using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace United.Server.Hosting;

/// <summary>Bounds on what one connection may cost before any of our own code sees it.</summary>
internal static class KestrelLimits
{
    // The largest body of all routes is the one of /api/sync, 1 MiB; routes read less (see Body), uploads ask for more (see MediaApi).
    private const int MaxBody = 1024 * 1024 + 4096;

    public static void Set(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.UseBareWebSockets());
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = MaxBody;
        limits.MaxRequestHeaderCount = 60;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        // A request at a byte a second would hold a connection for ever; 5 s of grace covers a bad line.
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
        limits.Http2.MaxStreamsPerConnection = 100;
    }

    /// <summary>
    /// The worker that has read from a socket goes on with what it has read, and who writes sends: each wakes up nobody (decision 0033). It is one of
    /// the pool's, so a handler that blocks holds up its own connection alone.
    /// </summary>
    public static void Set(SocketTransportOptions sockets) => sockets.UnsafePreferInlineScheduling = true;
}
