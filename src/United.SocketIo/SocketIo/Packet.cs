namespace United.SocketIo;

/// <summary>Socket.IO protocol 5.</summary>
internal enum PacketType : byte
{
    Connect = 0,
    Disconnect = 1,
    Event = 2,
    Ack = 3,
    ConnectError = 4,
    BinaryEvent = 5,
    BinaryAck = 6,
}

/// <summary>The text of one packet, taken apart. The memories are parts of what was read, and valid as long as that is.</summary>
/// <param name="Namespace">UTF-8, with its slash.</param>
/// <param name="Attachments">How many binary messages follow.</param>
/// <param name="Json">Empty where there is no payload.</param>
internal readonly record struct Packet(PacketType Type, ReadOnlyMemory<byte> Namespace, long? AckId, int Attachments, ReadOnlyMemory<byte> Json);
