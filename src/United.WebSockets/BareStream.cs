using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace United.WebSockets;

/// <summary>
/// A connection as one stream. A read into no room waits until there is something to read. A write goes to the socket, where it is at hand, on
/// the thread of whoever writes: through the pipe it would change to another.
/// </summary>
/// <param name="socket">Does not block. Nothing else writes to it.</param>
internal sealed class BareStream(IDuplexPipe pipes, Socket? socket) : Stream
{
    public PipeReader Input => pipes.Input;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var arrived = await pipes.Input.ReadAsync(cancellationToken);
        return Take(pipes.Input, arrived, buffer.Span);
    }

    /// <summary>Copies what has arrived, as far as there is room for it, and leaves the rest in the pipe.</summary>
    public static int Take(PipeReader pipe, in ReadResult arrived, Span<byte> target)
    {
        var count = (int)Math.Min(arrived.Buffer.Length, target.Length);
        var taken = arrived.Buffer.Slice(0, count);
        taken.CopyTo(target);
        // From here on the pipe may give the bytes to somebody else.
        pipe.AdvanceTo(taken.End);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Completes when the buffer may be used again. A client that does not read delays that.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (socket is null) return Pass(buffer, cancellationToken);
        var sent = SendNow(socket, buffer.Span);
        return sent == buffer.Length ? default : SendRest(socket, buffer[sent..], cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <returns>How many bytes the socket has room for.</returns>
    private static int SendNow(Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var sent = socket.Send(bytes, SocketFlags.None, out var error);
            return error is SocketError.Success or SocketError.WouldBlock ? sent : throw new SocketException((int)error);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new IOException("The connection is gone.", e);
        }
    }

    private static async ValueTask SendRest(Socket socket, ReadOnlyMemory<byte> rest, CancellationToken ct)
    {
        try
        {
            while (!rest.IsEmpty) rest = rest[await socket.SendAsync(rest, ct)..];
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new IOException("The connection is gone.", e);
        }
    }

    private static bool IsLoss(Exception e) => e is SocketException or ObjectDisposedException;

    private ValueTask Pass(ReadOnlyMemory<byte> buffer, CancellationToken ct)
    {
        var written = pipes.Output.WriteAsync(buffer, ct);
        if (!written.IsCompletedSuccessfully) return new ValueTask(written.AsTask());
        _ = written.Result;
        return default;
    }
}
