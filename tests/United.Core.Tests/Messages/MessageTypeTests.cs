using United.Core.Media;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>What messages bring besides words: files, recordings, posts of channels.</summary>
public sealed class MessageTypeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Media_are_shown_in_their_order_wherever_the_message_is_seen(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var group = await scene.Conversation(ConversationKind.Group, ada, bob);
        var (picture, paper) = (await Upload(scene, ada, MediaType.Image), await Upload(scene, ada, MediaType.File));

        var posted = await scene.Post(ada, new PostMessage(group, "", MediaIds: [paper, picture]));

        var told = Assert.IsType<MessagePosted>(scene.Bus.Of(group)[^1]).Message;
        Assert.Equal((MessageType.Media, "", 1L), (told.Type, told.Content, posted.Sequence));
        Assert.Equal([(paper, MediaType.File, "file"), (picture, MediaType.Image, "file")], told.Media.Select(media => (media.Id, media.Type, media.Name)));
        Assert.Equivalent(await scene.Message(posted.MessageId), told, strict: true);
        var page = (await new History(scene.Database).Page(bob, new ReadHistory(group), Ct)).Value;
        Assert.Equivalent(told.Media, Assert.Single(page.Messages).Media, strict: true);
        var synced = (await new Sync(scene.Database, scene.Time).Read(bob, new SyncRequest(new Dictionary<Guid, long> { [group] = 0 }), Ct)).Value;
        Assert.Equivalent(told.Media, Assert.Single(Assert.Single(synced.Changed).Messages).Media, strict: true);
    }

    [Theory, EachDatabase]
    public async Task Voice_message_holds_one_recording_with_its_duration(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
        var (recording, picture, silent) = (
            await Upload(scene, ada, MediaType.Voice, duration: 1500), await Upload(scene, ada, MediaType.Image), await Upload(scene, ada, MediaType.Voice));

        var voice = (await scene.Post(ada, new PostMessage(direct, "", Type: MessageType.Voice, MediaIds: [recording]))).Message!;

        Assert.Equal((MessageType.Voice, 1500L, 64), (voice.Type, Assert.Single(voice.Media).Duration, voice.Media[0].Waveform?.Length));
        foreach (var wrong in (Guid[][])[[picture], [silent], [], [recording, recording]])
            Assert.Equal("media_ids", await RefusedField(scene, ada, new PostMessage(direct, "", Type: MessageType.Voice, MediaIds: wrong)));
    }

    [Theory, EachDatabase]
    public async Task What_a_message_may_not_bring_is_refused_and_leaves_no_trace(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (group, news, closed) = (await scene.Conversation(ConversationKind.Group, ada, bob), await scene.OpenChannel(), await scene.PrivateChannel(bob));
        var (mine, his) = (await Upload(scene, ada, MediaType.Image), await Upload(scene, bob, MediaType.Image));
        var (secret, spoken) = ((await scene.Post(bob, closed, "secret")).MessageId, (await scene.Post(bob, group, "hello")).MessageId);
        var gone = (await scene.Post(bob, news, "gone")).MessageId;
        Assert.True((await scene.Log.Delete(bob, new DeleteMessage(news, gone), Ct)).Ok);
        var eleven = new List<Guid>();
        for (var i = 0; i < 11; i++) eleven.Add(await Upload(scene, ada, MediaType.Image));
        var before = await scene.Trace();

        foreach (var (field, post) in ((string, PostMessage)[])
        [
            ("type", new(group, "Ada left", Type: MessageType.System)),
            ("media_ids", new(group, "x", MediaIds: [his])),
            ("media_ids", new(group, "x", MediaIds: [mine, Ids.New(scene.Time)])),
            ("media_ids", new(group, "x", MediaIds: [mine, mine])),
            ("media_ids", new(group, "x", MediaIds: eleven)),
            ("media_ids", new(group, "x", Type: MessageType.Media)),
            ("media_ids", new(group, "x", Type: MessageType.Text, MediaIds: [mine])),
            ("media_ids", new(group, "x", Type: MessageType.SharedPost, SharedPostId: gone, MediaIds: [mine])),
            ("shared_post_id", new(group, "x", Type: MessageType.SharedPost)),
            ("shared_post_id", new(group, "x", Type: MessageType.Text, SharedPostId: gone)),
            ("shared_post_id", new(group, "x", SharedPostId: gone)),
            ("shared_post_id", new(group, "x", SharedPostId: secret)),
            ("shared_post_id", new(group, "x", SharedPostId: spoken)),
            ("shared_post_id", new(group, "x", SharedPostId: Ids.New(scene.Time))),
            ("content", new(group, "")),
            ("content", new(group, "\0", MediaIds: [mine])),
        ])
            Assert.Equal(field, await RefusedField(scene, ada, post));

        Assert.Equal(before, await scene.Trace());
        Assert.Equal(0, await scene.Count("select count(*) from message_media"));
        await scene.Post(ada, new PostMessage(group, "", MediaIds: eleven[..10]));
        await scene.Post(ada, new PostMessage(news, "", MediaIds: [mine]));
    }

    [Theory, EachDatabase]
    public async Task Shared_post_is_shown_to_those_who_may_read_its_channel_and_pushed_only_if_that_is_open(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var group = await scene.Conversation(ConversationKind.Group, ada, bob);
        var (news, closed) = (await scene.OpenChannel(), await scene.PrivateChannel(ada));
        var (open, secret) = (await scene.Post(ada, news, "open"), await scene.Post(ada, closed, "secret"));

        var first = (await scene.Post(ada, new PostMessage(group, "look", SharedPostId: open.MessageId))).Message!;
        var second = (await scene.Post(ada, new PostMessage(group, "", SharedPostId: secret.MessageId))).Message!;

        Assert.Equal((MessageType.SharedPost, open.MessageId, "open"), (first.Type, first.SharedPostId, first.SharedPost?.Excerpt));
        Assert.Equal((secret.MessageId, "secret"), (second.SharedPostId, second.SharedPost?.Excerpt)); // it answers the sender alone
        Assert.Equal(["open", null], scene.Bus.Of(group).OfType<MessagePosted>().Select(told => told.Message.SharedPost?.Excerpt));
        Assert.Equal(["secret", "open"], (await Page(scene, ada, group)).Select(message => message.SharedPost?.Excerpt));
        Assert.Equal([null, "open"], (await Page(scene, bob, group)).Select(message => message.SharedPost?.Excerpt));
        Assert.Equal(["secret", null], (await Page(scene, bob, group)).Select(message => message.SharedPostId == secret.MessageId ? "secret" : null));
    }

    [Theory, EachDatabase]
    public async Task Deleted_message_holds_its_files_no_more_and_another_still_does(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, news) = (await scene.Person(), await scene.OpenChannel());
        var file = await Upload(scene, ada, MediaType.File);
        var (first, second) = (await scene.Post(ada, new PostMessage(news, "one", MediaIds: [file])), await scene.Post(ada, new PostMessage(news, "two", MediaIds: [file])));

        Assert.True((await scene.Log.Delete(ada, new DeleteMessage(news, first.MessageId), Ct)).Ok);

        Assert.Empty((await scene.Message(first.MessageId)).Media);
        Assert.Single((await scene.Message(second.MessageId)).Media);
        Assert.Equal(1, await scene.Count("select count(*) from message_media"));
    }

    [Theory, EachDatabase]
    public async Task Edit_of_a_media_message_changes_its_caption_alone(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, news) = (await scene.Person(), await scene.OpenChannel());
        var file = await Upload(scene, ada, MediaType.File);
        var (held, text) = (await scene.Post(ada, new PostMessage(news, "caption", MediaIds: [file])), await scene.Post(ada, news, "words"));

        var edited = (await scene.Log.Edit(ada, new EditMessage(news, held.MessageId, ""), Ct)).Value;

        Assert.Equal((MessageType.Media, "", file), (edited.Type, edited.Content, Assert.Single(edited.Media).Id));
        Assert.Equal("content", (await scene.Log.Edit(ada, new EditMessage(news, text.MessageId, " "), Ct)).Refusal?.Field);
    }

    [Theory, EachDatabase]
    public async Task Same_client_id_of_a_media_message_is_its_first_result_whatever_it_brings(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, news) = (await scene.Person(), await scene.OpenChannel());
        var file = await Upload(scene, ada, MediaType.File);

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => scene.Log.Post(ada,
            new PostMessage(news, "x", ClientId: "once", MediaIds: i % 2 == 0 ? [file] : null), Ct)));

        Assert.Single(results.Select(result => result.Value.MessageId).Distinct());
        Assert.Single(results, result => !result.Value.Duplicate);
        Assert.Single(scene.Bus.Published);
    }

    private static async Task<Guid> Upload(LogScene scene, Caller owner, MediaType type, long? duration = null)
    {
        var id = Ids.New(scene.Time);
        await scene.Database.Write(sql => sql.Execute("""
            insert into media (id, owner_id, sha256, type, content_type, name, size, duration, waveform, created_at)
            values (@id, @owner, @hash, @type, 'application/octet-stream', 'file', 3, @duration, @waveform, 0)
            """, ("id", id), ("owner", owner.UserId), ("hash", new byte[32]), ("type", (int)type), ("duration", duration),
            ("waveform", type == MediaType.Voice ? new byte[64] : null)));
        return id;
    }

    private static async Task<IReadOnlyList<Message>> Page(LogScene scene, Caller reader, Guid conversation) =>
        (await new History(scene.Database).Page(reader, new ReadHistory(conversation), Ct)).Value.Messages;

    private static async Task<string?> RefusedField(LogScene scene, Caller caller, PostMessage post) => (await scene.Log.Post(caller, post, Ct)).Refusal?.Field;
}
