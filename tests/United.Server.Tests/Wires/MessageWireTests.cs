using United.Core.Storage;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Every operation of chat, once per wire, with a listener on the protobuf socket who hears what came of it.</summary>
public sealed class MessageWireTests
{
    [Theory, EachWire]
    public async Task A_message_is_numbered_heard_and_found_in_the_history(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var listener = await scene.Listen(scene.Owner);
        var driver = await scene.Drive(wire, anna);

        var posted = (await driver.Post(channel, "Grüße 👋", clientId: "c-1")).Must();
        var heard = ProtoDriver.Of((await listener.Pushed(push => push.NewMessageEvent is not null)).NewMessageEvent.Message);
        var read = Assert.Single((await driver.History(channel)).Must().Messages);

        Assert.Equal(1, posted.Sequence);
        Assert.Equal((posted.Id, channel, anna.Id, "Grüße 👋", 1L), (read.Id, read.Channel, read.Sender, read.Content, read.Sequence));
        Assert.Equal((read.Id, read.Content, read.Revision), (heard.Id, heard.Content, heard.Revision));
        Assert.Equal(posted.Revision, read.Revision);
    }

    [Theory, EachWire]
    public async Task A_repeated_client_id_gets_the_first_result_also_where_its_sender_reads_no_more(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var group = await scene.Group(anna);
        var driver = await scene.Drive(wire, anna);
        var first = (await driver.Post(group, "hello", clientId: "c-1")).Must();

        Assert.Equal(first, (await driver.Post(group, "hello", clientId: "c-1")).Must());
        Assert.True((await scene.Core.Conversations.Hide(await anna.Caller(scene.Core), group)).Ok);
        Assert.Equal(first, (await driver.Post(group, "hello", clientId: "c-1")).Must());
        Assert.True((await scene.Core.Conversations.RemoveMember(await anna.Caller(scene.Core), group, anna.Id)).Ok);
        Assert.Equal(first, (await driver.Post(group, "hello", clientId: "c-1")).Must());
        Assert.Equal((404, "not_found"), Refused(await driver.Post(group, "hello", clientId: "c-2")));
    }

    [Theory, EachWire]
    public async Task An_edit_is_heard_and_stays(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var listener = await scene.Listen(scene.Owner);
        var driver = await scene.Drive(wire, await scene.Join("anna"));
        var posted = (await driver.Post(channel, "first")).Must();
        Assert.True((await driver.Edit(channel, posted.Id, "second")).Must());
        var edited = (await listener.Pushed(push => push.MessageEditedEvent is not null)).MessageEditedEvent;
        Assert.Equal((posted.Id.ToString(), "second", (ulong)posted.Revision + 1), (edited.MessageId, edited.NewContent, edited.Revision));
        var read = Assert.Single((await driver.History(channel)).Must().Messages);
        Assert.Equal(("second", true), (read.Content, read.Edited));
    }

    [Theory, EachWire]
    public async Task A_deletion_is_heard_and_leaves_an_empty_place(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var listener = await scene.Listen(scene.Owner);
        var driver = await scene.Drive(wire, await scene.Join("anna"));
        var posted = (await driver.Post(channel, "gone soon")).Must();
        Assert.True((await driver.Delete(channel, posted.Id)).Must());
        Assert.Equal(posted.Id.ToString(), (await listener.Pushed(push => push.MessageDeletedEvent is not null)).MessageDeletedEvent.MessageId);
        Assert.Empty((await driver.History(channel)).Must().Messages);
        var left = Assert.Single((await driver.History(channel, includeDeleted: true)).Must().Messages);
        Assert.Equal((posted.Sequence, "", true), (left.Sequence, left.Content, left.Deleted));
        Assert.Equal((404, "not_found"), Refused(await driver.Edit(channel, posted.Id, "back again")));
        Assert.Equal((404, "not_found"), Refused(await driver.React(posted.Id, "👍")));
    }

    [Theory, EachWire]
    public async Task Reactions_are_added_once_toggled_and_taken_back(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var listener = await scene.Listen(scene.Owner);
        var driver = await scene.Drive(wire, anna);
        var posted = (await driver.Post(channel, "react!")).Must();

        Assert.Equal([$"👍 {anna.Id}"], (await driver.React(posted.Id, "👍")).Must());
        Assert.Equal([$"👍 {anna.Id}"], (await driver.React(posted.Id, "👍")).Must());
        Assert.Equal([$"🎉 {anna.Id}", $"👍 {anna.Id}"], (await driver.React(posted.Id, "🎉")).Must());
        Assert.Equal([$"👍 {anna.Id}"], (await driver.React(posted.Id, "🎉", toggle: true)).Must());
        Assert.Empty((await driver.Unreact(posted.Id, "👍")).Must());

        Assert.Equal("👍", (await listener.Pushed(push => push.ReactionAddedEvent is not null)).ReactionAddedEvent.Reaction.Emoji);
        Assert.Equal("👍", (await listener.Pushed(push => push.ReactionRemovedEvent?.Emoji == "👍")).ReactionRemovedEvent.Emoji);
        Assert.Equal(2, listener.Pushes.Count(push => push.ReactionAddedEvent is not null));
        Assert.Empty(Assert.Single((await driver.History(channel)).Must().Messages).Reactions);
    }

