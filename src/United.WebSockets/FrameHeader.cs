using System.Buffers.Binary;

namespace United.WebSockets;

public enum Parsed
{
    NeedsMore,
    Done,
    Refused,
}

/// <summary>
/// The head of one frame, RFC 6455, section 5.2:
/// <c>FIN RSV1-3 opcode(4) | MASK length(7) [length(16) | length(64)] [mask(32)]</c>.
/// </summary>
public readonly record struct FrameHeader(bool Final, OpCode OpCode, int HeaderLength, int PayloadLength, uint Mask)
{
    /// <summary>Two bytes, eight of length, four of mask.</summary>
    public const int MostBytes = 14;

    private const int MostControlPayload = 125;

    public bool IsControl => OpCode >= OpCode.Close;

    /// <summary>Reads the head of a client's frame. Whatever can be refused is refused before its payload has arrived.</summary>
    /// <param name="most">The largest payload that is taken, in bytes.</param>
    public static Parsed TryRead(ReadOnlySpan<byte> bytes, int most, out FrameHeader header, out CloseCode refusal)
    {
        header = default;
        refusal = CloseCode.None;
        if (bytes.Length < 2) return Parsed.NeedsMore;
        refusal = Judge(bytes[0], bytes[1]);
        if (refusal != CloseCode.None) return Parsed.Refused;
        var shortLength = bytes[1] & 0x7F;
        var headerLength = 6 + LengthBytes(shortLength);
        if (bytes.Length < headerLength) return Parsed.NeedsMore;
        refusal = ReadLength(bytes[2..], shortLength, most, out var length);
        if (refusal != CloseCode.None) return Parsed.Refused;
        var mask = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(headerLength - 4)..]);
        header = new FrameHeader((bytes[0] & 0x80) != 0, (OpCode)(bytes[0] & 0x0F), headerLength, length, mask);
        return Parsed.Done;
    }

    /// <summary>Bytes of the head of an unmasked frame around a payload of this length.</summary>
    public static int LengthFor(int payload) => payload < 126 ? 2 : payload <= ushort.MaxValue ? 4 : 10;

    /// <summary>Writes the head of a whole, unmasked frame, as a server sends it.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int Write(Span<byte> target, OpCode opCode, int payload)
    {
        target[0] = (byte)(0x80 | (byte)opCode);
        switch (LengthFor(payload))
        {
            case 2:
                target[1] = (byte)payload;
                return 2;
            case 4:
                target[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)payload);
                return 4;
            default:
                target[1] = 127;
                BinaryPrimitives.WriteInt64BigEndian(target[2..], payload);
                return 10;
        }
    }

    /// <summary>Takes the mask off (or puts it on), in place.</summary>
    public static void Unmask(Span<byte> payload, uint mask)
    {
        var wide = ((ulong)mask << 32) | mask;
        var rest = payload;
        for (; rest.Length >= 8; rest = rest[8..])
            BinaryPrimitives.WriteUInt64LittleEndian(rest, BinaryPrimitives.ReadUInt64LittleEndian(rest) ^ wide);
        for (var i = 0; i < rest.Length; i++) rest[i] ^= (byte)(wide >> (8 * i));
    }

    private static CloseCode Judge(byte first, byte second)
    {
        var opCode = (OpCode)(first & 0x0F);
        if ((first & 0x70) != 0 || !Enum.IsDefined(opCode)) return CloseCode.ProtocolError;
        if ((second & 0x80) == 0) return CloseCode.ProtocolError;
        if (opCode >= OpCode.Close && ((first & 0x80) == 0 || (second & 0x7F) > MostControlPayload)) return CloseCode.ProtocolError;
        return CloseCode.None;
    }

    private static int LengthBytes(int shortLength) => shortLength switch { 126 => 2, 127 => 8, _ => 0 };

    private static CloseCode ReadLength(ReadOnlySpan<byte> bytes, int shortLength, int most, out int length)
    {
        var (announced, least) = shortLength switch
        {
            126 => ((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes), 126UL),
            127 => (BinaryPrimitives.ReadUInt64BigEndian(bytes), 65_536UL),
            _ => ((ulong)shortLength, 0UL),
        };
        length = 0;
        // Only the shortest form of a length is valid, and never one with the highest bit set.
        if (announced < least || announced > long.MaxValue) return CloseCode.ProtocolError;
        if (announced > (ulong)most) return CloseCode.TooLarge;
        length = (int)announced;
        return CloseCode.None;
    }
}
