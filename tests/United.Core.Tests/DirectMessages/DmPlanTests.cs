using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Storage;
using United.Core.Tests.Messages;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

/// <summary>Sending, fetching and acknowledging walk over no table, however much there is of others.</summary>
public sealed class DmPlanTests
{
    private const int Many = 2_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task On_an_empty_database_nothing_walks_over_a_table(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();

        Assert.Empty(await Walks.Of(scene.Scene.Test, database => Talk(database, ada, bob, dm)));
    }

    [Theory, EachDatabase]
    public async Task On_a_full_database_nothing_walks_over_a_table(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        await scene.Scene.Database.Write(sql => Fill(sql, bob.UserId));
        await scene.Sent(ada, dm, 10);
        await scene.Scene.Database.Write(sql => sql.Execute("analyze"));

        Assert.Empty(await Walks.Of(scene.Scene.Test, database => Talk(database, ada, bob, dm)));
    }

    // Long enough for PostgreSQL to keep to its plans, and for the queue to be counted.
    private static async Task Talk(Database database, Caller ada, Caller bob, Guid dm)
    {
        var limits = new RateLimits(LogScene.NoLimits, TimeProvider.System);
        await using var log = LogScene.LogOver(database, limits: limits);
        var (messages, queue) = (new DmMessages(database, log, limits, TimeProvider.System), new OfflineQueue(database, new LiveDeliveries(TimeProvider.System, DmScene.DeadFoundWithin)));
        for (var round = 0; round < 2 * OfflineQueue.CountedEach; round++)
        {
            for (var i = 0; i < 2; i++) Assert.True((await messages.Send(ada, DmScene.Sealed(dm), Ct)).Ok);
            var waiting = (await queue.Waiting(bob, ct: Ct)).Value;
            Assert.Equal(1, (await queue.Acknowledge(bob, [waiting[^1].Id], Ct)).Value);
        }
    }

    // Bob reads channels in which others talk much, and there are conversations of others.
    private static async Task Fill(Sql sql, Guid bob)
    {
        var (id, rows) = (sql.IsPostgres ? "gen_random_uuid()" : "randomblob(16)", $"with recursive rows (n) as (select 1 union all select n + 1 from rows where n < {Many})");
        await sql.Execute($"{rows} insert into users (id, username, display_name, role, created_at) select {id}, 'user ' || n, 'User', 0, 0 from rows");
        await sql.Execute($"{rows} insert into conversations (id, kind, name, created_at, last_sequence, last_message_at) select {id}, case when n <= 20 then 2 else 4 end, '', 0, 5, n from rows");
        await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) select id, @bob, 0 from conversations where last_message_at <= 20", ("bob", bob));
        await sql.Execute("""
            insert into conversation_members (conversation_id, user_id, joined_at)
            select c.id, u.id, 0 from conversations c join users u on u.username = 'user ' || c.last_message_at where c.kind = 4
            """);
        await sql.Execute($"""
            insert into direct_pairs (kind, low, high, conversation_id, low_user_id, high_user_id)
            select c.kind, {id}, {id}, c.id, u.id, @bob from conversations c join users u on u.username = 'user ' || c.last_message_at where c.kind = 4
            """.Replace("gen_random_uuid()", "decode(md5(random()::text), 'hex')", StringComparison.Ordinal), ("bob", bob));
        await sql.Execute($"""
            insert into messages (conversation_id, server_sequence, id, sender_id, send_key, type, content, revision, timestamp)
            select c.id, n.n, {id}, @bob, {id}, case when c.kind = 4 then 5 else 0 end, 'text', n.n, c.last_message_at
            from conversations c cross join (select 1 as n union all select 2 union all select 3 union all select 4 union all select 5) n where c.last_message_at is not null
            """, ("bob", bob));
        await sql.Execute("update messages set payload = @bytes, nonce = @bytes, ephemeral_pubkey = @bytes, sent_at = 0 where type = 5", ("bytes", new byte[] { 1 }));
        await sql.Execute("""
            insert into dm_offline_queue (recipient_id, message_id, conversation_id, bytes, queued_at)
            select m.user_id, x.id, x.conversation_id, 1, 0 from messages x join conversation_members m on m.conversation_id = x.conversation_id where x.type = 5
            """);
    }
}
