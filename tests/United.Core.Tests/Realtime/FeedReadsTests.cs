using United.Core.Channels;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

/// <summary>What the floor asks, answered by the database.</summary>
public sealed class FeedReadsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Heads_tell_where_conversations_stand_and_which_are_open(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var (open, closed) = (await scene.OpenChannel(), await scene.PrivateChannel(ada));
        await scene.Log.Post(ada, new PostMessage(open, "one"), Ct);
        await scene.Log.Post(ada, new PostMessage(closed, "two"), Ct);
        await scene.Log.Post(ada, new PostMessage(closed, "three"), Ct);
        var reads = Reads(scene);
        Assert.Equal([2], (await reads.Heads([closed, Ids.New(scene.Time)], Ct)).Select(head => head.Revision));
        Assert.Equal([new OpenHead(open, 1, 0)], await reads.OpenHeads(Ct));
    }

    [Theory, EachDatabase]
    public async Task Memberships_are_those_of_conversations_that_are_not_open(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, grace) = (await scene.Person(), await scene.Person());
        await scene.OpenChannel();
        var (shared, left) = (await scene.PrivateChannel(ada, grace), await scene.PrivateChannel(ada, grace));
        await scene.SetState(left, ada, MemberState.Removed);
        var reads = Reads(scene);
        Assert.Equal([(ada.UserId, shared)], (await reads.Memberships([ada.UserId], Ct)).Select(one => (one.UserId, one.ConversationId)));
        Assert.Equal(3, (await reads.Memberships([ada.UserId, grace.UserId], Ct)).Count);
        Assert.Equal([grace.UserId], (await reads.ReadersOf(left, Ct))!.Members);
        Assert.Null(await reads.ReadersOf(Ids.New(scene.Time), Ct));
    }

    [Theory, EachDatabase]
    public async Task Who_joined_since_a_moment_is_told_of_conversations_that_are_not_open(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, grace) = (await scene.Person(Permissions.All), await scene.Person());
        var channels = new ChannelDirectory(scene.Database, scene.Log, new Control(scene.Bus), scene.Limits, time);
        var channel = (await channels.Create(ada, new CreateChannel("channel", Private: true), Ct)).Value.Id;
        var open = (await channels.Create(ada, new CreateChannel("open"), Ct)).Value.Id;
        time.Advance(TimeSpan.FromMinutes(1));
        var since = time.GetUtcNow().ToUnixTimeMilliseconds();
        await scene.Log.Post(grace, new PostMessage(open, "makes a row, and nobody a member"), Ct);
        Assert.Empty(await Reads(scene).JoinedSince(since, Ct));
        Assert.True((await channels.AddMember(ada, channel, grace.UserId, Ct)).Ok);
        Assert.Equal([(grace.UserId, channel)], (await Reads(scene).JoinedSince(since, Ct)).Select(one => (one.UserId, one.ConversationId)));
        await channels.RemoveMember(ada, channel, grace.UserId, Ct);
        Assert.Empty(await Reads(scene).JoinedSince(since, Ct));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await channels.AddMember(ada, channel, grace.UserId, Ct)).Ok);
        Assert.Single(await Reads(scene).JoinedSince(since + 60_000, Ct));
    }

    [Theory, EachDatabase]
    public async Task What_was_missed_comes_by_rising_revision_up_to_the_head(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channel = await scene.PrivateChannel(ada);
        var first = (await scene.Log.Post(ada, new PostMessage(channel, "one"), Ct)).Value;
        await scene.Log.Post(ada, new PostMessage(channel, "two"), Ct);
        await scene.Log.Edit(ada, new EditMessage(channel, first.MessageId, "three"), Ct);
        var missed = Assert.Single(await Reads(scene).Changes(new Dictionary<Guid, long> { [channel] = 0, [Ids.New(scene.Time)] = 0 }, Ct));
        Assert.Equal((3, true), (missed.Head, missed.Complete));
        Assert.Equal([2, 3], missed.Events.Select(told => told.Revision));
    }

    private static FeedReads Reads(LogScene scene) => new(scene.Database, new ChangesSince(scene.Database));
}
