using United.Core.Realtime;
using Xunit;

namespace United.Core.Tests.Realtime;

public sealed class OutboxTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly Outbox _outbox = new();

    [Fact]
    public async Task All_that_has_gathered_is_taken_at_once_in_the_order_in_which_it_was_added()
    {
        for (byte i = 0; i < 100; i++) Assert.True(_outbox.Add([i]));
        var frames = await _outbox.Take();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), frames.ToArray().Select(frame => frame[0]));
    }

    [Fact]
    public async Task A_writer_that_waits_is_woken_by_what_is_added()
    {
        var taken = _outbox.Take().AsTask();
        Assert.False(taken.IsCompleted);
        _outbox.Add([1]);
        Assert.Single((await taken.WaitAsync(Ct)).ToArray());
    }

    [Fact]
    public async Task Many_who_add_and_one_writer_lose_nothing_and_keep_the_order_of_each()
    {
        const int each = 1000;
        var adders = Enumerable.Range(0, 4).Select(adder => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                Assert.True(_outbox.Add([(byte)adder, .. BitConverter.GetBytes(i)]));
                if (i % 50 == 0) await Task.Yield();
            }
        }, Ct)).ToArray();
        var heard = new List<int>[] { [], [], [], [] };
        while (heard.Sum(list => list.Count) < 4 * each)
            foreach (var frame in (await _outbox.Take().AsTask().WaitAsync(Ct)).ToArray())
                heard[frame[0]].Add(BitConverter.ToInt32(frame, 1));
        await Task.WhenAll(adders);
        Assert.All(heard, list => Assert.Equal(Enumerable.Range(0, each), list));
    }

    [Fact]
    public async Task A_connection_that_lets_more_than_4096_frames_wait_is_closed_as_too_slow()
    {
        for (var i = 0; i < Outbox.MostFrames; i++) Assert.True(_outbox.Add([0]));
        Assert.False(_outbox.Add([0]));
        Assert.Equal(CloseReason.TooSlow, _outbox.Closed);
        Assert.True((await _outbox.Take()).IsEmpty);
    }

    [Fact]
    public void A_connection_that_lets_more_than_a_mebibyte_wait_is_closed_as_too_slow()
    {
        Assert.True(_outbox.Add(new byte[Outbox.MostBytes - 10]));
        Assert.True(_outbox.Add(new byte[10]));
        Assert.False(_outbox.Add([0]));
        Assert.Equal(CloseReason.TooSlow, _outbox.Closed);
    }

    [Fact]
    public async Task What_is_being_written_counts_until_it_is_written()
    {
        _outbox.Add(new byte[Outbox.MostBytes]);
        await _outbox.Take();
        Assert.False(_outbox.Add([0]));

        var second = new Outbox();
        second.Add(new byte[Outbox.MostBytes]);
        await second.Take();
        var next = second.Take();
        Assert.True(second.Add(new byte[Outbox.MostBytes]));
        Assert.Single((await next).ToArray());
    }

    [Fact]
    public async Task A_close_that_says_good_bye_lets_the_rest_be_written()
    {
        _outbox.Add([1]);
        _outbox.Close(CloseReason.GoingAway);
        Assert.False(_outbox.Add([2]));
        Assert.Single((await _outbox.Take()).ToArray());
        Assert.True((await _outbox.Take()).IsEmpty);
        Assert.False(_outbox.Cut.IsCancellationRequested);
    }

    [Fact]
    public async Task An_ended_session_is_told_nothing_that_still_waits()
    {
        _outbox.Add([1]);
        _outbox.Close(CloseReason.SessionEnded("logged_out"));
        Assert.True((await _outbox.Take()).IsEmpty);
        Assert.Equal((4401, "logged_out"), (_outbox.Closed!.Code, _outbox.Closed.Text));
    }

    [Fact]
    public async Task The_first_reason_stands()
    {
        _outbox.Close(CloseReason.GoingAway);
        _outbox.Close(CloseReason.TooSlow);
        Assert.Equal(CloseReason.GoingAway, _outbox.Closed);
        Assert.True((await _outbox.Take()).IsEmpty);
    }

    [Fact]
    public async Task The_writer_writes_once_for_all_that_has_gathered()
    {
        var writes = new List<int>();
        for (var i = 0; i < 10; i++) _outbox.Add([0]);
        var running = SessionWriter.Run(_outbox, (frames, _) =>
        {
            writes.Add(frames.Length);
            if (writes.Count == 1) for (var i = 0; i < 7; i++) _outbox.Add([0]);
            else _outbox.Close(CloseReason.Gone);
            return ValueTask.CompletedTask;
        });
        Assert.Equal(CloseReason.Gone, await running.WaitAsync(Ct));
        Assert.Equal([10, 7], writes);
    }

    [Fact]
    public async Task A_write_that_hangs_is_cut_when_the_connection_is_closed_as_too_slow()
    {
        var writing = new TaskCompletionSource();
        var running = SessionWriter.Run(_outbox, async (_, cut) =>
        {
            writing.SetResult();
            await Task.Delay(Timeout.Infinite, cut);
        });
        _outbox.Add([0]);
        await writing.Task.WaitAsync(Ct);
        for (var i = 0; i < Outbox.MostFrames; i++) _outbox.Add([0]);
        Assert.Equal(CloseReason.TooSlow, await running.WaitAsync(Ct));
    }

    [Fact]
    public void Adding_allocates_nothing_once_there_is_room()
    {
        byte[] frame = [1, 2, 3];
        Round(frame);
        Round(frame);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Round(frame);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Round(byte[] frame)
    {
        for (var i = 0; i < 1000; i++) _outbox.Add(frame);
        Assert.True(_outbox.TryTake(out var frames) && frames.Length == 1000);
    }
}
