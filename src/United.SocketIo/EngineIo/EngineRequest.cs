using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace United.SocketIo.EngineIo;

/// <summary>A request as Engine.IO sees it.</summary>
internal sealed record EngineRequest(HttpContext Http, EngineTransports Transport, bool IsWebSocket, string? Sid, string? Protocol, bool Base64Only)
{
    public bool IsGet => HttpMethods.IsGet(Http.Request.Method);

    public bool IsPost => HttpMethods.IsPost(Http.Request.Method);

    public static EngineRequest Read(HttpContext http)
    {
        var query = http.Request.Query;
        var transport = Last(query, "transport") switch
        {
            "polling" => EngineTransports.Polling,
            "websocket" => EngineTransports.WebSocket,
            _ => EngineTransports.None,
        };
        // Over HTTP/2 a WebSocket arrives as an extended CONNECT (RFC 8441), not as a GET with an Upgrade header.
        var isWebSocket = http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" }
            || (http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
                && http.Request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase));
        return new EngineRequest(http, transport, isWebSocket, Last(query, "sid"), Last(query, "EIO"), Last(query, "b64") is { Length: > 0 });
    }

    private static string? Last(IQueryCollection query, string name) => query.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : null;
}
