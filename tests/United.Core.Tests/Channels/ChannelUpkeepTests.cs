using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Channels;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Channels;

public sealed class ChannelUpkeepTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task General_is_made_once_however_many_start_at_once_and_does_not_come_back(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GeneralChannel.Ensure(test.Database, TimeProvider.System, Ct)));

        Assert.Single(made, one => one);
        Assert.Equal(1, await test.Database.Read(sql => sql.Count("select count(*) from conversations where kind = 1 and open and name = 'general'")));
        await test.Database.Write(sql => sql.Execute("update conversations set deleted_at = 1"));
        Assert.False(await GeneralChannel.Ensure(test.Database, TimeProvider.System, Ct));
    }

    [Theory, EachDatabase]
    public async Task Deleted_channel_leaves_no_row_behind_and_others_lose_none(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person(Permissions.ManageChannels);
        var (gone, kept) = (await scene.OpenChannel(), await scene.OpenChannel());
        await Task.WhenAll(Enumerable.Range(0, 1100).Select(i => scene.Log.Post(ada, new PostMessage(gone, $"@user:{ada.UserId} {i}"), Ct)));
        var survivor = (await scene.Log.Post(ada, new PostMessage(kept, $"@user:{ada.UserId} stays"), Ct)).Value;
        await React(scene, gone);
        await React(scene, kept);
        await new SearchFollower(scene.Database, scene.Time, NullLogger<SearchFollower>.Instance).CatchUp(null, Ct);
        await new ChannelDirectory(scene.Database, scene.Log, new Control(scene.Bus), scene.Limits, scene.Time).Delete(ada, gone, Ct);

        await new ConversationUpkeep(scene.Database).Run(Ct);

        foreach (var table in (string[])["conversations", "messages", "mentions", "reactions", "message_search", "search_progress", "conversation_members"])
            Assert.Equal((table, 1), (table, await scene.Count($"select count(*) from {table}")));
        Assert.Equal(survivor.MessageId, Assert.Single((await new Search(scene.Database, scene.Time).Find(ada, new SearchMessages("stays"), Ct)).Value.Messages).Id);
        if (engine == Engine.Sqlite) Assert.Equal(0, await scene.Count("select count(*) from message_trigrams where message_trigrams match '\"109\"'"));
    }

    [Theory, EachDatabase]
    public async Task Receipts_are_forgotten_after_90_days(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var day = (long)TimeSpan.FromDays(1).TotalMilliseconds;
        await scene.Database.Write(async sql =>
        {
            for (var i = 0; i < 1500; i++) await Receipt(sql, i, now - (91 * day));
            await Receipt(sql, 2000, now - (89 * day));
        });

        await new ReceiptUpkeep(scene.Database, time).Run(Ct);

        Assert.Equal(1, await scene.Count("select count(*) from receipt_events"));
        Assert.Equal(2000, await scene.Count("select min(sequence) from receipt_events"));
    }

    private static Task<int> Receipt(Sql sql, long sequence, long at) =>
        sql.Execute("insert into receipt_events (conversation_id, user_id, kind, sequence, at) values (@id, @id, 1, @n, @at)", ("id", Guid.Empty), ("n", sequence), ("at", at));

    private static Task<int> React(LogScene scene, Guid conversation) => scene.Database.Write(sql => sql.Execute("""
        insert into reactions (message_id, user_id, emoji, conversation_id, server_sequence, revision, timestamp)
        select id, sender_id, '+', conversation_id, server_sequence, 0, 0 from messages where conversation_id = @id and server_sequence = 1
        """, ("id", conversation)));
}
