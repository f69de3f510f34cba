using System.Net;
using System.Net.Sockets;
using System.Text;
using NetSocket = System.Net.Sockets.Socket;

namespace United.SocketIo.Bench;

/// <summary>Raw WebSocket clients that have joined the main namespace.</summary>
internal sealed class Clients : IDisposable
{
    private readonly List<NetSocket> _sockets = [];

    public int Count => _sockets.Count;

    public int this[int index] => (int)_sockets[index].Handle;

    public static Clients Connect(int port, int count)
    {
        var clients = new Clients();
        for (var i = 0; i < count; i++) clients._sockets.Add(Join(port));
        return clients;
    }

    /// <summary>Masked with zeros, as a client may.</summary>
    public static byte[] Frame(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        byte[] head = payload.Length < 126 ? [0x81, (byte)(0x80 | payload.Length)] : [0x81, 0xFE, (byte)(payload.Length >> 8), (byte)payload.Length];
        return [.. head, 0, 0, 0, 0, .. payload];
    }

    /// <summary>How many bytes a server's frame around this text has.</summary>
    public static int FrameLength(string text) => Encoding.UTF8.GetByteCount(text) is var length && length < 126 ? 2 + length : 4 + length;

    public void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
    }

    private static NetSocket Join(int port)
    {
        var socket = new NetSocket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        socket.Send(Encoding.ASCII.GetBytes("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
        ReadUntil(socket, "maxPayload");
        socket.Send(Frame("40"));
        ReadUntil(socket, "40{\"sid\"");
        return socket;
    }

    private static void ReadUntil(NetSocket socket, string word)
    {
        var buffer = new byte[4096];
        for (var length = 0; !Encoding.Latin1.GetString(buffer, 0, length).Contains(word, StringComparison.Ordinal);)
        {
            var count = socket.Receive(buffer.AsSpan(length));
            if (count == 0) throw new IOException("refused: " + Encoding.Latin1.GetString(buffer, 0, length));
            length += count;
        }
    }
}
