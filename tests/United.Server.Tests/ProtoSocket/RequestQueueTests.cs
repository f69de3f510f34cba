using United.Server.ProtoSocket;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.ProtoSocket;

public sealed class RequestQueueTests
{
    private const int Half = RequestQueue.MostBytes / 2;

    [Fact]
    public async Task What_waits_is_bounded_in_bytes_and_what_is_answered_makes_room()
    {
        var (begun, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
        var queue = new RequestQueue(_ =>
        {
            begun.TrySetResult();
            return answered.Task;
        });
        Assert.True(queue.TryAdd(new Envelope(), Half));
        await begun.Task; // it waits no more, and its bytes are free

        Assert.True(queue.TryAdd(new Envelope(), Half));
        Assert.True(queue.TryAdd(new Envelope(), Half));
        Assert.False(queue.TryAdd(new Envelope(), 1));
        answered.SetResult();
        while (!queue.TryAdd(new Envelope(), 2 * Half)) await Task.Yield();
        await queue.Stop();
    }

    [Fact]
    public async Task What_waits_is_bounded_in_number_and_forgotten_by_the_end()
    {
        var (begun, answered, handled) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        var queue = new RequestQueue(_ =>
        {
            handled++;
            begun.TrySetResult();
            return answered.Task;
        });
        Assert.True(queue.TryAdd(new Envelope(), 1));
        await begun.Task;

        for (var i = 0; i < RequestQueue.MostRequests; i++) Assert.True(queue.TryAdd(new Envelope(), 1));
        Assert.False(queue.TryAdd(new Envelope(), 1));
        var stopped = queue.Stop();
        answered.SetResult();
        await stopped;
        Assert.Equal(1, handled);
    }
}
