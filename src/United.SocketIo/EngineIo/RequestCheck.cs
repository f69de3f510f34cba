using Microsoft.AspNetCore.Http;
using United.WebSockets;

namespace United.SocketIo.EngineIo;

/// <summary>The rules that a request has to pass, in the original's order: which error a client gets is part of the protocol.</summary>
internal sealed class RequestCheck(EngineServer server)
{
    private readonly EngineOptions _options = server.Options;

    /// <returns>Null where the request may go on.</returns>
    public async ValueTask<EngineError?> Refusal(EngineRequest request, EngineSocket? session)
    {
        if (request.Transport == EngineTransports.None || !_options.Transports.HasFlag(request.Transport)) return EngineError.UnknownTransport;
        var origin = request.Http.Request.Headers.Origin.ToString();
        if (origin.Any(c => c is < ' ' and not '\t' or '\x7F' or > '\xFF')) return EngineError.InvalidOrigin;
        var refusal = request.Sid is null ? OfHandshake(request) : OfSession(request, session);
        if (refusal is not null) return refusal;
        if (request.IsWebSocket && !IsValidUpgrade(request.Http.Request)) return EngineError.BadUpgrade;
        if (request.Sid is not null && !request.IsWebSocket) return null;
        return OfOrigin(origin) ?? await OfHook(request.Http) ?? (request.Sid is null ? OfVersion(request) : null);
    }

    private static EngineError? OfSession(EngineRequest request, EngineSocket? session)
    {
        if (session is null) return EngineError.UnknownSid;
        if (!request.IsWebSocket && !request.IsGet && !request.IsPost) return EngineError.BadMethod;
        var fits = request.IsWebSocket ? request.Transport == EngineTransports.WebSocket : request.Transport == EngineTransports.Polling && session.IsPolling;
        if (!fits) return EngineError.TransportMismatch;
        return request.Protocol == "4" ? null : EngineError.ProtocolMismatch;
    }

    private static EngineError? OfHandshake(EngineRequest request)
    {
        if (!request.IsWebSocket && !request.IsGet) return EngineError.BadHandshakeMethod;
        return request.IsWebSocket == (request.Transport == EngineTransports.WebSocket) ? null : EngineError.HandshakeNeedsUpgrade;
    }

    private EngineError? OfVersion(EngineRequest request)
    {
        if (request.Protocol != "4") return EngineError.UnsupportedProtocol;
        return server.IsFull ? EngineError.AtCapacity : null;
    }

    private EngineError? OfOrigin(string origin) =>
        _options.AllowedOrigins.Count == 0 || origin.Length == 0 || _options.AllowedOrigins.Contains(origin) ? null : EngineError.OriginNotAllowed;

    private async ValueTask<EngineError?> OfHook(HttpContext http) =>
        _options.AllowRequest is { } allow && await allow(http) is { } message ? EngineError.Forbidden(message) : null;

    /// <summary>RFC 6455, section 4.2.1. An extended CONNECT carries neither key nor version that would have to be answered.</summary>
    private static bool IsValidUpgrade(HttpRequest request) => !HttpMethods.IsGet(request.Method)
        ? HttpMethods.IsConnect(request.Method)
        : request.Headers.SecWebSocketVersion is [WebSocketKey.Version] && request.Headers.SecWebSocketKey is [{ } key] && WebSocketKey.IsValid(key);
}
