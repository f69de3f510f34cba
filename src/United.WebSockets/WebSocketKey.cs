using System.Security.Cryptography;
using System.Text;

namespace United.WebSockets;

/// <summary><c>Sec-WebSocket-Key</c> and its answer, RFC 6455, sections 4.2.1 and 4.2.2.</summary>
public static class WebSocketKey
{
    /// <summary>The only version of the protocol there is: <c>Sec-WebSocket-Version</c>.</summary>
    public const string Version = "13";

    /// <summary>Sixteen bytes in base64, no more and no less.</summary>
    public static bool IsValid(string key)
    {
        Span<byte> nonce = stackalloc byte[18];
        return key.Length == 24 && Convert.TryFromBase64String(key, nonce, out var length) && length == 16;
    }

    /// <summary>What proves to the client that a WebSocket server answered. SHA-1 is a checksum against proxies here, not a protection.</summary>
    public static string AcceptFor(string key) =>
#pragma warning disable CA5350 // The RFC names the function.
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
