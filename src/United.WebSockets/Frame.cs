using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace United.WebSockets;

/// <summary>
/// One step of what a client sends: a control frame, a whole message (<see cref="OpCode.Text"/> or <see cref="OpCode.Binary"/>,
/// however many fragments it came in), or <see cref="OpCode.Continuation"/> for a fragment that completes nothing yet. The payload is valid until the next step.
/// </summary>
public readonly record struct Frame(OpCode OpCode, ReadOnlyMemory<byte> Payload)
{
    /// <summary>A whole unmasked frame, as a server sends it. Nothing else ever sees this array.</summary>
    public static byte[] Encode(OpCode opCode, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeader.LengthFor(payload.Length) + payload.Length];
        payload.CopyTo(frame.AsSpan(FrameHeader.Write(frame, opCode, payload.Length)));
        return frame;
    }

    /// <param name="reason">At most 123 bytes of ASCII.</param>
    public static byte[] EncodeClose(CloseCode code, string reason)
    {
        var payload = new byte[2 + reason.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoding.ASCII.GetBytes(reason, payload.AsSpan(2));
        return Encode(OpCode.Close, payload);
    }

    /// <summary>What a close frame is answered with: its own code, or 1002 where it is not valid (RFC 6455, section 5.5.1).</summary>
    public static CloseCode AnswerToClose(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return CloseCode.Normal;
        if (payload.Length < 2) return CloseCode.ProtocolError;
        var code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        return CloseCodes.MayTravel(code) && Utf8.IsValid(payload[2..]) ? (CloseCode)code : CloseCode.ProtocolError;
    }
}