    [Theory, EachWire]
    public async Task A_reply_and_a_mention_are_kept(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var driver = await scene.Drive(wire, await scene.Join("anna"));
        var first = (await driver.Post(channel, "question")).Must();
        (await driver.Post(channel, $"answer for @user:{scene.Owner.Id}", replyTo: first.Id)).Must();
        var reply = (await driver.History(channel)).Must().Messages[0];
        Assert.Equal(first.Id, reply.ReplyTo);
        Assert.Equal([scene.Owner.Id], reply.MentionedUsers);
    }

    [Theory, EachWire]
    public async Task History_goes_both_ways_and_around(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var driver = await scene.Drive(wire, scene.Owner);
        for (var i = 1; i <= 9; i++) (await driver.Post(channel, $"{i}")).Must();
        Assert.Equal("9 8 7 more", Numbers((await driver.History(channel, limit: 3)).Must()));
        Assert.Equal("3 2 1", Numbers((await driver.History(channel, before: 4, limit: 3)).Must()));
        Assert.Equal("3 2 1 more", Numbers((await driver.History(channel, after: 0, limit: 3)).Must()));
        Assert.Equal("9 8", Numbers((await driver.History(channel, after: 7, limit: 3)).Must()));
        Assert.Equal("6 5 4 more", Numbers((await driver.History(channel, around: 5, limit: 3)).Must()));
        Assert.Equal((400, "validation_failed"), Refused(await driver.History(channel, after: 1, around: 2)));
    }

    [Theory, EachWire]
    public async Task Reading_moves_forward_only_and_tells_ones_other_devices(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        for (var i = 1; i <= 3; i++) (await owner.Post(channel, $"{i}")).Must();
        var device = await scene.Listen(anna);
        var stranger = await scene.Listen(scene.Owner);
        var driver = await scene.Drive(wire, anna);

        Assert.Equal(2, (await driver.MarkRead(channel, 2)).Must());
        var unread = (await device.Pushed(push => push.UnreadEvent is not null)).UnreadEvent;
        Assert.Equal((channel.ToString(), 2ul, 1u), (unread.ConversationId, unread.LastRead, unread.UnreadCount));
        Assert.Equal(2, (await driver.MarkRead(channel, 1)).Must());
        Assert.Equal(3, (await driver.MarkRead(channel, 1_000)).Must());
        Assert.Equal(3, (await driver.MarkDelivered(channel, 3)).Must());
        Assert.DoesNotContain(stranger.Pushes, push => push.UnreadEvent is not null);
    }

    [Theory, EachWire]
    public async Task Sync_from_nothing_lists_conversations_and_later_brings_what_changed(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var closed = await scene.PrivateChannel();
        var anna = await scene.Join("anna");
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        var driver = await scene.Drive(wire, anna);
        var before = (await driver.Sync(new Dictionary<Guid, long>())).Must();
        Assert.Contains(channel, before.Added);
        Assert.DoesNotContain(closed, before.Added);

        var first = (await owner.Post(channel, "first")).Must();
        var second = (await owner.Post(channel, "second")).Must();
        (await owner.Edit(channel, first.Id, "first, edited")).Must();
        (await owner.React(second.Id, "👍")).Must();
        var changed = Assert.Single((await driver.Sync(new Dictionary<Guid, long> { [channel] = second.Revision - 1, [closed] = 1 }, partial: true)).Must().Changed);
        Assert.Equal(second.Revision + 2, changed.Revision);
        Assert.Equal(2, changed.Unread);
        Assert.Equal(["first, edited", "second"], changed.Messages.Select(message => message.Content));
        Assert.Equal([closed], (await driver.Sync(new Dictionary<Guid, long> { [closed] = 1 }, partial: true)).Must().Removed);
    }

    [Theory, EachWire]
    public async Task Presence_and_typing_are_heard_by_the_others(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var listener = await scene.Listen(scene.Owner);
        await scene.Listen(anna);
        var driver = await scene.Drive(wire, anna);
        (await driver.SetPresence("dnd")).Must();
        await listener.Pushed(push => push.PresenceUpdateEvent?.Update is { Status: Wire.Presence.PresenceStatus.Dnd } update && update.UserId == anna.Id.ToString());
        (await driver.Type(channel)).Must();
        var typing = (await listener.Pushed(push => push.TypingEvent is not null)).TypingEvent.Indicator;
        Assert.Equal((anna.Id.ToString(), channel.ToString(), "anna"), (typing.UserId, typing.ChannelId, typing.DisplayName));
    }

    private static string Numbers(SeenPage page) => string.Join(' ', page.Messages.Select(message => $"{message.Sequence}")) + (page.HasMore ? " more" : "");

    private static (int, string?) Refused<T>(Outcome<T> outcome) => (outcome.Status, outcome.Code);
}
