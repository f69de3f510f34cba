using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace United.SocketIo.Tests.Hosting;

/// <summary>A WebSocket client without manners: it sends any bytes, and shows every frame that comes.</summary>
internal sealed class RawWebSocket : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;

    private RawWebSocket(TcpClient tcp) => (_tcp, _stream) = (tcp, tcp.GetStream());

    /// <summary>The first line of the answer, and its body where there is one.</summary>
    public string Answer { get; private set; } = "";

    public static async Task<RawWebSocket> Connect(SocketIoHost host, string pathAndQuery, string headers = "")
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", host.Port);
        var socket = new RawWebSocket(tcp);
        await socket.Send(Encoding.ASCII.GetBytes(
            $"GET {pathAndQuery} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{headers}\r\n"));
        socket.Answer = await socket.ReadHead();
        return socket;
    }

    /// <summary>Joined to the main namespace of /socket.io, both handshakes read.</summary>
    public static async Task<RawWebSocket> Join(SocketIoHost host, string connect = "40")
    {
        var socket = await Connect(host, "/socket.io/?EIO=4&transport=websocket");
        await socket.ReadText();
        await socket.SendText(connect);
        await socket.ReadText();
        return socket;
    }

    public ValueTask Send(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes);

    public ValueTask SendText(string text) => Send(Frame(0x81, Encoding.UTF8.GetBytes(text)));

    public ValueTask SendBinary(params byte[] bytes) => Send(Frame(0x82, bytes));

    public static byte[] Frame(byte first, byte[] payload)
    {
        var head = payload.Length switch
        {
            < 126 => [first, (byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [first, 0xFE, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => Long(first, payload.Length),
        };
        // A mask of zeros leaves the payload readable.
        return [.. head, 0, 0, 0, 0, .. payload];
    }

    /// <returns>Null where the connection ended, or a close frame came.</returns>
    public async Task<(byte OpCode, byte[] Payload)?> ReadFrame()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var head = await ReadExactly(2, patience.Token);
            long length = head[1] switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadExactly(2, patience.Token)),
                127 => BinaryPrimitives.ReadInt64BigEndian(await ReadExactly(8, patience.Token)),
                var small => small,
            };
            return ((byte)(head[0] & 0x0F), await ReadExactly((int)length, patience.Token));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async Task<string> ReadText()
    {
        var frame = await ReadFrame();
        Assert.NotNull(frame);
        Assert.Equal(1, frame.Value.OpCode);
        return Encoding.UTF8.GetString(frame.Value.Payload);
    }

    /// <summary>Reads on, answering pings, until a text that is no ping.</summary>
    public async Task<string> ReadTextButPing()
    {
        while (true)
        {
            var text = await ReadText();
            if (text != "2") return text;
            await SendText("3");
        }
    }

    /// <returns>The close code; 1005 where the close frame carried none, 1006 where there was no close frame.</returns>
    public async Task<int> ReadClose()
    {
        while (await ReadFrame() is { } frame)
        {
            if (frame.OpCode == 8) return frame.Payload.Length < 2 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(frame.Payload);
        }
        return 1006;
    }

    public void Dispose() => _tcp.Dispose();

    private static byte[] Long(byte first, int length)
    {
        var head = new byte[10];
        (head[0], head[1]) = (first, 0xFF);
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(2), length);
        return head;
    }

    private async Task<byte[]> ReadExactly(int count, CancellationToken ct)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, ct);
        return bytes;
    }

    private async Task<string> ReadHead()
    {
        using var patience = new CancellationTokenSource(Patience);
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) head.Append((char)(await ReadExactly(1, patience.Token))[0]);
        var text = head.ToString();
        if (text.StartsWith("HTTP/1.1 101", StringComparison.Ordinal)) return text;
        using var rest = new StreamReader(_stream, Encoding.ASCII, leaveOpen: true);
        return text + await rest.ReadToEndAsync(patience.Token);
    }
}
