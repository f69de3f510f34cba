using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Presence;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>Watermarks, receipts and signs of writing walk over no table, without statistics and with them.</summary>
public sealed class ReceiptPlanTests
{
    private const int Many = 5_000;

    // PostgreSQL plans the first five runs of a statement anew, and may then keep to one plan.
    private const int Rounds = 12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Engine.Sqlite, false)]
    [InlineData(Engine.Postgres, false)]
    [InlineData(Engine.Sqlite, true)]
    [InlineData(Engine.Postgres, true)]
    public async Task Nothing_walks_over_a_table_with_next_to_nothing_in_it_and_with_much(Engine engine, bool much)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (direct, group) = (await scene.Conversation(ConversationKind.Direct, ada, bob), await scene.Conversation(ConversationKind.Group, ada, bob));
        if (much) await scene.Database.Write(Fill);
        if (much) await scene.Database.Write(sql => sql.Execute("analyze"));

        Assert.Empty(await Walks.Of(scene.Test, database => Move(database, ada, bob, [direct, group])));
    }

    private static async Task Move(Database database, Caller ada, Caller bob, Guid[] conversations)
    {
        var (bus, limits) = (new RecordedBus(), new RateLimits(LogScene.NoLimits, TimeProvider.System));
        await using var log = LogScene.LogOver(database, bus, limits);
        var typing = new Typing(database, bus, limits, TimeProvider.System);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var id in conversations)
            {
                var posted = (await log.Post(ada, new PostMessage(id, "x"), Ct)).Value;
                Assert.True((await log.MarkDelivered(bob, new MoveWatermark(id, posted.Sequence), Ct)).Ok);
                Assert.True((await log.MarkRead(bob, new MoveWatermark(id, posted.Sequence), Ct)).Ok);
                Assert.Equal(MessageStatus.Read, (await new ReceiptReader(database).Of(ada, id, posted.MessageId, Ct)).Value.Status);
                Assert.True((await typing.Tell(bob, id, Ct)).Ok);
            }
            await new ReceiptUpkeep(database, TimeProvider.System).Run(Ct);
        }
        Assert.Equal(2 * Rounds * conversations.Length, bus.Published.OfType<ReceiptMoved>().Count());
    }

    // Crowds of others who asked, blocked, read and received.
    private static async Task Fill(Sql sql)
    {
        var (id, rows) = (sql.IsPostgres ? "gen_random_uuid()" : "randomblob(16)", $"with recursive rows (n) as (select 1 union all select n + 1 from rows where n < {Many})");
        await sql.Execute($"{rows} insert into users (id, username, display_name, role, created_at) select {id}, 'user ' || n, 'User', 0, n from rows");
        await sql.Execute($"{rows} insert into conversations (id, kind, created_at, last_sequence, revision) select {id}, 3, n, 1, 1 from rows");
        await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) select c.id, u.id, 1 from conversations c join users u on u.created_at = c.created_at where c.created_at > 0");
        await sql.Execute($"""
            insert into messages (conversation_id, server_sequence, id, sender_id, send_key, content, revision, timestamp)
            select m.conversation_id, 1, {id}, m.user_id, {id}, 'text', 1, 0 from conversation_members m where m.joined_at = 1
            """);
        await sql.Execute("insert into receipt_events (conversation_id, user_id, kind, sequence, at) select conversation_id, user_id, 1, 1, 4102444800000 from conversation_members where joined_at = 1");
        await sql.Execute($"""
            insert into message_requests (id, requester_id, recipient_id, conversation_id, created_at)
            select {id}, a.id, b.id, a.id, 0 from users a join users b on b.created_at = a.created_at + 1 where a.created_at > 0
            """);
        await sql.Execute("insert into blocks (user_id, blocked_id, created_at) select a.id, b.id, 0 from users a join users b on b.created_at = a.created_at + 2 where a.created_at > 0");
    }
}
