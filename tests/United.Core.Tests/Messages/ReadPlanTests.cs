using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>What PostgreSQL itself counted while the hot reads ran: no walk over a whole table, with statistics and without.</summary>
public sealed class ReadPlanTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public async Task Hot_reads_walk_over_no_table(int messages)
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();
        if (messages > 0) await Fill(scene, channel, ada.UserId, messages);
        // One backend, so that its own counters can be asked for when it is done.
        await using var database = PostgresDatabase.Open(scene.Test.Connection.Replace("Maximum Pool Size=20", "Maximum Pool Size=1", StringComparison.Ordinal));
        var before = await Walks(database);

        // More often than the server plans anew: the generic plan counts too.
        for (var i = 0; i < 12; i++)
        {
            foreach (var page in (ReadHistory[])[new(channel), new(channel, Before: messages / 2), new(channel, After: messages / 2), new(channel, Around: 7)])
                Assert.True((await new History(database).Page(ada, page, Ct)).Ok);
            await database.Read(sql => UnreadCounts.Of(sql, ada.UserId, channel), Ct);
            await database.Read(sql => UnreadCounts.Of(sql, ada.UserId, [channel]), Ct);
            Assert.True((await new Sync(database, scene.Time).Read(ada, new SyncRequest(new Dictionary<Guid, long> { [channel] = Math.Max(0, messages - 100) }), Ct)).Ok);
            Assert.True((await new Search(database).Find(ada, new SearchMessages("needle"), Ct)).Ok);
            Assert.True((await new Search(database).Find(ada, new SearchMessages("text 12345", channel), Ct)).Ok);
        }

        Assert.Equal(before, await Walks(database));
    }

    private static Task<string> Walks(Database database) => database.Read(async sql =>
    {
        await sql.Execute("select pg_stat_force_next_flush()");
        await sql.Execute("select pg_stat_clear_snapshot()");
        return string.Join('\n', await sql.All("""
            select relname, seq_scan from pg_stat_user_tables
            where relname in ('messages', 'mentions', 'reactions', 'message_search', 'receipt_events') order by relname
            """, row => $"{row.Text(0)} {row.Int64(1)}"));
    }, Ct);

    private static async Task Fill(LogScene scene, Guid channel, Guid sender, int count)
    {
        await scene.Database.Write(async sql =>
        {
            await sql.Execute("update conversations set last_sequence = @n, revision = @n where id = @id", ("n", (long)count), ("id", channel));
            await sql.Execute("""
                insert into messages (conversation_id, server_sequence, id, sender_id, send_key, content, revision, timestamp)
                select @id, n, g, @sender, g, 'text ' || n || ' @user:someone', n, n * 1000 from (select n, gen_random_uuid() as g from generate_series(1, @count) n) rows
                """, ("id", channel), ("sender", sender), ("count", count));
            await sql.Execute("insert into mentions select conversation_id, server_sequence, 1, @someone from messages", ("someone", Ids.New(scene.Time)));
            await sql.Execute("insert into reactions select id, sender_id, '+', conversation_id, server_sequence, false, revision, 0 from messages");
        });
        await new SearchFollower(scene.Database, scene.Time, NullLogger<SearchFollower>.Instance).CatchUp(null, Ct);
        foreach (var table in (string[])["messages", "mentions", "reactions", "message_search"]) await scene.Database.Write(sql => sql.Execute("analyze " + table));
    }
}
