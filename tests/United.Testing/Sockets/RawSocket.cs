using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using United.Wire.Ws;

namespace United.Testing.Sockets;

/// <summary>What a server sent: one frame, or (with <see cref="Code"/>) the end.</summary>
public sealed record ServerFrame(byte OpCode, byte[] Payload)
{
    /// <summary>Of a close frame.</summary>
    public int Code => OpCode == ClientFrame.Close && Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 0;

    public Envelope Envelope => Envelope.Parser.ParseFrom(Payload);
}

/// <summary>A client that may break every rule: bytes in, frames out, nothing of the protocol done on its own.</summary>
public sealed class RawSocket : IAsyncDisposable
{
    // Of a size of our own: the kernel would grow it to megabytes, and a client that does not read would not be slow.
    private readonly TcpClient _client = new() { ReceiveBufferSize = 64 * 1024 };
    private NetworkStream _stream = null!;

    private RawSocket()
    {
    }

    /// <summary>Connects, and no more.</summary>
    public static async Task<RawSocket> Connect(Uri server)
    {
        var socket = new RawSocket();
        await socket._client.ConnectAsync(server.Host, server.Port);
        socket._stream = socket._client.GetStream();
        return socket;
    }

    /// <summary>Connects and opens a WebSocket.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public static async Task<RawSocket> Open(Uri server, string? token = null)
    {
        var socket = await Connect(server);
        var answer = await socket.Upgrade(server, token is null ? [] : ["Authorization: Bearer " + token]);
        return answer.StartsWith("HTTP/1.1 101", StringComparison.Ordinal) ? socket : throw new InvalidOperationException(answer);
    }

    /// <returns>The head of the answer, and its body where there is one.</returns>
    public Task<string> Upgrade(Uri server, params IEnumerable<string> headers) => Request("GET", "/ws",
        [
            "Host: " + server.Authority, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", .. headers,
        ]);

    public async Task<string> Request(string method, string path, params IEnumerable<string> headers)
    {
        await Send(Encoding.Latin1.GetBytes($"{method} {path} HTTP/1.1\r\n{string.Join("\r\n", headers)}\r\n\r\n"));
        return await ReceiveHead();
    }

    /// <returns>The head of an answer over HTTP.</returns>
    public async Task<string> ReceiveHead()
    {
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await _stream.ReadAsync(one) == 1) answer.Append((char)one[0]);
        return answer.ToString();
    }

    public async Task Send(params byte[] bytes) => await _stream.WriteAsync(bytes);

    public Task Send(ClientFrame frame) => Send(frame.ToBytes());

    public Task Send(Envelope envelope) => Send(new ClientFrame(ClientFrame.Binary, envelope.ToByteArray()));

    /// <returns>The next frame; null when the connection has ended.</returns>
    public async Task<ServerFrame?> Receive()
    {
        try
        {
            return await ReceiveFrame();
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    /// <summary>Reads until the server says why it ends.</summary>
    /// <returns>The close code; 0 if the connection just ended.</returns>
    public async Task<int> ReceiveClose()
    {
        while (await Receive() is { } frame)
        {
            if (frame.OpCode == ClientFrame.Close) return frame.Code;
        }
        return 0;
    }

    /// <summary>Reads until the envelope comes.</summary>
    /// <exception cref="InvalidOperationException">The connection ended before.</exception>
    public async Task<Envelope> ReceiveEnvelope(Func<Envelope, bool> wanted)
    {
        while (await Receive() is { } frame)
        {
            if (frame.OpCode == ClientFrame.Binary && frame.Envelope is var envelope && wanted(envelope)) return envelope;
            if (frame.OpCode == ClientFrame.Close) throw new InvalidOperationException($"Closed with {frame.Code}.");
        }
        throw new InvalidOperationException("The connection ended.");
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ServerFrame> ReceiveFrame()
    {
        var head = await Exactly(2);
        var length = (head[1] & 0x7F) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await Exactly(2)),
            127 => (int)BinaryPrimitives.ReadInt64BigEndian(await Exactly(8)),
            var small => small,
        };
        return new ServerFrame((byte)(head[0] & 0x0F), await Exactly(length));
    }

    private async Task<byte[]> Exactly(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
