using System.Text;

namespace United.SocketIo.Bench;

/// <summary>WebSocket frames of text, made once and sent again and again.</summary>
internal static class TextFrame
{
    /// <summary>Masked with zeros, as a client may.</summary>
    public static byte[] OfClient(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        byte[] head = payload.Length < 126 ? [0x81, (byte)(0x80 | payload.Length)] : [0x81, 0xFE, (byte)(payload.Length >> 8), (byte)payload.Length];
        return [.. head, 0, 0, 0, 0, .. payload];
    }

    /// <summary>How many bytes a server's frame around this text has.</summary>
    public static int LengthOfServer(string text) => Encoding.UTF8.GetByteCount(text) is var length && length < 126 ? 2 + length : 4 + length;
}
