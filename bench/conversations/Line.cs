using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using United.SocketIo.Bench;

namespace United.ConversationsBench;

/// <summary>What one client hears: a Socket.IO packet, as text.</summary>
internal delegate void Heard(Line line, ReadOnlySpan<byte> packet);

/// <summary>One signed-in client, as cheap as it can be: a socket, and the frames that it has not read to their end.</summary>
internal sealed class Line : IDisposable
{
    private static readonly byte[] Pong = TextFrame.OfClient("3");

    // WebSocket's own, which the protobuf socket is kept alive by.
    private static readonly byte[] WirePong = [0x8A, 0x80, 0, 0, 0, 0];

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[512];
    private int _filled;

    public required int Number { get; init; }

    public int Handle => (int)_socket.Handle;

    public static Line Open(int number, int port, string token)
    {
        var line = Connect(number, port, "/socket.io/?EIO=4&transport=websocket");
        line.Await("0{"u8);
        line.Send(TextFrame.OfClient($$"""40{"token":"{{token}}"}"""));
        line.Await("42[\"hello\""u8);
        return line;
    }

    /// <summary>Speaks protobuf: what it hears are envelopes.</summary>
    public static Line OpenProto(int number, int port, string token)
    {
        var line = Connect(number, port, "/ws", $"Authorization: Bearer {token}\r\n");
        line.Await([]);
        return line;
    }

    public void Send(ReadOnlySpan<byte> frames) => Epoll.Send(Handle, frames);

    /// <summary>Takes what has come; called when there is something.</summary>
    public void Receive(Heard heard)
    {
        if (_filled == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var count = Epoll.Receive(Handle, _buffer.AsSpan(_filled));
        if (count <= 0) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"Client {Number} was cut off."));
        _filled += count;
        var at = 0;
        while (TryRead(_buffer.AsSpan(at, _filled - at), out var head, out var length))
        {
            var packet = _buffer.AsSpan(at + head, length);
            var isPing = (_buffer[at] & 0x0F) == 9;
            at += head + length;
            if (isPing) Send(WirePong);
            else if (packet is [(byte)'2']) Send(Pong);
            else heard(this, packet);
        }
        _buffer.AsSpan(at, _filled - at).CopyTo(_buffer);
        _filled -= at;
    }

    public void Dispose() => _socket.Dispose();

    private static bool TryRead(ReadOnlySpan<byte> bytes, out int head, out int length)
    {
        (head, length) = (2, 0);
        if (bytes.Length < 2) return false;
        length = bytes[1];
        if (length == 126)
        {
            head = 4;
            if (bytes.Length < head) return false;
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        }
        else if (length == 127)
        {
            head = 10;
            if (bytes.Length < head) return false;
            length = (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]);
        }
        return bytes.Length >= head + length;
    }

    private static Line Connect(int number, int port, string address, string headers = "")
    {
        var line = new Line { Number = number };
        line._socket.Connect(IPAddress.Loopback, port);
        line._socket.Send(Encoding.ASCII.GetBytes($"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
        line.SkipHead();
        return line;
    }

    private void SkipHead()
    {
        var head = new StringBuilder();
        for (var one = new byte[1]; !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal); head.Append((char)one[0]))
        {
            if (_socket.Receive(one) == 0) break;
        }
        if (!head.ToString().StartsWith("HTTP/1.1 101", StringComparison.Ordinal)) throw new IOException("The handshake was refused: " + head);
    }

    private void Await(ReadOnlySpan<byte> start)
    {
        var (found, wanted) = (false, start.ToArray());
        while (!found)
        {
            Receive((_, packet) =>
            {
                if (packet.StartsWith("44"u8)) throw new IOException("Refused: " + Encoding.UTF8.GetString(packet));
                found |= packet.StartsWith(wanted);
            });
        }
    }
}
