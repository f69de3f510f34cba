using United.Core.Messages;
using United.Core.Realtime;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

/// <summary>A removal is in force on all nodes before it is acknowledged.</summary>
public sealed class FenceTests
{
    private static readonly Guid Group = Ids.New(TimeProvider.System);
    private static readonly Guid Ada = Ids.New(TimeProvider.System);
    private static readonly Guid Eve = Ids.New(TimeProvider.System);

    private readonly ManualTime _time = new();
    private readonly FakeLog _log = new();

    public FenceTests()
    {
        _log.Found(Group, open: false);
        _log.Join(Group, Ada);
    }

    [Fact]
    public async Task Removed_member_receives_nothing_more()
    {
        using var node = RealtimeNode.Start(_log, _time);
        var ada = await node.Listen(Ada);
        var (post, removed) = (_log.Post(Group), _log.Leave(Group, Ada));
        node.Publish(post, removed);
        await node.Fence(new ControlChange.MembershipRevoked(Group, Ada, removed.Revision));
        Assert.Equal([post, new ReadingEnded(Ada, Group)], ada.Heard());
        node.Publish(_log.Post(Group));
        await node.Settle();
        Assert.Empty(ada.Heard());
    }

    [Fact]
    public async Task A_fence_waits_for_what_comes_before_the_removal()
    {
        using var node = RealtimeNode.Start(_log, _time);
        var ada = await node.Listen(Ada);
        var (post, removed) = (_log.Post(Group), _log.Leave(Group, Ada));
        node.Publish(removed);
        var fence = node.Fence(new ControlChange.MembershipRevoked(Group, Ada, removed.Revision)).AsTask();
        await node.Settle();
        Assert.False(fence.IsCompleted);
        node.Publish(post);
        await fence;
        Assert.Equal([post, new ReadingEnded(Ada, Group)], ada.Heard());
    }

    [Fact]
    public async Task A_fence_whose_removal_got_lost_has_it_read_from_the_database()
    {
        using var node = RealtimeNode.Start(_log, _time);
        var ada = await node.Listen(Ada);
        var removed = _log.Leave(Group, Ada);
        var fence = node.Fence(new ControlChange.MembershipRevoked(Group, Ada, removed.Revision)).AsTask();
        await node.Repair();
        await fence;
        Assert.Equal([new ReadingEnded(Ada, Group)], ada.Heard());
    }

    [Fact]
    public async Task A_fence_for_what_nobody_here_listens_to_is_done_at_once()
    {
        using var node = RealtimeNode.Start(_log, _time);
        await node.Fence(new ControlChange.MembershipRevoked(Ids.New(TimeProvider.System), Ada, 7));
        Assert.Equal(0, _log.Repairs);
    }

    [Fact]
    public async Task Who_returned_after_the_removal_stays()
    {
        using var node = RealtimeNode.Start(_log, _time);
        var (removed, returned) = (_log.Leave(Group, Ada), _log.Join(Group, Ada));
        var ada = await node.Listen(Ada);
        node.Publish(removed, returned);
        await node.Fence(new ControlChange.MembershipRevoked(Group, Ada, removed.Revision));
        var post = _log.Post(Group);
        node.Publish(post);
        await node.Settle();
        Assert.Equal([post], ada.Heard());
    }

    [Fact]
    public async Task A_late_joining_lets_nobody_in_again_where_an_older_reading_came_after_the_removal()
    {
        using var node = RealtimeNode.Start(_log, _time);
        var ada = node.Ear(Ada);
        var (arriving, answer) = await Reading(() => node.Attach(ada), answered: 1);
        var (joined, removed) = (_log.Join(Group, Eve), _log.Leave(Group, Eve));
        await node.Fence(new ControlChange.MembershipRevoked(Group, Eve, removed.Revision));
        answer.SetResult();
        Assert.True(await arriving);
        var eve = await node.Listen(Eve);
        node.Publish(joined);
        await node.Repair();
        Assert.Empty(eve.Heard());
        Assert.Equal([removed], ada.Heard());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nor_where_the_conversation_was_open_as_it_was_read(bool inOrder)
    {
        var channel = Ids.New(TimeProvider.System);
        _log.Found(channel, open: true);
        using var node = RealtimeNode.Start(_log, _time);
        var (arriving, answer) = await Reading(() => node.Listen(Ada), answered: 0);
        var (closed, joined, removed) = (_log.SetOpen(channel, open: false), _log.Join(channel, Eve), _log.Leave(channel, Eve));
        await node.Fence(new ControlChange.MembershipRevoked(channel, Eve, removed.Revision));
        var arrivingToo = node.Listen(Eve);
        answer.SetResult();
        await arriving;
        var eve = await arrivingToo;
        node.Publish(inOrder ? [closed, joined] : [joined, closed]);
        await node.Repair();
        Assert.Empty(eve.Heard().OfType<ConversationEvent>());
    }

    [Fact]
    public async Task Over_a_network_that_loses_and_reorders_nothing_comes_after_the_acknowledgement()
    {
        var network = new LossyNetwork(seed: 7, NetworkManners.Bad, _time);
        using var here = RealtimeNode.Start(_log, _time, network.Join());
        using var there = RealtimeNode.Start(_log, _time, network.Join());
        var ada = await there.Listen(Ada);
        for (var round = 0; round < 200; round++)
        {
            for (var i = 0; i < 5; i++) here.Publish(_log.Post(Group));
            var removed = _log.Leave(Group, Ada);
            here.Publish(removed);
            var fence = here.Fence(new ControlChange.MembershipRevoked(Group, Ada, removed.Revision)).AsTask();
            while (!fence.IsCompleted) await there.Repair();
            ada.Heard();
            here.Publish(_log.Post(Group));
            await there.Repair();
            Assert.Empty(ada.Heard());

            here.Publish(_log.Join(Group, Ada));
            there.Hub.Doubt();
            await there.Repair();
            await there.Repair();
            Assert.Contains(ada.Heard(), told => told is MemberChanged { Member.State: MemberState.Member });
        }
    }

    /// <param name="answered">How many of the questions of the first who arrives (what is open, then the memberships) are answered; the next is read, its answer on its way.</param>
    private async Task<(Task<T> Arriving, TaskCompletionSource Answer)> Reading<T>(Func<Task<T>> arrive, int answered)
    {
        var (asked, answer) = _log.KeepBack(answered);
        var arriving = arrive();
        await asked;
        return (arriving, answer);
    }
}
