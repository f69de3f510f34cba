using United.Core.Conversations;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Core.Tests.Messages;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

/// <summary>Lists, members, requests and settings walk over no table, without statistics and with them.</summary>
public sealed class ConversationPlanTests
{
    private const int Many = 2_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task With_next_to_nothing_in_it_nothing_walks_over_a_table(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var group = await Talks.Over(scene).Group(ada, bob);

        Assert.Empty(await Walks.Of(scene.Test, database => Ask(database, scene, ada, bob, group)));
    }

    [Theory, EachDatabase]
    public async Task With_much_in_it_nothing_walks_over_a_table(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var group = await Talks.Over(scene).Group(ada, bob);
        await scene.Database.Write(sql => Fill(sql, ada.UserId));
        await scene.Database.Write(sql => sql.Execute("analyze"));

        Assert.Equal(50, (await Talks.Over(scene).List(ada, new ListConversations(), Ct)).Count);
        Assert.Equal(50, (await Talks.RequestsOver(scene).List(ada, null, 50, Ct)).Count);
        Assert.Empty(await Walks.Of(scene.Test, database => Ask(database, scene, ada, bob, group)));
    }

    // More often than PostgreSQL plans anew: the generic plan counts too.
    private static async Task Ask(Database database, LogScene scene, Caller ada, Caller bob, Guid group)
    {
        var talks = new ConversationDirectory(database, scene.Log, new Control(scene.Bus), scene.Bus, scene.Limits, scene.Time);
        var requests = new MessageRequests(database, scene.Log, scene.Time);
        for (var i = 0; i < 12; i++)
        {
            foreach (var state in Enum.GetValues<ListState>()) await talks.List(ada, new ListConversations(state), Ct);
            await new ConversationList(database).Channels(ada, Ct);
            Assert.True((await talks.Find(ada, group, Ct)).Ok);
            Assert.True((await talks.Members(ada, group, bob.UserId, 10, Ct)).Ok);
            await requests.List(ada, null, 50, Ct);
            Assert.Equal(Fault.NotFound, (await requests.Accept(ada, group, Ct)).Refusal?.Fault);
            Assert.True((await talks.Mute(ada, group, null, Ct)).Ok);
            Assert.True((await talks.Hide(ada, group, Ct)).Ok);
            Assert.True((await new Sync(database, scene.Time).Read(ada, new SyncRequest(new Dictionary<Guid, long> { [group] = 1 }, ReceiptsSince: 1), Ct)).Ok);
            await database.Read(async sql =>
            {
                await Approached.By(sql, ada.UserId, [bob.UserId]);
                await TakeOut.Heir(sql, group, ada.UserId);
                await MemberStore.HasOtherAdmin(sql, group, ada.UserId);
                return await MemberStore.Count(sql, group);
            }, Ct);
        }
    }

    // Ada is in a hundred groups of twenty, and has been written to by five hundred people who ask, and five hundred who need not.
    private static async Task Fill(Sql sql, Guid ada)
    {
        var (id, rows) = (sql.IsPostgres ? "gen_random_uuid()" : "randomblob(16)", $"with recursive rows (n) as (select 1 union all select n + 1 from rows where n < {Many})");
        await sql.Execute($"{rows} insert into users (id, username, display_name, role, created_at) select {id}, 'user ' || n, 'User', 0, n from rows");
        await sql.Execute($"""
            {rows} insert into conversations (id, kind, creator_id, created_at, last_sequence, revision, last_message_at)
            select {id}, case when n <= 100 then 2 else 3 end, @ada, n, 5, 5, n from rows where n <= 1100
            """, ("ada", ada));
        await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at, revision) select id, @ada, 0, 1 from conversations where last_message_at <= 1100 and revision = 5", ("ada", ada));
        await sql.Execute("""
            insert into conversation_members (conversation_id, user_id, joined_at, revision)
            select c.id, u.id, 0, 1 from conversations c join users u on case c.kind when 3 then u.created_at = c.last_message_at else u.created_at between c.last_message_at and c.last_message_at + 19 end
            where c.last_message_at <= 1100 and c.revision = 5 and u.created_at > 0
            """);
        await sql.Execute($"""
            insert into message_requests (id, requester_id, recipient_id, conversation_id, state, created_at)
            select {id}, u.id, @ada, c.id, 0, 0 from conversations c join users u on u.created_at = c.last_message_at where c.kind = 3 and c.last_message_at <= 600
            """, ("ada", ada));
        await sql.Execute($"""
            insert into messages (conversation_id, server_sequence, id, sender_id, send_key, content, revision, timestamp)
            select c.id, n.n, {id}, @ada, {id}, 'text', n.n, 0
            from conversations c cross join (select 1 as n union all select 2 union all select 3 union all select 4 union all select 5) n where c.revision = 5
            """, ("ada", ada));
        await sql.Execute("""
            insert into receipt_events (conversation_id, user_id, kind, sequence, at)
            select m.conversation_id, m.user_id, 1, 5, 1 from conversation_members m join conversations c on c.id = m.conversation_id and c.revision = 5
            """);
        await sql.Execute("insert into blocks (user_id, blocked_id, created_at) select @ada, id, 0 from users where created_at > 1500", ("ada", ada));
    }
}
