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
        socket.Send(TextFrame.OfClient("40"));
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
