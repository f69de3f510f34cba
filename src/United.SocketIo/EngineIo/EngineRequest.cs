using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace United.SocketIo.EngineIo;

/// <summary>A request as Engine.IO sees it.</summary>
/// <param name="Query">Read here and not by the context, which would keep its own reading for as long as a WebSocket lives.</param>
internal sealed record EngineRequest(HttpContext Http, Dictionary<string, StringValues> Query, EngineTransports Transport, bool IsWebSocket)
{
    public string? Sid => Last(Query, "sid");

    public string? Protocol => Last(Query, "EIO");

    public bool Base64Only => Last(Query, "b64") is { Length: > 0 };

    public bool IsGet => HttpMethods.IsGet(Http.Request.Method);

    public bool IsPost => HttpMethods.IsPost(Http.Request.Method);

    public static EngineRequest Read(HttpContext http)
    {
        var query = QueryHelpers.ParseQuery(http.Request.QueryString.Value);
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
        return new EngineRequest(http, query, transport, isWebSocket);
    }

    private static string? Last(Dictionary<string, StringValues> query, string name) => query.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : null;
}
