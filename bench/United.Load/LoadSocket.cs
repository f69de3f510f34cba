using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using United.Wire.Ws;

namespace United.Load;

/// <summary>What to do with one binary message. The bytes are valid during the call alone.</summary>
internal delegate void Received(LoadSocket socket, ReadOnlySpan<byte> message);

/// <summary>
/// One client, as cheap as a client can be: a bare socket, no buffer while nothing arrives, an all-zero mask (which RFC 6455
/// allows and which costs nothing to apply).
/// </summary>
internal sealed class LoadSocket : IDisposable
{
    private const int FrameHead = 14;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Received _received;
    private byte[] _rest = [];

    private LoadSocket(int number, Received received) => (Number, _received) = (number, received);

    public int Number { get; }

    /// <summary>Completes when the server, or <see cref="Dispose"/>, has ended the connection.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Opens and signs in by the Authorization header. Returns when the server has answered the upgrade.</summary>
    /// <exception cref="IOException">The server refused.</exception>
    public static async Task<LoadSocket> Open(int number, Uri url, string token, Received received, CancellationToken ct)
    {
        var socket = new LoadSocket(number, received);
        try
        {
            var host = url.Host == "localhost" ? "127.0.0.1" : url.Host;
            await socket._socket.ConnectAsync(IPAddress.Parse(host), url.Port, ct);
            await socket.Upgrade(url, token, ct);
            socket.Ended = socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask Send(Envelope envelope)
    {
        var size = envelope.CalculateSize();
        var buffer = ArrayPool<byte>.Shared.Rent(FrameHead + size);
        try
        {
            var head = WriteHead(buffer, 0x82, size);
            envelope.WriteTo(buffer.AsSpan(head, size));
            await SendAll(buffer.AsMemory(0, head + size));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static int WriteHead(Span<byte> target, byte first, int payload)
    {
        target[0] = first;
        var head = payload < 126 ? 2 : payload <= ushort.MaxValue ? 4 : 10;
        target[1] = (byte)(0x80 | (head switch { 2 => payload, 4 => 126, _ => 127 }));
        if (head == 4) BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)payload);
        if (head == 10) BinaryPrimitives.WriteInt64BigEndian(target[2..], payload);
        target.Slice(head, 4).Clear();
        return head + 4;
    }

    private async ValueTask SendAll(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await _socket.SendAsync(bytes)..];
    }

    private async Task Upgrade(Uri url, string token, CancellationToken ct)
    {
        var key = Convert.ToBase64String(Guid.CreateVersion7().ToByteArray());
        await SendAll(Encoding.ASCII.GetBytes(
            $"GET /ws HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
            $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: united.v1\r\nAuthorization: Bearer {token}\r\n\r\n"));
        var answer = new byte[4096];
        var length = 0;
        int end;
        while ((end = answer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            var count = await _socket.ReceiveAsync(answer.AsMemory(length), ct);
            if (count == 0) throw new IOException("The server closed the connection.");
            length += count;
        }
        if (!answer.AsSpan().StartsWith("HTTP/1.1 101"u8)) throw new IOException("Refused: " + Encoding.UTF8.GetString(answer, 0, length));
        Take(answer.AsSpan(end + 4, length - end - 4));
    }

    private async Task Listen()
    {
        try
        {
            while (true)
            {
                await _socket.ReceiveAsync(Memory<byte>.Empty);
                if (!await ReceiveOnce()) return;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Ended, by one side or the other.
        }
    }

    private async ValueTask<bool> ReceiveOnce()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(64 * 1024, 2 * _rest.Length));
        try
        {
            _rest.CopyTo(buffer, 0);
            var count = await _socket.ReceiveAsync(buffer.AsMemory(_rest.Length));
            if (count == 0) return false;
            return Take(buffer.AsSpan(0, _rest.Length + count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // The server never fragments.
    private bool Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 2)
        {
            var (head, length) = Measure(bytes);
            if (bytes.Length < head || bytes.Length - head < length) break;
            var payload = bytes.Slice(head, length);
            switch (bytes[0] & 0x0F)
            {
                case 2: _received(this, payload); break;
                case 8: return false;
                case 9: Pong(payload); break;
            }
            bytes = bytes[(head + length)..];
        }
        _rest = bytes.ToArray();
        return true;
    }

    private static (int Head, int Length) Measure(ReadOnlySpan<byte> bytes) => (bytes[1] & 0x7F) switch
    {
        126 when bytes.Length >= 4 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
        127 when bytes.Length >= 10 => (10, (int)BinaryPrimitives.ReadInt64BigEndian(bytes[2..])),
        126 or 127 => (int.MaxValue, 0),
        var length => (2, length),
    };

    private void Pong(ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[FrameHead + 125];
        var head = WriteHead(frame, 0x8A, payload.Length);
        payload.CopyTo(frame[head..]);
        _socket.Send(frame[..(head + payload.Length)]);
    }
}
