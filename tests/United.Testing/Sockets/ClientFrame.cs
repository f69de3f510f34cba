using System.Buffers.Binary;

namespace United.Testing.Sockets;

/// <summary>One frame as a client sends it, and every way to send it wrong.</summary>
public sealed record ClientFrame(byte OpCode, byte[] Payload)
{
    public const byte Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    public bool Final { get; init; } = true;

    /// <summary>The three reserved bits, 0 to 7.</summary>
    public int Reserved { get; init; }

    /// <summary>Null: unmasked, as no client may.</summary>
    public uint? Mask { get; init; } = 0x5A3C7E11;

    /// <summary>The length that the head claims, where it is not the true one.</summary>
    public ulong? ClaimedLength { get; init; }

    /// <summary>Bytes of extended length (0, 2 or 8), where it is not the shortest form.</summary>
    public int? LengthBytes { get; init; }

    public byte[] ToBytes()
    {
        var length = ClaimedLength ?? (ulong)Payload.Length;
        var wide = LengthBytes ?? (length < 126 ? 0 : length <= ushort.MaxValue ? 2 : 8);
        var bytes = new List<byte>
        {
            (byte)((Final ? 0x80 : 0) | (Reserved << 4) | OpCode),
            (byte)((Mask is null ? 0 : 0x80) | (wide switch { 0 => (int)length, 2 => 126, _ => 127 })),
        };
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, length);
        bytes.AddRange(number[(8 - wide)..]);
        bytes.AddRange(Masked());
        return [.. bytes];
    }

    private byte[] Masked()
    {
        if (Mask is not { } mask) return Payload;
        var bytes = new byte[4 + Payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, mask);
        for (var i = 0; i < Payload.Length; i++) bytes[4 + i] = (byte)(Payload[i] ^ bytes[i % 4]);
        return bytes;
    }
}
