using System.Buffers.Text;
using System.Security.Cryptography;

namespace United.SocketIo.EngineIo;

/// <summary>
/// Session ids: 20 characters of base64url. The length is the original's, and its sharded Redis adapter takes a room name of 20
/// characters for a socket id; where the original mixes in a counter, all 120 bits here are random.
/// </summary>
internal static class Sid
{
    public static string New()
    {
        Span<byte> bytes = stackalloc byte[15];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
