using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace United.SocketIo.EngineIo;

/// <summary>The closed list of what a request can be refused with. Codes and messages are the original's; clients read them.</summary>
internal sealed record EngineError(int Status, int Code, string Message, string Context)
{
    public static readonly EngineError UnknownTransport = new(400, 0, "Transport unknown", "UNKNOWN_TRANSPORT");
    public static readonly EngineError UnknownSid = new(400, 1, "Session ID unknown", "UNKNOWN_SID");
    public static readonly EngineError BadHandshakeMethod = new(400, 2, "Bad handshake method", "BAD_HANDSHAKE_METHOD");
    public static readonly EngineError InvalidOrigin = new(400, 3, "Bad request", "INVALID_ORIGIN");
    public static readonly EngineError TransportMismatch = new(400, 3, "Bad request", "TRANSPORT_MISMATCH");
    public static readonly EngineError ProtocolMismatch = new(400, 3, "Bad request", "PROTOCOL_MISMATCH");
    public static readonly EngineError HandshakeNeedsUpgrade = new(400, 3, "Bad request", "TRANSPORT_HANDSHAKE_ERROR");
    public static readonly EngineError BadUpgrade = new(400, 3, "Bad request", "BAD_UPGRADE");
    public static readonly EngineError BadMethod = new(400, 3, "Bad request", "BAD_METHOD");
    public static readonly EngineError OriginNotAllowed = new(403, 4, "Forbidden", "ORIGIN_NOT_ALLOWED");
    public static readonly EngineError AtCapacity = new(503, 4, "Server at capacity", "MAX_SESSIONS");
    public static readonly EngineError UnsupportedProtocol = new(400, 5, "Unsupported protocol version", "UNSUPPORTED_PROTOCOL_VERSION");

    public static EngineError Forbidden(string message) => new(403, 4, message, "ALLOW_REQUEST");

    /// <summary>JSON with the status to a poll; to a WebSocket handshake always 400 and the bare text, as the original does.</summary>
    public Task Answer(HttpContext http, bool webSocket)
    {
        http.Response.StatusCode = webSocket ? 400 : Status;
        http.Response.ContentType = webSocket ? "text/html" : "application/json";
        if (!webSocket) return http.Response.WriteAsync($$"""{"code":{{Code}},"message":"{{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Message)}}"}""");
        http.Response.Headers.Connection = "close";
        return http.Response.WriteAsync(HtmlEncoder.Default.Encode(Message));
    }
}
