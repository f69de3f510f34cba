using Microsoft.Extensions.Primitives;
using United.Core;

namespace United.Server.ProtoSocket;

/// <summary>A client's opening request (RFC 6455, section 4.2.1), found valid.</summary>
/// <param name="Accept">What proves to the client that a WebSocket server answered.</param>
/// <param name="Subprotocol">To be echoed; null where the client named none.</param>
/// <param name="Token">The access token that came along, if any. It has not been looked at yet.</param>
internal sealed record Handshake(string Accept, string? Subprotocol, string? Token)
{
    /// <summary>The subprotocol that a client names, alone or with <c>bearer.TOKEN</c> behind it: browsers can set no header.</summary>
    public const string OurSubprotocol = "united.v1";

    private const string BearerPrefix = "bearer.";

    public static Result<Handshake> Read(IHeaderDictionary headers)
    {
        if (!Names(headers.Upgrade, "websocket")) return Refused("Upgrade");
        if (headers.SecWebSocketVersion is not [WebSocketKey.Version]) return Refused("Sec-WebSocket-Version");
        if (headers.SecWebSocketKey is not [{ } key] || !WebSocketKey.IsValid(key)) return Refused("Sec-WebSocket-Key");
        var offered = Listed(headers.SecWebSocketProtocol);
        if (offered.Count > 0 && !offered.Contains(OurSubprotocol)) return Refused("Sec-WebSocket-Protocol");
        return new Handshake(WebSocketKey.AcceptFor(key), offered.Count > 0 ? OurSubprotocol : null, Bearer.TokenOf(headers.Authorization) ?? TokenIn(offered));
    }

    private static Refusal Refused(string header) => new(Fault.Malformed, header, "This header is not valid here.");

    private static string? TokenIn(List<string> offered) =>
        offered.Find(name => name.StartsWith(BearerPrefix, StringComparison.Ordinal))?[BearerPrefix.Length..];

    private static bool Names(StringValues header, string name) => Listed(header).Exists(item => item.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static List<string> Listed(StringValues header) =>
        [.. header.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
