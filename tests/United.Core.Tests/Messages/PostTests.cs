using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class PostTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Post_gets_the_next_number_and_is_told_as_it_was_stored(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var channel = await scene.OpenChannel();
        var question = await scene.Post(ada, channel, "Where?");

        var answer = await scene.Post(bob, new PostMessage(channel, $"@user:{ada.UserId} here", question.MessageId, "c1"));

        Assert.Equal((2, 2), (answer.Sequence, answer.Revision));
        var told = Assert.IsType<MessagePosted>(scene.Bus.Of(channel)[^1]).Message;
        Assert.Equivalent(await scene.Message(answer.MessageId), told, strict: true);
        Assert.Equivalent(told, answer.Message, strict: true);
        Assert.Equal([ada.UserId], told.MentionUserIds);
        Assert.Equal((question.MessageId, "Where?", ada.UserId), (told.ReplyTo!.Id, told.ReplyTo.Excerpt, told.ReplyTo.SenderId));
        Assert.Equal([MentionKind.User, MentionKind.Reply], await Mentioned(scene, answer.Sequence));
        Assert.Equal(2, await scene.Count("select last_read_sequence from conversation_members where user_id = @id", ("id", bob.UserId)));
        Assert.Equal(1, await scene.Count("select count(*) from conversations where last_sequence = 2 and revision = 2 and last_message_id = @id", ("id", answer.MessageId)));
    }

    [Theory, EachDatabase]
    public async Task Each_conversation_counts_for_itself(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        Guid[] channels = [await scene.OpenChannel(), await scene.OpenChannel(), await scene.OpenChannel()];

        var results = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => scene.Post(ada, channels[i % 3], "x")));

        for (var channel = 0; channel < 3; channel++)
            Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), results.Where((_, i) => i % 3 == channel).Select(result => result.Sequence));
    }

    [Theory, EachDatabase]
    public async Task Same_client_id_fifty_times_at_once_is_one_message_and_one_result(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            scene.Log.Post(ada, new PostMessage(channel, $"attempt {i}", ClientId: "once"), Ct)));

        Assert.Single(results.Select(result => (result.Value.MessageId, result.Value.Sequence, result.Value.Timestamp)).Distinct());
        Assert.Single(results, result => !result.Value.Duplicate);
        Assert.Single(scene.Bus.Published);
        Assert.Equal(1, await scene.Count("select count(*) from messages"));
        Assert.Equal(2, (await scene.Post(ada, channel, "next")).Sequence);
    }

    [Theory, EachDatabase]
    public async Task Same_client_id_is_the_first_result_for_its_sender_alone(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (channel, other) = (await scene.OpenChannel(), await scene.OpenChannel());
        var first = await scene.Post(ada, new PostMessage(channel, "hello", ClientId: "id"));

        var again = await scene.Post(ada, new PostMessage(channel, "something else", ClientId: "id"));

        Assert.Equal(first with { Duplicate = true, Message = null }, again);
        Assert.False((await scene.Post(bob, new PostMessage(channel, "mine", ClientId: "id"))).Duplicate);
        Assert.False((await scene.Post(ada, new PostMessage(other, "there", ClientId: "id"))).Duplicate);
    }

    [Theory, EachDatabase]
    public async Task Client_id_of_a_deleted_message_still_answers_with_it(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();
        var first = await scene.Post(ada, new PostMessage(channel, "hello", ClientId: "id"));
        Assert.True((await scene.Log.Delete(ada, new DeleteMessage(channel, first.MessageId), Ct)).Ok);

        var again = await scene.Post(ada, new PostMessage(channel, "hello", ClientId: "id"));

        Assert.Equal((first.MessageId, first.Sequence, true), (again.MessageId, again.Sequence, again.Duplicate));
    }

    [Theory, EachDatabase]
    public async Task Whoever_may_not_write_is_refused_and_leaves_no_trace(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, stranger, chief) = (await scene.Person(), await scene.Person(), await scene.Person(Permissions.ManageChannels));
        var (closed, quiet) = (await scene.PrivateChannel(ada), await scene.OpenChannel(readOnly: true));
        var (encrypted, gone) = (await scene.Conversation(ConversationKind.Dm, ada), await scene.OpenChannel());
        await scene.Database.Write(sql => sql.Execute("update conversations set deleted_at = 1 where id = @id", ("id", gone)));
        var elsewhere = await scene.Post(chief, quiet, "notice");
        var before = await scene.Trace();

        Assert.Equal(Fault.NotFound, await Refused(scene, stranger, new PostMessage(closed, "x")));
        Assert.Equal(Fault.NotFound, await Refused(scene, chief, new PostMessage(closed, "x")));
        Assert.Equal(Fault.NotFound, await Refused(scene, ada, new PostMessage(Ids.New(scene.Time), "x")));
        Assert.Equal(Fault.NotFound, await Refused(scene, ada, new PostMessage(gone, "x")));
        Assert.Equal(Fault.ReadOnly, await Refused(scene, ada, new PostMessage(quiet, "x")));
        Assert.Equal(Fault.EncryptedConversation, await Refused(scene, ada, new PostMessage(encrypted, "x")));
        Assert.Equal(Fault.NotFound, await Refused(scene, stranger, new PostMessage(encrypted, "x")));
        Assert.Equal(Fault.ValidationFailed, await Refused(scene, ada, new PostMessage(closed, "x", elsewhere.MessageId)));
        Assert.Equal(Fault.ValidationFailed, await Refused(scene, ada, new PostMessage(closed, "x", Ids.New(scene.Time))));
        await scene.SetState(closed, ada, MemberState.Removed);
        Assert.Equal(Fault.NotFound, await Refused(scene, ada, new PostMessage(closed, "x")));

        Assert.Equal(before, await scene.Trace());
        Assert.Single(scene.Bus.Published);
    }

    [Theory, EachDatabase]
    public async Task What_can_be_no_message_is_refused_with_its_field(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());

        foreach (var (content, clientId, field) in ((string, string?, string)[])
        [
            ("", null, "content"), (" \n\t", null, "content"), ("a\u0000b", null, "content"), ("a\rb", null, "content"), ("half a pair: \ud800", null, "content"),
            ("x", "", "client_id"), ("x", "é", "client_id"), ("x", new string('c', 65), "client_id"),
        ])
        {
            var refusal = (await scene.Log.Post(ada, new PostMessage(channel, content, ClientId: clientId), Ct)).Refusal;
            Assert.Equal((Fault.ValidationFailed, field), (refusal!.Fault, refusal.Field));
        }
        Assert.Equal(0, await scene.Count("select count(*) from messages"));
    }

    [Theory, EachDatabase]
    public async Task Four_thousand_scalar_values_pass_and_one_more_does_not(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        var longest = string.Concat(Enumerable.Repeat("🙂", 4000));

        Assert.Equal(longest, (await scene.Message((await scene.Post(ada, channel, longest)).MessageId)).Content);
        Assert.Equal(Fault.ValidationFailed, await Refused(scene, ada, new PostMessage(channel, longest + "x")));
    }

    [Theory, EachDatabase]
    public async Task Mentions_are_stored_once_each_and_everyone_needs_the_permission(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, herald) = (await scene.Person(), await scene.Person(Permissions.MentionEveryone));
        var (channel, role) = (await scene.OpenChannel(), Ids.New(scene.Time));
        var text = $"@everyone @user:{herald.UserId} @user:{herald.UserId} @role:{role} @user:nobody";

        var plain = (await scene.Post(ada, channel, text)).Message!;
        var loud = (await scene.Post(herald, channel, text)).Message!;

        Assert.False(plain.MentionsEveryone);
        Assert.True(loud.MentionsEveryone);
        Assert.Equal([herald.UserId], plain.MentionUserIds);
        Assert.Equal([role], plain.MentionRoleIds);
        Assert.Equal([MentionKind.User, MentionKind.Role], await Mentioned(scene, plain.Sequence));
        Assert.Equal([MentionKind.User, MentionKind.Role, MentionKind.Everyone], await Mentioned(scene, loud.Sequence));
    }

    [Theory, EachDatabase]
    public async Task Reply_to_oneself_mentions_nobody_and_reply_to_a_deleted_message_shows_it_so(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        var first = await scene.Post(ada, channel, "first");
        Assert.True((await scene.Log.Delete(ada, new DeleteMessage(channel, first.MessageId), Ct)).Ok);

        var reply = await scene.Post(ada, new PostMessage(channel, "about that", first.MessageId));

        Assert.Equal(new ReplyPreview(first.MessageId, 1, ada.UserId, "", Deleted: true), reply.Message!.ReplyTo);
        Assert.Empty(await Mentioned(scene, reply.Sequence));
    }

    [Theory, EachDatabase]
    public async Task Word_of_the_list_flags_the_message_for_moderators_and_it_is_delivered(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        scene.Log.Words = new WordList(["darn"]);

        var flagged = await scene.Post(ada, channel, "Oh DARN it");
        await scene.Post(ada, channel, "darning socks");

        Assert.True((await scene.Message(flagged.MessageId)).Flagged);
        Assert.Equal([typeof(MessagePosted), typeof(MessageFlagged), typeof(MessagePosted)], scene.Bus.Published.Select(told => told.GetType()));
        Assert.Equal(new MessageFlagged(channel, flagged.MessageId, flagged.Message!.Revision), scene.Bus.Published[1]);
    }

    private static async Task<Fault?> Refused(LogScene scene, Caller caller, PostMessage request) => (await scene.Log.Post(caller, request, Ct)).Refusal?.Fault;

    private static Task<List<MentionKind>> Mentioned(LogScene scene, long sequence) => scene.Database.Read(sql => sql.All(
        "select kind from mentions where server_sequence = @n order by kind", row => (MentionKind)row.Int32(0), ("n", sequence)));
}
