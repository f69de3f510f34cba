using System.Buffers.Text;
using System.Text.Json;

namespace United.SocketIo;

/// <summary>
/// Reads <c>type[attachments-][namespace,][ackId][json]</c>. Knows no connection: bytes in, a packet or nothing out. What a packet may
/// mean on a connection that has or has not joined a namespace is decided by <see cref="Connection"/>.
/// </summary>
internal static class PacketDecoder
{
    private static readonly byte[] MainNamespace = "/"u8.ToArray();

    /// <returns>False where the original would throw, and so end the connection.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> text, int maxAttachments, out Packet packet)
    {
        packet = default;
        if (text.IsEmpty || text.Span[0] is < (byte)'0' or > (byte)'6') return false;
        var type = (PacketType)(text.Span[0] - '0');
        var rest = text[1..];
        var attachments = 0;
        if (type is PacketType.BinaryEvent or PacketType.BinaryAck && !TryReadAttachments(ref rest, maxAttachments, out attachments)) return false;
        var ns = ReadNamespace(ref rest);
        if (!TryReadAckId(ref rest, out var ackId)) return false;
        packet = new Packet(type, ns, ackId, attachments, rest);
        return IsPayloadValid(packet);
    }

    /// <summary><c>1*DIGIT "-"</c>. None at all is a lie too: a packet without attachments has another type.</summary>
    private static bool TryReadAttachments(ref ReadOnlyMemory<byte> rest, int most, out int count)
    {
        count = 0;
        var end = rest.Span.IndexOf((byte)'-');
        if (end is < 1 or > 9 || !TryReadNumber(rest.Span[..end], out var number)) return false;
        rest = rest[(end + 1)..];
        count = (int)number;
        return count >= 1 && count <= most;
    }

    /// <summary>From a slash to the comma, or to the end.</summary>
    private static ReadOnlyMemory<byte> ReadNamespace(ref ReadOnlyMemory<byte> rest)
    {
        if (rest.IsEmpty || rest.Span[0] != '/') return MainNamespace;
        var end = rest.Span.IndexOf((byte)',');
        var name = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return name;
    }

    private static bool TryReadAckId(ref ReadOnlyMemory<byte> rest, out long? id)
    {
        id = null;
        var digits = rest.Span.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 0) digits = rest.Length;
        if (digits == 0) return true;
        if (!TryReadNumber(rest.Span[..digits], out var number)) return false;
        id = number;
        rest = rest[digits..];
        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> digits, out long number) =>
        Utf8Parser.TryParse(digits, out number, out var used) && used == digits.Length && digits[0] is not ((byte)'-' or (byte)'+');

    private static bool IsPayloadValid(in Packet packet)
    {
        if (packet.Json.IsEmpty) return packet.Attachments == 0;
        return packet.Type switch
        {
            PacketType.Connect => First(packet.Json) == JsonTokenType.StartObject && Arguments.IsJson(packet.Json.Span),
            PacketType.Disconnect => false,
            PacketType.ConnectError => Arguments.IsJson(packet.Json.Span),
            // The array is walked, and so proved, where its elements are found: see Arguments.
            _ => First(packet.Json) == JsonTokenType.StartArray,
        };
    }

    private static JsonTokenType First(ReadOnlyMemory<byte> json) => json.Span[0] switch
    {
        (byte)'{' => JsonTokenType.StartObject,
        (byte)'[' => JsonTokenType.StartArray,
        _ => JsonTokenType.None,
    };
}
