using System.Collections.Concurrent;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class LogCrashTests
{
    private const int Writers = 32;
    private const int EachWrites = 60;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_kill_9_of_postgres_in_mid_load_every_acknowledged_message_is_there_once_without_gap()
    {
        await using var server = await PostgresServer.Start();
        var connection = await server.CreateDatabase();
        await using var database = PostgresDatabase.Open(connection);
        await Migrations.Apply(database, TimeProvider.System, Ct);
        var (ada, channel) = await Seed(database);
        var bus = new RecordedBus();
        await using var log = LogScene.LogOver(database, bus);
        var acknowledged = new ConcurrentDictionary<string, (Guid Id, long Sequence)>();

        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(log, ada, channel, writer, acknowledged))).ToArray();
        for (var crash = 1; crash <= 2; crash++)
        {
            while (acknowledged.Count < crash * Writers * EachWrites / 3) await Task.Yield();
            await server.Kill();
            await server.Start(Ct);
        }
        await Task.WhenAll(writers);

        await using var after = PostgresDatabase.Open(connection);
        var stored = await after.Read(sql => sql.All(
            "select client_id, id, server_sequence, revision from messages order by server_sequence",
            row => (ClientId: row.Text(0), Id: row.Uuid(1), Sequence: row.Int64(2), Revision: row.Int64(3))), Ct);
        var all = Enumerable.Range(1, Writers * EachWrites).Select(n => (long)n).ToArray();
        Assert.Equal(all, stored.Select(row => row.Sequence));
        Assert.Equal(all, stored.Select(row => row.Revision));
        Assert.All(stored, row => Assert.Equal((row.Id, row.Sequence), acknowledged[row.ClientId]));
        Assert.All(bus.Of(channel).GroupBy(told => told.Revision), told => Assert.Single(told));
    }

    // Each message is sent until it is acknowledged, as a client does it.
    private static async Task Write(
        MessageLog log, Caller caller, Guid channel, int writer, ConcurrentDictionary<string, (Guid Id, long Sequence)> acknowledged)
    {
        for (var i = 0; i < EachWrites; i++)
        {
            var post = new PostMessage(channel, "x", ClientId: $"{writer}-{i}");
            Result<PostResult> result;
            do result = await log.Post(caller, post, Ct);
            while (result.Refusal?.Fault == Fault.Unavailable);
            Assert.True(acknowledged.TryAdd(post.ClientId!, (result.Value.MessageId, result.Value.Sequence)));
        }
    }

    private static async Task<(Caller, Guid)> Seed(Database database)
    {
        var (user, channel) = (Ids.New(TimeProvider.System), Ids.New(TimeProvider.System));
        await database.Write(async sql =>
        {
            await sql.Execute("insert into users (id, username, display_name, role, created_at) values (@id, 'ada', 'Ada', 0, 0)", ("id", user));
            await sql.Execute("insert into conversations (id, kind, name, open, created_at) values (@id, 1, 'general', true, 0)", ("id", channel));
        }, Ct);
        return (new Caller(user, user, "ada", "Ada", "", Role.Member, Permissions.None), channel);
    }
}
