using System.Buffers;
using System.Buffers.Text;
using United.WebSockets;

namespace United.SocketIo.EngineIo;

public sealed partial class EngineSocket
{
    /// <summary>
    /// One text packet, <c>type(1 digit) data</c> or <c>b base64</c>, from a poll or from a WebSocket.
    /// </summary>
    /// <returns>False where the packet ended the session, or the session was not open.</returns>
    private async ValueTask<bool> ReceiveText(ReadOnlyMemory<byte> packet)
    {
        if (_state != State.Open || _receiver is not { } receiver) return false;
        var type = packet.IsEmpty ? (byte)0 : packet.Span[0];
        NoteLife(isPong: type == '3');
        switch (type)
        {
            case (byte)'4':
                return await Hand(receiver, packet[1..], isText: true);
            case (byte)'b':
                return await ReceiveBase64(packet[1..], receiver);
            case (byte)'0' or (byte)'3' or (byte)'5' or (byte)'6':
                return true;
            case (byte)'1':
                await CloseByClient();
                return false;
            case (byte)'2':
                // Pings come from the server in protocol 4.
                CloseNow(CloseReasons.TransportError);
                return false;
            default:
                CloseNow(CloseReasons.ParseError);
                return false;
        }
    }

    private async ValueTask<bool> ReceiveBinary(ReadOnlyMemory<byte> bytes)
    {
        if (_state != State.Open || _receiver is not { } receiver) return false;
        NoteLife(isPong: false);
        return await Hand(receiver, bytes, isText: false);
    }

    /// <summary>The edge: what a receiver throws ends its own session only.</summary>
    private async ValueTask<bool> Hand(IEngineReceiver receiver, ReadOnlyMemory<byte> message, bool isText)
    {
        try
        {
            await (isText ? receiver.Text(message) : receiver.Binary(message));
        }
        catch (Exception e)
        {
            EngineLog.ReceiverFailed(_server.Log, e);
            CloseNow(CloseReasons.TransportError);
        }
        return _state == State.Open;
    }

    private async ValueTask<bool> ReceiveBase64(ReadOnlyMemory<byte> text, IEngineReceiver receiver)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(text.Length));
        try
        {
            if (Base64.DecodeFromUtf8(text.Span, bytes, out _, out var written) != OperationStatus.Done)
            {
                CloseNow(CloseReasons.ParseError);
                return false;
            }
            return await Hand(receiver, bytes.AsMemory(0, written), isText: false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
