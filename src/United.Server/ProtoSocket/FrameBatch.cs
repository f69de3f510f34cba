using System.Buffers;

namespace United.Server.ProtoSocket;

/// <summary>
/// Writes what has gathered for one client. The cost of a write is the call, not the bytes: many small frames leave as one. They
/// are copied for that into a buffer which is given back when the stream has taken them, and which nobody else sees meanwhile.
/// </summary>
internal static class FrameBatch
{
    private const int Most = 64 * 1024;

    public static async ValueTask Write(Stream stream, ReadOnlyMemory<byte[]> frames)
    {
        while (!frames.IsEmpty)
        {
            var count = Fitting(frames.Span, out var bytes);
            if (count == 1) await stream.WriteAsync(frames.Span[0]);
            else await WriteTogether(stream, frames[..count], bytes);
            frames = frames[count..];
        }
    }

    private static int Fitting(ReadOnlySpan<byte[]> frames, out int bytes)
    {
        bytes = frames[0].Length;
        var count = 1;
        for (; count < frames.Length && bytes + frames[count].Length <= Most; count++) bytes += frames[count].Length;
        return count;
    }

    private static async ValueTask WriteTogether(Stream stream, ReadOnlyMemory<byte[]> frames, int bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            Gather(frames.Span, buffer);
            await stream.WriteAsync(buffer.AsMemory(0, bytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Gather(ReadOnlySpan<byte[]> frames, Span<byte> target)
    {
        foreach (var frame in frames)
        {
            frame.CopyTo(target);
            target = target[frame.Length..];
        }
    }
}
