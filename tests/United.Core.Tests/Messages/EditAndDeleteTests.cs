using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class EditAndDeleteTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Edit_replaces_words_mentions_and_flag(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, cleo) = (await scene.Person(), await scene.Person(), await scene.Person());
        var channel = await scene.OpenChannel();
        scene.Log.Words = new WordList(["darn"]);
        var posted = await scene.Post(ada, channel, $"hi @user:{bob.UserId}");

        var edited = (await scene.Log.Edit(ada, new EditMessage(channel, posted.MessageId, $"darn @user:{cleo.UserId}"), Ct)).Value;

        Assert.Equivalent(await scene.Message(posted.MessageId), edited, strict: true);
        Assert.Equal((1, 2, true, true), (edited.Sequence, edited.Revision, edited.Flagged, edited.EditedAt is not null));
        Assert.Equal([cleo.UserId], edited.MentionUserIds);
        var told = Assert.IsType<MessageEdited>(scene.Bus.Of(channel)[^1]);
        Assert.Equal((2, edited.Content, edited.EditedAt!.Value), (told.Revision, told.NewContent, told.EditedAt));
        Assert.Equal(new MessageFlagged(channel, posted.MessageId, 2), scene.Bus.Published[^1]);
        Assert.False((await scene.Log.Edit(ada, new EditMessage(channel, posted.MessageId, "sorry"), Ct)).Value.Flagged);
        Assert.Equal(0, await scene.Count("select count(*) from mentions"));
    }

    [Theory, EachDatabase]
    public async Task Edit_keeps_the_mention_of_the_one_who_is_answered(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var channel = await scene.OpenChannel();
        var question = await scene.Post(ada, channel, "?");
        var answer = await scene.Post(bob, new PostMessage(channel, "!", question.MessageId));

        Assert.True((await scene.Log.Edit(bob, new EditMessage(channel, answer.MessageId, "!!"), Ct)).Ok);

        Assert.Equal(1, await scene.Count("select count(*) from mentions where kind = 4 and target_id = @id", ("id", ada.UserId)));
    }

    [Theory, EachDatabase]
    public async Task Deleted_message_keeps_its_place_and_nothing_else(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var channel = await scene.OpenChannel();
        var posted = await scene.Post(ada, channel, $"secret @user:{bob.UserId}");
        Assert.True((await scene.Log.React(bob, new AddReaction(posted.MessageId, "wave"), Ct)).Ok);

        Assert.True((await scene.Log.Delete(ada, new DeleteMessage(channel, posted.MessageId), Ct)).Ok);

        var left = await scene.Message(posted.MessageId);
        Assert.Equal((true, "", 1L, 3L, ada.UserId, posted.Timestamp), (left.Deleted, left.Content, left.Sequence, left.Revision, left.SenderId, left.Timestamp));
        Assert.Empty(left.Reactions);
        Assert.Equal(0, await scene.Count("select count(*) from mentions"));
        Assert.Equal(1, await scene.Count("select count(*) from reactions where removed and revision = 2"));
        Assert.Equal(new MessageDeleted(channel, 3, Open: true, posted.MessageId, 1), scene.Bus.Of(channel)[^1]);
    }

    [Theory, EachDatabase]
    public async Task Nothing_more_happens_to_a_deleted_message(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        var posted = await scene.Post(ada, channel, "x");
        await scene.Log.Delete(ada, new DeleteMessage(channel, posted.MessageId), Ct);
        var before = await scene.Trace();

        Assert.Equal(Fault.NotFound, (await scene.Log.Edit(ada, new EditMessage(channel, posted.MessageId, "y"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.Delete(ada, new DeleteMessage(channel, posted.MessageId), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.React(ada, new AddReaction(posted.MessageId, "x"), Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());
    }

    [Theory, EachDatabase]
    public async Task Only_the_sender_edits_and_only_sender_or_moderator_deletes(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, guard) = (await scene.Person(), await scene.Person(), await scene.Person(Permissions.ManageMessages));
        var (channel, closed) = (await scene.OpenChannel(), await scene.PrivateChannel(ada));
        var (posted, hidden) = (await scene.Post(ada, channel, "x"), await scene.Post(ada, closed, "y"));
        var before = await scene.Trace();

        Assert.Equal(Fault.Forbidden, await Edit(scene, bob, channel, posted.MessageId));
        Assert.Equal(Fault.Forbidden, await Edit(scene, guard, channel, posted.MessageId));
        Assert.Equal(Fault.Forbidden, await Delete(scene, bob, channel, posted.MessageId));
        Assert.Equal(Fault.NotFound, await Edit(scene, bob, closed, hidden.MessageId));
        Assert.Equal(Fault.NotFound, await Delete(scene, guard, closed, hidden.MessageId));
        Assert.Equal(Fault.NotFound, await Delete(scene, ada, channel, hidden.MessageId));
        Assert.Equal(before, await scene.Trace());
        Assert.Null(await Delete(scene, guard, channel, posted.MessageId));
        Assert.Equal(1, await scene.Count("select count(*) from audit where action = 'message.deleted' and actor_id = @id", ("id", guard.UserId)));
    }

    [Theory, EachDatabase]
    public async Task In_a_group_its_admin_deletes_what_others_wrote(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, guard) = (await scene.Person(), await scene.Person(), await scene.Person(Permissions.All));
        var group = await scene.Conversation(ConversationKind.Group, ada, bob, guard);
        await scene.Database.Write(sql => sql.Execute("update conversation_members set role = 1 where user_id = @id", ("id", bob.UserId)));
        var posted = await scene.Post(ada, group, "x");

        Assert.Equal(Fault.Forbidden, await Delete(scene, guard, group, posted.MessageId));
        Assert.Null(await Delete(scene, bob, group, posted.MessageId));
    }

    [Theory, EachDatabase]
    public async Task Read_only_channel_takes_no_edit_but_lets_one_take_words_back(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        var posted = await scene.Post(ada, channel, "x");
        await scene.Database.Write(sql => sql.Execute("update conversations set read_only = true"));

        Assert.Equal(Fault.ReadOnly, await Edit(scene, ada, channel, posted.MessageId));
        Assert.Null(await Delete(scene, ada, channel, posted.MessageId));
    }

    private static async Task<Fault?> Edit(LogScene scene, Caller caller, Guid conversation, Guid message) =>
        (await scene.Log.Edit(caller, new EditMessage(conversation, message, "edited"), Ct)).Refusal?.Fault;

    private static async Task<Fault?> Delete(LogScene scene, Caller caller, Guid conversation, Guid message) =>
        (await scene.Log.Delete(caller, new DeleteMessage(conversation, message), Ct)).Refusal?.Fault;
}
