using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Conversations;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

/// <summary>What a member hides, mutes and wants to be notified of: their own, on all their devices, and nobody else's.</summary>
public sealed class OwnSettingsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Hidden_conversation_leaves_the_list_and_comes_back_with_the_next_message(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var group = await talks.Group(ada, bob);
        await scene.Post(bob, group, "old");

        Assert.True((await talks.Hide(ada, group, Ct)).Value.Hidden);

        Assert.Empty(await talks.Ids(ada));
        var hidden = Assert.Single(await talks.List(ada, new ListConversations(ListState.Hidden), Ct));
        Assert.Equal((group, 0, null), (hidden.Conversation.Id, hidden.UnreadCount, hidden.LastMessage));
        Assert.Empty((await new History(scene.Database).Page(ada, new ReadHistory(group), Ct)).Value.Messages);
        Assert.Equal([group], await talks.Ids(bob));

        await scene.Post(bob, group, "new");

        var back = Assert.Single(await talks.List(ada, new ListConversations(), Ct));
        Assert.Equal((1, "new", false, 2), (back.UnreadCount, back.LastMessage?.Content, back.Settings.Hidden, back.Settings.HiddenSequence));
        Assert.Equal(["new"], (await new History(scene.Database).Page(ada, new ReadHistory(group), Ct)).Value.Messages.Select(message => message.Content));
        Assert.Empty(await talks.Ids(ada, ListState.Hidden));
    }

    [Theory, EachDatabase]
    public async Task Reply_shows_nothing_of_what_its_reader_has_hidden(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var group = await talks.Group(ada, bob);
        var old = await scene.Post(bob, group, "old");
        Assert.True((await talks.Hide(ada, group, Ct)).Ok);
        var reply = await scene.Post(bob, new PostMessage(group, "needle", old.MessageId));
        Assert.True((await scene.Log.React(bob, new AddReaction(reply.MessageId, "like"), Ct)).Ok);
        await new SearchFollower(scene.Database, scene.Time, NullLogger<SearchFollower>.Instance).CatchUp(null, Ct);

        Assert.All(await Seen(ada), message => Assert.Equal((reply.MessageId, old.MessageId, null), (message?.Id, message?.ReplyToId, message?.ReplyTo)));
        Assert.All(await Seen(bob), message => Assert.Equal((reply.MessageId, "old"), (message?.Id, message?.ReplyTo?.Excerpt)));
        Assert.Equal("old", scene.Bus.Of(group).OfType<MessagePosted>().Last().Message.ReplyTo?.Excerpt); // the same for all who hear it

        async Task<Message?[]> Seen(Caller reader) =>
        [
            (await new History(scene.Database).Page(reader, new ReadHistory(group), Ct)).Value.Messages[0],
            (await new MessageReader(scene.Database).One(reader, reply.MessageId, Ct)).Value,
            Assert.Single(await talks.List(reader, new ListConversations(), Ct)).LastMessage,
            Assert.Single((await new Search(scene.Database, scene.Time).Find(reader, new SearchMessages("needle"), Ct)).Value.Messages),
            await Synced(reader, known: reply.Revision - 1),
            await Synced(reader, known: reply.Revision), // the reaction alone
        ];

        async Task<Message> Synced(Caller reader, long known) => Assert.Single(Assert.Single(
            (await new Sync(scene.Database, scene.Time).Read(reader, new SyncRequest(new Dictionary<Guid, long> { [group] = known }), Ct)).Value.Changed).Messages);
    }

    [Theory, EachDatabase]
    public async Task One_in_which_nothing_was_said_can_be_hidden_too(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await talks.Direct(ada, bob);

        Assert.True((await talks.Hide(ada, direct, Ct)).Value.Hidden);
        Assert.Empty(await talks.Ids(ada));

        await scene.Post(bob, direct, "hello");
        Assert.Equal([direct], await talks.Ids(ada));
        Assert.Equal("hello", Assert.Single((await new History(scene.Database).Page(ada, new ReadHistory(direct), Ct)).Value.Messages).Content);
    }

    [Theory, EachDatabase]
    public async Task Mute_and_notifications_are_kept_and_told_to_ones_own_devices_alone(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (group, channel) = (await talks.Group(ada, bob), await scene.OpenChannel());
        var until = time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds();

        await talks.Mute(bob, group, until, Ct);
        var settings = (await talks.Notify(bob, group, NotificationLevel.Mentions, Ct)).Value;

        Assert.Equal(new ConversationSettings(MemberRole.Member, until, NotificationLevel.Mentions, Hidden: false, HiddenSequence: 0), settings);
        Assert.Equal(settings, Assert.Single(await talks.List(bob, new ListConversations(), Ct)).Settings);
        Assert.Null((await talks.Find(ada, group, Ct)).Value.Settings.MutedUntil);
        var told = scene.Bus.Published.OfType<ConversationSettingsChanged>().ToList();
        Assert.Equal([bob.UserId, bob.UserId], told.Select(change => change.UserId));
        Assert.Equal((group, settings), (told[^1].ConversationId, told[^1].Settings));
        await scene.AssertDense(group);

        Assert.Null((await talks.Mute(bob, group, null, Ct)).Value.MutedUntil);
        Assert.Null((await talks.Mute(bob, group, until - 7_200_000, Ct)).Value.MutedUntil);
        Assert.Equal(until, (await talks.Mute(bob, channel, until, Ct)).Value.MutedUntil);
        Assert.Equal(NotificationLevel.None, (await talks.Notify(bob, channel, NotificationLevel.None, Ct)).Value.Notifications);
    }

    [Theory, EachDatabase]
    public async Task What_is_no_time_and_what_may_not_be_known_of_is_refused(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, eve) = (await scene.Person(), await scene.Person());
        var group = await talks.Group(ada);
        var published = scene.Bus.Published.Count;

        Assert.Equal("until", (await talks.Mute(ada, group, -1, Ct)).Refusal?.Field);
        Assert.Equal("until", (await talks.Mute(ada, group, long.MaxValue, Ct)).Refusal?.Field);
        foreach (var conversation in (Guid[])[group, Ids.New(scene.Time)])
        {
            Assert.Equal(Fault.NotFound, (await talks.Hide(eve, conversation, Ct)).Refusal?.Fault);
            Assert.Equal(Fault.NotFound, (await talks.Mute(eve, conversation, null, Ct)).Refusal?.Fault);
            Assert.Equal(Fault.NotFound, (await talks.Notify(eve, conversation, NotificationLevel.None, Ct)).Refusal?.Fault);
        }
        Assert.Equal(1, await scene.Count("select count(*) from conversation_members"));
        Assert.Equal(published, scene.Bus.Published.Count);
    }

    [Theory, EachDatabase]
    public async Task A_device_that_was_away_learns_of_them_by_its_next_sync(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (muted, hidden) = (await talks.Group(ada, bob), await talks.Group(ada, bob));
        time.Advance(TimeSpan.FromMinutes(10));
        var sync = new Sync(scene.Database, scene.Time);
        var first = (await sync.Read(ada, new SyncRequest(new Dictionary<Guid, long>(), ReceiptsSince: 0), Ct)).Value;
        var known = first.Added.ToDictionary(view => view.Conversation.Id, view => view.Conversation.Revision);
        time.Advance(TimeSpan.FromMinutes(10));

        await talks.Mute(ada, muted, time.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds(), Ct);
        await talks.Hide(ada, hidden, Ct);
        var next = (await sync.Read(ada, new SyncRequest(known, ReceiptsSince: first.ServerTime), Ct)).Value;
        var ofBob = (await sync.Read(bob, new SyncRequest(known, ReceiptsSince: first.ServerTime), Ct)).Value;

        Assert.Equal(new[] { muted, hidden }.Order(), next.Changed.Select(changed => changed.Id).Order());
        Assert.NotNull(next.Changed.Single(changed => changed.Id == muted).State.Settings.MutedUntil);
        Assert.True(next.Changed.Single(changed => changed.Id == hidden).State.Settings.Hidden);
        Assert.All(next.Changed, changed => Assert.Empty(changed.Messages));
        Assert.Empty(ofBob.Changed);
        // A device that never knew it is not told of what is hidden, until something is said.
        Assert.Equal([muted], (await sync.Read(ada, new SyncRequest(new Dictionary<Guid, long>()), Ct)).Value.Added.Select(view => view.Conversation.Id));
        await scene.Post(bob, hidden, "new");
        var back = Assert.Single((await sync.Read(ada, new SyncRequest(known), Ct)).Value.Changed);
        Assert.Equal((hidden, "new", false), (back.Id, Assert.Single(back.Messages).Content, back.State.Settings.Hidden));
    }
}
