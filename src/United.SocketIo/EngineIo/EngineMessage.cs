using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using United.WebSockets;

namespace United.SocketIo.EngineIo;

/// <summary>
/// One or more Engine.IO packets that travel together, encoded once and handed to any number of sessions: WebSocket frames ready to be
/// written, and, made when the first polling session asks, the same packets as a poll carries them. Never changes.
/// </summary>
public sealed class EngineMessage
{
    internal const byte Separator = 0x1E;

    internal static readonly EngineMessage Ping = Control("2"u8);
    internal static readonly EngineMessage Noop = Control("6"u8);

    private static readonly EngineMessage PlainClose = Raw(OpCode.Close, []);

    private byte[]? _payload;
    private byte[]? _base64Frames;

    private EngineMessage(byte[] frames) => Frames = frames;

    /// <summary>Whole WebSocket frames, one behind the other.</summary>
    internal byte[] Frames { get; }

    internal bool IsClose => (OpCode)(Frames[0] & 0x0F) == OpCode.Close;

    /// <summary>What this costs in a queue: its bytes, and an allowance for what keeps them.</summary>
    internal int Cost => Frames.Length + 64;

    /// <summary>As a poll carries it: <c>4text</c>, <c>bBASE64</c>, joined by U+001E.</summary>
    internal byte[] Payload => _payload ??= ToPayload();

    /// <summary>For a client that cannot take binary (<c>b64=1</c>): binary packets as text frames with <c>bBASE64</c>.</summary>
    internal byte[] Base64Frames => _base64Frames ??= ToBase64Frames();

    /// <param name="utf8">Must not contain U+001E, which is what separates packets in a poll.</param>
    public static EngineMessage Text(ReadOnlySpan<byte> utf8) => Create([], utf8);

    public static EngineMessage Binary(ReadOnlySpan<byte> bytes) => new(Frame.Encode(OpCode.Binary, bytes));

    /// <summary>A text message out of its parts, with the binary messages that belong to it behind it.</summary>
    internal static EngineMessage Create(
        ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, ReadOnlySpan<byte> end = default, ReadOnlySpan<ReadOnlyMemory<byte>> attachments = default)
    {
        var text = 1 + head.Length + body.Length + end.Length;
        var length = FrameHeader.LengthFor(text) + text;
        foreach (var attachment in attachments) length += FrameHeader.LengthFor(attachment.Length) + attachment.Length;
        var frames = GC.AllocateUninitializedArray<byte>(length);
        var rest = frames.AsSpan(FrameHeader.Write(frames, OpCode.Text, text));
        rest[0] = (byte)'4';
        head.CopyTo(rest[1..]);
        body.CopyTo(rest[(1 + head.Length)..]);
        end.CopyTo(rest[(1 + head.Length + body.Length)..]);
        rest = rest[text..];
        foreach (var attachment in attachments)
        {
            rest = rest[FrameHeader.Write(rest, OpCode.Binary, attachment.Length)..];
            attachment.Span.CopyTo(rest);
            rest = rest[attachment.Length..];
        }
        return new EngineMessage(frames);
    }

    /// <param name="frames">The <see cref="Frames"/> of one that was made before.</param>
    internal static EngineMessage OfFrames(ReadOnlySpan<byte> frames) => new(frames.ToArray());

    internal static EngineMessage Control(ReadOnlySpan<byte> packet) => new(Frame.Encode(OpCode.Text, packet));

    /// <summary>The close frame of a WebSocket. Without a code it says nothing, as the original's do.</summary>
    internal static EngineMessage Close(CloseCode code = CloseCode.None) => code == CloseCode.None ? PlainClose : new(Frame.EncodeClose(code, ""));

    /// <summary>A WebSocket frame that is no Engine.IO packet, such as a pong.</summary>
    internal static EngineMessage Raw(OpCode opCode, ReadOnlySpan<byte> payload) => new(Frame.Encode(opCode, payload));

    /// <summary>The packets one by one, parts of the frames: a text with its type, binary without.</summary>
    internal ReadOnlyMemory<byte>[] Packets()
    {
        var packets = new List<ReadOnlyMemory<byte>>(1);
        for (ReadOnlyMemory<byte> rest = Frames; !rest.IsEmpty;)
        {
            rest = Next(rest, out _, out var packet);
            packets.Add(packet);
        }
        return [.. packets];
    }

    private byte[] ToPayload()
    {
        var writer = new ArrayBufferWriter<byte>(Frames.Length);
        for (ReadOnlyMemory<byte> rest = Frames; !rest.IsEmpty;)
        {
            if (writer.WrittenCount > 0) writer.Write([Separator]);
            rest = Next(rest, out var isBinary, out var payload);
            if (isBinary) WriteBase64(writer, payload.Span);
            else writer.Write(payload.Span);
        }
        return writer.WrittenSpan.ToArray();
    }

    private byte[] ToBase64Frames()
    {
        var writer = new ArrayBufferWriter<byte>(Frames.Length);
        var packet = new ArrayBufferWriter<byte>();
        for (ReadOnlyMemory<byte> rest = Frames; !rest.IsEmpty;)
        {
            var from = rest;
            rest = Next(rest, out var isBinary, out var payload);
            if (!isBinary)
            {
                writer.Write(from.Span[..^rest.Length]);
                continue;
            }
            packet.ResetWrittenCount();
            WriteBase64(packet, payload.Span);
            writer.Write(Frame.Encode(OpCode.Text, packet.WrittenSpan));
        }
        return writer.WrittenSpan.ToArray();
    }

    private static void WriteBase64(ArrayBufferWriter<byte> writer, ReadOnlySpan<byte> bytes)
    {
        var target = writer.GetSpan(1 + Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        target[0] = (byte)'b';
        Base64.EncodeToUtf8(bytes, target[1..], out _, out var written);
        writer.Advance(1 + written);
    }

    /// <summary>Steps over one of our own frames: unmasked, never fragmented.</summary>
    private static ReadOnlyMemory<byte> Next(ReadOnlyMemory<byte> frames, out bool isBinary, out ReadOnlyMemory<byte> payload)
    {
        var bytes = frames.Span;
        isBinary = (OpCode)(bytes[0] & 0x0F) == OpCode.Binary;
        var (head, length) = bytes[1] switch
        {
            126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
            127 => (10, (int)BinaryPrimitives.ReadInt64BigEndian(bytes[2..])),
            var small => (2, small),
        };
        payload = frames.Slice(head, length);
        return frames[(head + length)..];
    }
}
