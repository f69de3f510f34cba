using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text.Unicode;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>
/// The array of an event or acknowledgement in JSON, and its attachments, on the way to clients and other nodes, who get copies. Its bytes may
/// lie where this thread writes its next one, so nothing can hold it that outlives the call.
/// </summary>
internal readonly ref struct Payload(ReadOnlySpan<byte> json, ReadOnlySpan<ReadOnlyMemory<byte>> attachments)
{
    /// <summary>Before the JSON: a type, the number of attachments and a dash, an acknowledgement's id.</summary>
    private const int MostOfHead = 1 + 12 + 20;

    private readonly PayloadWriter? _writer;

    private Payload(PayloadWriter writer) : this(writer.Json, writer.Attachments) => _writer = writer;

    public ReadOnlySpan<byte> Json { get; } = json;

    public ReadOnlySpan<ReadOnlyMemory<byte>> Attachments { get; } = attachments;

    /// <param name="name">Null for an acknowledgement.</param>
    public static Payload Encode(string? name, ReadOnlySpan<object?> args, SocketIoOptions options)
    {
        var writer = PayloadWriter.Take();
        try
        {
            writer.Write(name, args, options);
            return new Payload(writer);
        }
        catch
        {
            writer.GiveBack();
            throw;
        }
    }

    /// <summary>What a message was made of.</summary>
    public static Payload Of(EngineMessage message)
    {
        var packets = message.Packets();
        if (!PacketDecoder.TryRead(packets[0][1..], int.MaxValue, out var packet)) throw new UnreachableException();
        return new Payload(packet.Json.Span, packets.AsSpan(1));
    }

    public EngineMessage ToEvent(Namespace ns, long? ackId = null) => ToMessage(Attachments.IsEmpty ? '2' : '5', ns, ackId, Json, []);

    /// <summary>With the offset of connection state recovery as last element: a number, as text.</summary>
    public EngineMessage ToEventAt(long offset, Namespace ns)
    {
        Span<byte> end = stackalloc byte[2 + 20 + 2];
        Utf8.TryWrite(end, CultureInfo.InvariantCulture, $",\"{offset}\"]", out var length);
        return ToMessage(Attachments.IsEmpty ? '2' : '5', ns, null, Json[..^1], end[..length]);
    }

    public EngineMessage ToAck(Namespace ns, long ackId) => ToMessage(Attachments.IsEmpty ? '3' : '6', ns, ackId, Json, []);

    public void Dispose() => _writer?.GiveBack();

    /// <summary><c>type [attachments "-"] [namespace ","] [ackId]</c>, before the JSON.</summary>
    private EngineMessage ToMessage(char type, Namespace ns, long? ackId, ReadOnlySpan<byte> json, ReadOnlySpan<byte> end)
    {
        Span<byte> head = stackalloc byte[MostOfHead + (ns.Prefix.Length <= 256 ? ns.Prefix.Length : 0)];
        if (ns.Prefix.Length > 256) head = new byte[MostOfHead + ns.Prefix.Length];
        head[0] = (byte)type;
        var length = 1;
        if (!Attachments.IsEmpty)
        {
            Utf8Formatter.TryFormat(Attachments.Length, head[length..], out var digits);
            length += digits;
            head[length++] = (byte)'-';
        }
        ns.Prefix.CopyTo(head[length..]);
        length += ns.Prefix.Length;
        if (ackId is { } id)
        {
            Utf8Formatter.TryFormat(id, head[length..], out var digits);
            length += digits;
        }
        return EngineMessage.Create(head[..length], json, end, Attachments);
    }
}
