using Microsoft.AspNetCore.Http.Features;
using United.Core;
using United.Core.Identity;
using United.Server.Hosting;
using United.Server.Rest;

namespace United.Server.ProtoSocket;

/// <summary>
/// <c>GET /ws</c>: everything that can be refused is refused as plain HTTP, before the connection becomes a WebSocket. A token that comes along is
/// looked at afterwards: a browser sees nothing of a refused upgrade, and has to learn that its token is no longer good.
/// </summary>
internal sealed class ProtoSocketEndpoint(ProtoSocketParts parts, Origins origins, Visitors visitors, IHostApplicationLifetime lifetime)
{
    public async Task Open(HttpContext context)
    {
        if (!origins.Admit(context.Request))
        {
            await RestFaults.Write(context, Fault.Forbidden);
            return;
        }
        if (!Read(context).TryGet(out var handshake, out var refusal))
        {
            context.Response.Headers.SecWebSocketVersion = WebSocketKey.Version;
            await RestFaults.Write(context, refusal);
            return;
        }
        var visitor = visitors.Of(context);
        var place = parts.Counts.Enter(visitor.Address);
        if (place is null || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            place?.Dispose();
            await RestFaults.Write(context, place is null ? Fault.TooMany : Fault.Unavailable);
            return;
        }
        try
        {
            Answer(context.Response.Headers, handshake);
            await WebSocketUpgrade.Serve(context, Serving(handshake, visitor, place));
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private static Result<Handshake> Read(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            ? Handshake.Read(context.Request.Headers)
            : new Refusal(Fault.Malformed, "Connection", "This address speaks WebSocket over HTTP/1.1.");

    private static void Answer(IHeaderDictionary headers, Handshake handshake)
    {
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = handshake.Accept;
        if (handshake.Subprotocol is { } subprotocol) headers.SecWebSocketProtocol = subprotocol;
    }

    // Made apart from the request, which is not to live as long as the WebSocket.
    private Func<Stream, Action, Task> Serving(Handshake handshake, Visitor visitor, IDisposable place) => async (stream, abort) =>
    {
        using (place)
        {
            using var connection = new ProtoSocketConnection(parts, stream, visitor);
            await connection.Run(handshake.Token, abort);
        }
    };
}
