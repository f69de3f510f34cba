using United.Core.Media;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Storage;
using United.Core.Tests.Media;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class MediaReaderTests
{
    [Theory, EachDatabase]
    public async Task A_file_is_seen_by_whoever_may_read_a_message_that_holds_it_and_by_nobody_else(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var (ann, bob, eve) = (await scene.Log.Person(), await scene.Log.Person(), await scene.Log.Person());
        var group = await scene.Log.Conversation(ConversationKind.Group, ann, bob);
        var media = (await scene.Upload(ann, MediaSamples.Png())).Value.Id;
        Assert.Equal("100", await Seen(scene, media, ann, bob, eve));

        var posted = await scene.Post(ann, group, media);
        Assert.Equal("110", await Seen(scene, media, ann, bob, eve));

        await scene.Log.SetState(group, bob, MemberState.Left);
        Assert.Equal("100", await Seen(scene, media, ann, bob, eve));
        await scene.Log.SetState(group, bob, MemberState.Member);
        await Hide(scene, group, bob, posted.Sequence);
        Assert.Equal("100", await Seen(scene, media, ann, bob, eve));
        await Hide(scene, group, bob, posted.Sequence - 1);
        Assert.Equal("110", await Seen(scene, media, ann, bob, eve));

        await scene.Delete(ann, group, posted.MessageId);
        Assert.Equal("100", await Seen(scene, media, ann, bob, eve));
        var open = await scene.Log.OpenChannel();
        await scene.Post(ann, open, media);
        Assert.Equal("111", await Seen(scene, media, ann, bob, eve));
        await scene.Database.Write(sql => sql.Execute("update conversations set deleted_at = 1 where id = @id", ("id", open)));
        Assert.Equal("100", await Seen(scene, media, ann, bob, eve));
    }

    [Theory, EachDatabase]
    public async Task Avatars_are_seen_by_all_and_those_of_groups_by_members(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var (ann, bob, eve) = (await scene.Log.Person(), await scene.Log.Person(), await scene.Log.Person());
        var group = await scene.Log.Conversation(ConversationKind.Group, ann, bob);
        var (own, groups) = ((await scene.Upload(ann, MediaSamples.Png())).Value.Id, (await scene.Upload(ann, MediaSamples.Gif())).Value.Id);
        await scene.Database.Write(async sql =>
        {
            await sql.Execute("update users set avatar_media_id = @media where id = @id", ("media", own), ("id", ann.UserId));
            await sql.Execute("update conversations set avatar_media_id = @media where id = @id", ("media", groups), ("id", group));
        });

        Assert.Equal("111", await Seen(scene, own, ann, bob, eve));
        Assert.Equal("110", await Seen(scene, groups, ann, bob, eve));
        await scene.Log.SetState(group, bob, MemberState.Removed);
        Assert.Equal("100", await Seen(scene, groups, ann, bob, eve));
    }

    [Theory, EachDatabase]
    public async Task A_thumbnail_is_seen_by_who_sees_what_it_stands_for(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var (ann, bob, eve) = (await scene.Log.Person(), await scene.Log.Person(), await scene.Log.Person());
        var group = await scene.Log.Conversation(ConversationKind.Group, ann, bob);
        var small = (await scene.Upload(ann, MediaSamples.Png())).Value.Id;
        var large = (await scene.Upload(ann, MediaSamples.Gif(), new DescribeMedia("", ThumbnailId: small))).Value.Id;

        await scene.Post(ann, group, large);
        Assert.Equal("110", await Seen(scene, small, ann, bob, eve));
        await scene.Log.SetState(group, bob, MemberState.Left);
        Assert.Equal("100", await Seen(scene, small, ann, bob, eve));
        // The other way round nothing follows.
        await scene.Post(ann, await scene.Log.OpenChannel(), small);
        Assert.Equal("111", await Seen(scene, small, ann, bob, eve));
        Assert.Equal("100", await Seen(scene, large, ann, bob, eve));
    }

    [Theory, EachDatabase]
    public async Task Files_of_a_reported_message_are_seen_by_moderators_until_that_is_settled(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var (moderator, ann, bob, eve) = (await scene.Log.Person(Permissions.ManageMessages), await scene.Log.Person(), await scene.Log.Person(), await scene.Log.Person());
        var group = await scene.Log.Conversation(ConversationKind.Group, ann, bob);
        var (small, beside) = ((await scene.Upload(ann, MediaSamples.Png())).Value.Id, (await scene.Upload(ann, MediaSamples.Jpeg())).Value.Id);
        var large = (await scene.Upload(ann, MediaSamples.Gif(), new DescribeMedia("", ThumbnailId: small))).Value.Id;
        var bad = (await scene.Post(ann, group, large)).MessageId;
        await scene.Post(ann, group, beside);
        var queue = new FlaggedMessages(scene.Database, scene.Log.Log, scene.Time);
        async Task<string> All() => string.Join(' ', await Seen(scene, large, moderator, bob, eve), await Seen(scene, small, moderator, bob, eve), await Seen(scene, beside, moderator, bob, eve));
        Assert.Equal("010 010 010", await All());

        await Report(scene, bob, bad);
        Assert.Equal("110 110 010", await All());
        Assert.True((await queue.Dismiss(moderator, bad)).Ok);
        Assert.Equal("010 010 010", await All());

        await Report(scene, bob, bad);
        await scene.Database.Write(sql => sql.Execute("update conversations set deleted_at = 1 where id = @id", ("id", group)));
        Assert.Equal("000 000 000", await All());
        await scene.Database.Write(sql => sql.Execute("update conversations set deleted_at = null where id = @id", ("id", group)));
        Assert.Equal("110 110 010", await All());
        Assert.True((await queue.Delete(moderator, bad)).Ok);
        Assert.Equal("000 000 010", await All());
    }

    [Theory, EachDatabase]
    public async Task Files_of_what_the_word_list_flagged_are_seen_by_moderators_where_they_read(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        scene.Log.Log.Words = new WordList(["darn"]);
        var (inside, outside, ann) = (await scene.Log.Person(Permissions.ManageMessages), await scene.Log.Person(Permissions.ManageMessages), await scene.Log.Person());
        var group = await scene.Log.Conversation(ConversationKind.Group, ann, inside);
        var media = (await scene.Upload(ann, MediaSamples.Png())).Value.Id;
        var posted = await scene.Log.Post(ann, new PostMessage(group, "darn", MediaIds: [media]));
        Assert.Equal("10", await Seen(scene, media, inside, outside));

        // The queue shows it to who has hidden the conversation for themself.
        await Hide(scene, group, inside, posted.Sequence);
        Assert.Equal("10", await Seen(scene, media, inside, outside));
        await new FlaggedMessages(scene.Database, scene.Log.Log, scene.Time).Dismiss(inside, posted.MessageId);
        Assert.Equal("00", await Seen(scene, media, inside, outside));
    }

    private static async Task Report(MediaScene scene, Caller caller, Guid message) =>
        Assert.True((await new MessageReports(scene.Database, scene.Log.Bus, scene.Time).Report(caller, new ReportMessage(message, "rude"))).Ok);

    private static async Task<string> Seen(MediaScene scene, Guid media, params Caller[] callers)
    {
        var seen = "";
        foreach (var caller in callers) seen += (await scene.Reader.Find(caller, media)).Ok ? 1 : 0;
        return seen;
    }

    private static Task<int> Hide(MediaScene scene, Guid conversation, Caller caller, long sequence) => scene.Database.Write(sql => sql.Execute(
        "update conversation_members set hidden_sequence = @sequence where conversation_id = @conversation and user_id = @user",
        ("sequence", sequence), ("conversation", conversation), ("user", caller.UserId)));
}
