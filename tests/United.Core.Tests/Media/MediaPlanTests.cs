using United.Core.Media;
using United.Core.Messages;
using United.Core.Storage;
using United.Core.Tests.Messages;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Media;

/// <summary>What is done with files costs no walk over all files, users, messages or conversations.</summary>
public sealed class MediaPlanTests
{
    private const int Rounds = 12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Nothing_that_is_done_with_a_file_walks_over_a_table(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var (ann, bob, moderator) = (await scene.Log.Person(), await scene.Log.Person(), await scene.Log.Person(Permissions.ManageMessages));
        var room = await scene.Log.Conversation(ConversationKind.Group, ann, bob);
        await scene.Database.Write(sql => Fill(sql, ann.UserId, room));
        await scene.Database.Write(sql => sql.Execute("analyze"));

        Assert.Empty(await Walks.Of(scene.Log.Test, async database =>
        {
            await using var log = LogScene.LogOver(database, time: scene.Time);
            for (var round = 0; round < Rounds; round++) await Use(scene, database, log, ann, bob, moderator, room);
        }));
    }

    private static async Task Use(MediaScene scene, Database database, MessageLog log, Caller ann, Caller bob, Caller moderator, Guid room)
    {
        var slice = await scene.NodeOver(database);
        var reader = new MediaReader(database);
        Assert.True((await slice.Uploads.Admit(ann, 100, Ct)).Ok);
        var small = (await scene.Upload(ann, MediaSamples.Png(), node: slice)).Value;
        var large = (await scene.Upload(ann, MediaSamples.Gif(), new DescribeMedia("", ThumbnailId: small.Id), slice)).Value;
        var posted = (await log.Post(ann, new PostMessage(room, "", MediaIds: [large.Id]), Ct)).Value;
        Assert.True((await reader.Find(bob, small.Id, Ct)).Ok);
        Assert.False((await reader.Find(bob, (await scene.Upload(ann, MediaSamples.Jpeg(), node: slice)).Value.Id, Ct)).Ok);
        Assert.False((await reader.Find(moderator, small.Id, Ct)).Ok);
        Assert.True((await new MessageReports(database, scene.Log.Bus, scene.Time).Report(bob, new ReportMessage(posted.MessageId, "rude"), Ct)).Ok);
        Assert.True((await reader.Find(moderator, small.Id, Ct)).Ok);
        Assert.True((await log.Delete(ann, new DeleteMessage(room, posted.MessageId), Ct)).Ok);
        await slice.Collector.Collect(Ct);
        Assert.False((await reader.Find(bob, small.Id, Ct)).Ok);
    }

    private static async Task Fill(Sql sql, Guid owner, Guid room)
    {
        var (id, rows) = (sql.IsPostgres ? "gen_random_uuid()" : "randomblob(16)", "with recursive rows (n) as (select 1 union all select n + 1 from rows where n < 2000)");
        await sql.Execute($"{rows} insert into users (id, username, display_name, role, created_at, avatar_media_id) select {id}, 'user ' || n, 'User', 0, 0, {id} from rows");
        await sql.Execute($"{rows} insert into conversations (id, kind, name, created_at, avatar_media_id) select {id}, 2, 'group', 0, {id} from rows");
        await sql.Execute($"""
            {rows} insert into messages (conversation_id, server_sequence, id, sender_id, send_key, content, revision, timestamp)
            select @room, n, {id}, @owner, {id}, '', n, n from rows
            """, ("room", room), ("owner", owner));
        await sql.Execute("insert into message_reports (message_id, reporter_id, conversation_id, reason, created_at) select id, @owner, @room, 'rude', 0 from messages", ("room", room), ("owner", owner));
        await sql.Execute("update conversations set last_sequence = 2000, revision = 2000 where id = @room", ("room", room));
        await sql.Execute($"""
            {rows} insert into media (id, owner_id, sha256, type, content_type, size, thumbnail_id, created_at)
            select {id}, u.id, @hash, 1, 'image/png', 1, {id}, 0 from rows join users u on u.username = 'user ' || n
            """, ("hash", new byte[32]));
        await sql.Execute($"insert into message_media (message_id, sort_order, media_id, conversation_id) select {id}, 0, id, @room from media", ("room", room));
    }
}
