using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace United.WebSockets;

/// <summary>From an HTTP request to a WebSocket.</summary>
public static class WebSocketUpgrade
{
    /// <summary>
    /// Accepts a request that is a valid upgrade (the response's headers are set), and has the WebSocket served. Where the endpoint
    /// lets go of HTTP (<see cref="BareConnections"/>) this returns before the WebSocket begins, else after it has ended.
    /// </summary>
    /// <param name="serve">
    /// Gets the connection's bytes, and what cuts it. The connection is closed when it is done. It must not hold on to the request:
    /// that may be over.
    /// </param>
    public static async Task Serve(HttpContext http, Func<Stream, Action, Task> serve)
    {
        if (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            await using var tunnel = await connect.AcceptAsync();
            await serve(tunnel, http.Abort);
            return;
        }
        var upgrade = http.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        if (http.Features.Get<BareConnection>() is { MayBeTaken: true } bare)
        {
            await bare.Take(upgrade, serve);
            return;
        }
        await using var stream = await upgrade.UpgradeAsync();
        await serve(stream, http.Abort);
    }
}
