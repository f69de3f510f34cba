using United.Core.Media;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Media;

public sealed class MediaCollectorTests
{
    [Theory, EachDatabase]
    public async Task What_nothing_holds_goes_after_a_day_with_its_thumbnail(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var ann = await scene.Log.Person();
        var room = await scene.Log.OpenChannel();
        var thumbnail = (await scene.Upload(ann, MediaSamples.Png())).Value;
        var loose = (await scene.Upload(ann, MediaSamples.Gif(), new DescribeMedia("", ThumbnailId: thumbnail.Id))).Value;
        var posted = (await scene.Upload(ann, MediaSamples.Jpeg())).Value;
        await scene.Post(ann, room, posted.Id);

        scene.Time.Advance(TimeSpan.FromHours(23));
        await scene.Slice.Collector.Tidy();
        Assert.Equal(3, scene.Files.Length);

        scene.Time.Advance(TimeSpan.FromHours(2));
        await scene.Slice.Collector.Tidy();

        Assert.Single(scene.Files);
        Assert.Equal([posted.Id], await Rows(scene));
        Assert.False((await scene.Reader.Find(ann, loose.Id)).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_deleted_message_takes_its_bytes_along_unless_another_row_needs_them(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var (ann, bob) = (await scene.Log.Person(), await scene.Log.Person());
        var room = await scene.Log.OpenChannel();
        var (shared, own, bobs) = ((await scene.Upload(ann, MediaSamples.Png())).Value, (await scene.Upload(ann, MediaSamples.Gif())).Value, (await scene.Upload(bob, MediaSamples.Png())).Value);
        var first = await scene.Post(ann, room, shared.Id, own.Id);
        var second = await scene.Post(ann, room, shared.Id);
        var third = await scene.Post(bob, room, bobs.Id);

        await scene.Delete(ann, room, first.MessageId);
        await scene.Slice.Collector.Collect();
        Assert.Equal(Sorted(shared.Id, bobs.Id), await Rows(scene));
        Assert.Single(scene.Files);

        await scene.Delete(ann, room, second.MessageId);
        await scene.Slice.Collector.Collect();
        Assert.Equal([bobs.Id], await Rows(scene));
        Assert.Single(scene.Files); // bob's row needs the same bytes

        await scene.Delete(bob, room, third.MessageId);
        await scene.Slice.Collector.Collect();
        Assert.Empty(await Rows(scene));
        Assert.Empty(scene.Files);
    }

    [Theory, EachDatabase]
    public async Task The_bell_alone_is_enough(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var ann = await scene.Log.Person();
        var room = await scene.Log.OpenChannel();
        var posted = await scene.Post(ann, room, (await scene.Upload(ann, MediaSamples.Png())).Value.Id);
        using var stop = new CancellationTokenSource();
        var run = scene.Slice.Collector.Run(stop.Token);

        await scene.Delete(ann, room, posted.MessageId);
        scene.Slice.Collector.Ring();

        while (scene.Files.Length > 0) await Task.Delay(5, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await run;
    }

    [Theory, EachDatabase]
    public async Task Avatars_hold_what_they_show(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var ann = await scene.Log.Person();
        var group = await scene.Log.Conversation(ConversationKind.Group, ann);
        var (own, groups) = ((await scene.Upload(ann, MediaSamples.Png())).Value, (await scene.Upload(ann, MediaSamples.Gif())).Value);
        await Set(scene, "update users set avatar_media_id = @media where id = @id", ann.UserId, own.Id);
        await Set(scene, "update conversations set avatar_media_id = @media where id = @id", group, groups.Id);

        scene.Time.Advance(TimeSpan.FromHours(25));
        await scene.Slice.Collector.Tidy();
        Assert.Equal(Sorted(own.Id, groups.Id), await Rows(scene));

        await Set(scene, "update users set avatar_media_id = @media where id = @id", ann.UserId, null);
        await scene.Database.Write(sql => MediaRows.Release(sql, own.Id));
        await scene.Slice.Collector.Collect();
        Assert.Equal([groups.Id], await Rows(scene));
    }

    [Theory, EachDatabase]
    public async Task Files_that_no_row_needs_are_found_and_so_is_what_a_dead_process_was_receiving(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var ann = await scene.Log.Person();
        var kept = (await scene.Upload(ann, MediaSamples.Png())).Value;
        var crashed = (await scene.Upload(ann, MediaSamples.Gif())).Value;
        await scene.Database.Write(sql => sql.Execute("delete from media where id = @id", ("id", crashed.Id)));
        foreach (var (name, age) in ((string, int)[])[("old", 2), ("new", 0)])
        {
            var path = scene.PathOf(Path.Combine("incoming", name));
            await File.WriteAllTextAsync(path, "half", TestContext.Current.CancellationToken);
            File.SetLastWriteTimeUtc(path, scene.Time.GetUtcNow().UtcDateTime.AddHours(-age));
        }
        Assert.Equal(4, scene.Files.Length);

        await scene.Slice.Collector.Tidy();

        Assert.Equal(2, scene.Files.Length);
        Assert.Contains(Path.Combine("incoming", "new"), scene.Files);
        Assert.Equal([kept.Id], await Rows(scene));
        Assert.NotNull(scene.Slice.Folder.Open((await scene.Reader.Find(ann, kept.Id)).Value.Hash));
    }

    [Theory, EachDatabase]
    public async Task A_post_that_holds_a_file_just_now_keeps_it_or_is_told_that_it_is_gone(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var ann = await scene.Log.Person();
        var room = await scene.Log.OpenChannel();
        for (var round = 0; round < 60; round++)
        {
            var media = (await scene.Upload(ann, [(byte)round, 1, 2])).Value;
            await scene.Database.Write(sql => MediaRows.Release(sql, media.Id));
            var collect = Task.Run(() => scene.Slice.Collector.Collect());

            var held = (await scene.Log.Log.Post(ann, new PostMessage(room, "", MediaIds: [media.Id]), TestContext.Current.CancellationToken)).Ok;
            await collect;
            await scene.Slice.Collector.Collect();

            Assert.Equal(held, (await Rows(scene)).Contains(media.Id));
            Assert.Equal(held ? 1 : 0, await scene.Log.Count("select count(*) from message_media where media_id = @id", ("id", media.Id)));
        }
        Assert.Equal((await Rows(scene)).Count, scene.Files.Length);
    }

    [Theory, EachDatabase]
    public async Task A_file_exists_exactly_if_a_row_needs_it_however_uploads_and_deletions_meet(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var nodes = new[] { scene.Slice, await scene.OtherNode() };
        var (people, room) = (await scene.Log.People(4), await scene.Log.OpenChannel());
        var bytes = MediaSamples.Png();

        await Task.WhenAll(people.Select((person, i) => Task.Run(async () =>
        {
            var node = nodes[i % nodes.Length];
            for (var round = 0; round < 80; round++)
            {
                var media = (await scene.Upload(person, bytes, node: node)).Value;
                var posted = await scene.Post(person, room, media.Id);
                await using (var file = node.Folder.Open((await scene.Reader.Find(person, media.Id)).Value.Hash)) Assert.NotNull(file);
                await scene.Delete(person, room, posted.MessageId);
                await node.Collector.Collect();
            }
        })));
        var last = (await scene.Upload(people[0], bytes)).Value;
        await scene.Slice.Collector.Collect();
        Assert.Equal([last.Id], await Rows(scene));
        Assert.Single(scene.Files);

        await scene.Database.Write(sql => MediaRows.ReleaseAllOf(sql, people[0].UserId));
        await scene.Slice.Collector.Collect();
        Assert.Empty(scene.Files);
    }

    private static Task<int> Set(MediaScene scene, string text, Guid id, Guid? media) => scene.Database.Write(sql => sql.Execute(text, ("id", id), ("media", media)));

    private static async Task<List<Guid>> Rows(MediaScene scene) => Sorted([.. await scene.Database.Read(sql => sql.All("select id from media", row => row.Uuid(0)))]);

    private static List<Guid> Sorted(params Guid[] ids) => [.. ids.Order()];
}
