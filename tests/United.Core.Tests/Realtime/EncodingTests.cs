using United.Core.Messages;
using United.Core.Realtime;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

public sealed class EncodingTests
{
    private static readonly Guid Channel = Ids.New(TimeProvider.System);

    [Fact]
    public async Task An_event_is_encoded_once_for_each_wire_that_listens_and_for_no_other()
    {
        var log = new FakeLog();
        log.Found(Channel, open: true);
        using var node = RealtimeNode.Start(log, new ManualTime());
        var (first, second) = (new CountingWire(0), new CountingWire(1));
        await Attach(first, first, first);
        node.Publish(log.Post(Channel), log.Post(Channel));
        await node.Settle();
        Assert.Equal((2, 0), (first.Encodings, second.Encodings));
        await Attach(second, second);
        node.Publish(log.Post(Channel));
        await node.Settle();
        Assert.Equal((3, 1), (first.Encodings, second.Encodings));

        async Task Attach(params CountingWire[] wires)
        {
            foreach (var wire in wires)
                Assert.True(await node.Hub.Attach(new OutboxSession(Ids.New(TimeProvider.System), Guid.Empty, wire, new Outbox()), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void All_receivers_share_the_same_bytes()
    {
        var (wire, told) = (new CountingWire(0), new EncodedEvent(new ReadingEnded(Guid.Empty, Channel)));
        Assert.Same(told.For(wire), told.For(wire));
        Assert.Equal(1, wire.Encodings);
    }

    [Fact]
    public async Task What_a_wire_declines_to_tell_is_queued_for_nobody()
    {
        var log = new FakeLog();
        log.Found(Channel, open: true);
        using var node = RealtimeNode.Start(log, new ManualTime());
        var session = new OutboxSession(Ids.New(TimeProvider.System), Guid.Empty, new CountingWire(0, declines: true), new Outbox());
        await node.Hub.Attach(session, TestContext.Current.CancellationToken);
        node.Publish(log.Post(Channel));
        await node.Settle();
        Assert.False(session.Outbox.TryTake(out _));
    }

    private sealed class CountingWire(int slot, bool declines = false) : IWireEncoder<byte[]>
    {
        public int Slot => slot;

        public int Encodings { get; private set; }

        public byte[] Encode(Event told)
        {
            Encodings++;
            return declines ? [] : [1];
        }
    }
}
