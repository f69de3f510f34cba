using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace United.WebSockets;

public static class BareConnections
{
    /// <summary>
    /// Lets accepted WebSockets of this endpoint go on without the HTTP server: its request, its headers and its buffers are freed as soon as the
    /// handshake is over, which is more than half of what an idle WebSocket costs. Whoever calls <c>UseHttps</c> calls it before this.
    /// </summary>
    /// <remarks>
    /// Frames are written straight to the connection's socket, past every connection middleware that was added before this; only that of
    /// <c>UseHttps</c> is noticed, and its connections are written to through it. When a hundred handshakes are over and the process has nothing to
    /// do, it collects the garbage that they left.
    /// </remarks>
    public static ListenOptions UseBareWebSockets(this ListenOptions endpoint)
    {
        endpoint.Use(static next => connection => new BareConnection(connection).Run(next));
        return endpoint;
    }
}
