using Google.Protobuf;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>One envelope is one binary frame: the envelope's bytes with the frame's head before them, ready for the stream.</summary>
internal static class EnvelopeFrame
{
    /// <returns>An array of its own, never pooled: it may be shared by any number of receivers, and nothing ever writes to it.</returns>
    public static byte[] Encode(Envelope envelope)
    {
        var size = envelope.CalculateSize();
        var head = FrameHeader.LengthFor(size);
        var frame = new byte[head + size];
        FrameHeader.Write(frame, OpCode.Binary, size);
        envelope.WriteTo(frame.AsSpan(head));
        return frame;
    }
}
