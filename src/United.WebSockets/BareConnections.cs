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
    /// Frames are written to the connection's socket, past every other middleware that stands before this; only that of <c>UseHttps</c> is noticed. When a
    /// thousand handshakes are over and the process has nothing to do, it collects what they left behind.
    /// </remarks>
    public static ListenOptions UseBareWebSockets(this ListenOptions endpoint)
    {
        endpoint.Use(static next => connection => new BareConnection(connection).Run(next));
        return endpoint;
    }
}
