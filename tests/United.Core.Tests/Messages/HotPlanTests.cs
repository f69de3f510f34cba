using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>No hot operation walks over a whole table, without statistics and with them.</summary>
public sealed class HotPlanTests
{
    private const int Many = 2_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task On_an_empty_database_no_hot_operation_walks_over_a_table(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person(Permissions.All);
        var channel = await scene.PrivateChannel(ada);

        Assert.Empty(await Walks.Of(scene.Test, database => new HotOperations(database, ada, channel, "needle").Run(Ct)));
    }

    [Theory, EachDatabase]
    public async Task On_a_full_database_no_hot_operation_walks_over_a_table(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person(Permissions.All);
        var channel = await scene.PrivateChannel(ada);
        await scene.OpenChannel();
        await scene.Database.Write(sql => Fill(sql, ada.UserId, channel));
        await new SearchFollower(scene.Database, scene.Time, NullLogger<SearchFollower>.Instance).CatchUp(null, Ct);
        await scene.Database.Write(sql => sql.Execute("analyze"));

        Assert.Empty(await Walks.Of(scene.Test, database => new HotOperations(database, ada, channel, "text 123").Run(Ct)));
    }

    [Theory, EachDatabase]
    public async Task A_walk_is_seen(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await scene.OpenChannel();

        var walks = await Walks.Of(scene.Test, database => database.Read(sql => sql.Count("select count(*) from messages where content = 'x'"), Ct));

        Assert.Contains("messages", Assert.Single(walks), StringComparison.Ordinal);
    }

    // Everything of which there are many where many people talk much: people, channels, their members, messages and what hangs on these.
    private static async Task Fill(Sql sql, Guid ada, Guid channel)
    {
        var (id, rows) = (sql.IsPostgres ? "gen_random_uuid()" : "randomblob(16)", $"with recursive rows (n) as (select 1 union all select n + 1 from rows where n < {Many})");
        await sql.Execute($"{rows} insert into users (id, username, display_name, role, created_at) select {id}, 'user ' || n, 'User', 0, 0 from rows");
        await sql.Execute($"""
            {rows} insert into conversations (id, kind, name, name_key, created_at, last_sequence, revision, last_message_at)
            select {id}, 1, 'channel ' || n, 'channel ' || n, 0, 5, 5, n from rows
            """);
        await sql.Execute("update conversations set last_sequence = @many, revision = @many where id = @channel", ("many", (long)Many), ("channel", channel));
        await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at, revision) select id, @ada, 0, 1 from conversations where last_message_at <= 20", ("ada", ada));
        await sql.Execute($"""
            insert into conversation_members (conversation_id, user_id, joined_at, revision)
            select c.id, u.id, 0, 1 from (select id, last_message_at from conversations where last_message_at > 20) c join users u on u.username = 'user ' || c.last_message_at
            """);
        await sql.Execute($"""
            {rows} insert into messages (conversation_id, server_sequence, id, sender_id, send_key, content, revision, timestamp)
            select @channel, n, {id}, @ada, {id}, 'text ' || n || ' @user:someone', n, n * 1000 from rows
            """, ("channel", channel), ("ada", ada));
        await sql.Execute($"""
            insert into messages (conversation_id, server_sequence, id, sender_id, send_key, content, revision, timestamp)
            select c.id, n.n, {id}, @ada, {id}, 'other text ' || c.last_message_at, n.n, 1000 * c.last_message_at
            from conversations c cross join (select 1 as n union all select 2 union all select 3 union all select 4 union all select 5) n where c.last_message_at is not null
            """, ("ada", ada));
        await sql.Execute("insert into mentions (conversation_id, server_sequence, kind, target_id) select conversation_id, server_sequence, 1, @ada from messages", ("ada", ada));
        await sql.Execute("""
            insert into reactions (message_id, user_id, emoji, conversation_id, server_sequence, removed, revision, timestamp)
            select id, sender_id, '+', conversation_id, server_sequence, @no, revision, 0 from messages
            """, ("no", false));
    }
}
