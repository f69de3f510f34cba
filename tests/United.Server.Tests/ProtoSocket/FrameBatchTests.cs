using System.Buffers;
using United.Server.ProtoSocket;
using Xunit;

namespace United.Server.Tests.ProtoSocket;

/// <summary>Abuse case 50: what somebody else left in a shared buffer is never sent along.</summary>
public sealed class FrameBatchTests
{
    private const byte Poison = 0xCC;

    [Theory]
    [InlineData(1, 100)]
    [InlineData(3, 1)]
    [InlineData(40, 1_000)]
    [InlineData(300, 1_000)]
    public async Task Frames_leave_as_they_are_out_of_poisoned_buffers(int count, int bytes)
    {
        byte[][] frames = [.. Enumerable.Range(0, count).Select(i => Enumerable.Repeat((byte)(i % 100), bytes + i).ToArray())];
        using var stream = new MemoryStream();

        Spoil();
        await FrameBatch.Write(stream, frames);

        Assert.Equal(frames.SelectMany(frame => frame), stream.ToArray());
        Assert.DoesNotContain(Poison, stream.ToArray());
    }

    // Every size that the pool keeps for this thread, up to what a batch takes.
    private static void Spoil()
    {
        for (var size = 16; size <= 128 * 1024; size *= 2)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            buffer.AsSpan().Fill(Poison);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
