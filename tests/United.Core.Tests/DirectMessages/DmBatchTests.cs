using Npgsql;
using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Storage;
using United.Core.Tests.Conversations;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

/// <summary>What is particular to many encrypted messages in one statement of PostgreSQL.</summary>
public sealed class DmBatchTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_at_once_are_numbered_queued_and_told_in_their_order()
    {
        await using var scene = await DmScene.On(Engine.Postgres);
        var pairs = new List<(Caller Ada, Caller Bob, Guid Id)>();
        for (var i = 0; i < 8; i++) pairs.Add(await scene.Pair());
        var requests = Enumerable.Range(0, 400).Select(i => (i % 3 == 0 ? pairs[i % 8].Bob : pairs[i % 8].Ada, Request: DmScene.Sealed(pairs[i % 8].Id))).ToArray();

        var sent = await Task.WhenAll(requests.Select(one => scene.Send(one.Item1, one.Request)));

        Assert.All(sent, result => Assert.True(result.Ok));
        foreach (var (ada, bob, id) in pairs)
        {
            var mine = sent.Select(result => result.Value.Message).Where(message => message.ConversationId == id).ToList();
            Assert.Equal(Enumerable.Range(1, 50).Select(n => (long)n), mine.Select(message => message.Sequence));
            Assert.Equal(mine.Select(message => message.Id), scene.Scene.Bus.Of(id).OfType<MessagePosted>().Select(told => told.Message.Id));
            foreach (var reader in (Caller[])[ada, bob])
                Assert.Equal(mine.Where(message => message.SenderId != reader.UserId).Select(message => message.Id), await scene.Waiting(reader));
            await scene.Scene.AssertDense(id);
        }
    }

    [Fact]
    public async Task One_whose_commit_was_answered_into_the_void_is_found_and_told_once()
    {
        await using var scene = await DmScene.On(Engine.Postgres);
        var (ada, bob, dm) = await scene.Pair();
        await using var proxy = await CutProxy.BeforePostgres();
        await using var database = proxy.Open(scene.Scene.Test);
        var (bus, limits) = (new RecordedBus(), new RateLimits(LogScene.NoLimits, TimeProvider.System));
        await using var log = LogScene.LogOver(database, bus, limits);
        var messages = new DmMessages(database, log, limits, TimeProvider.System);
        for (var i = 0; i < 2; i++) Assert.True((await messages.Send(ada, DmScene.Sealed(dm), Ct)).Ok);

        proxy.LoseNextAnswer();
        var request = DmScene.Sealed(dm, clientId: "third");
        var lost = (await messages.Send(ada, request, Ct)).Value;
        var again = (await messages.Send(ada, request, Ct)).Value;

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal((3L, false, 3L, true), (lost.Message.Sequence, lost.Duplicate, again.Message.Sequence, again.Duplicate));
        Assert.Equal([1L, 2L, 3L], bus.Of(dm).OfType<MessagePosted>().Select(told => told.Message.Sequence));
        Assert.Equal(3, (await scene.Waiting(bob)).Length);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Each_look_up_is_a_probe_of_one_index(bool full)
    {
        await using var scene = await DmScene.On(Engine.Postgres);
        if (full) await Fill(scene);

        var plan = await Explain(((PostgresDatabase)scene.Scene.Database).Lanes);

        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
        foreach (var probe in (string[])["(id = i.conversation_id)", "(send_key = i.send_key)", "(client_key = i.client_key)", "(recipient_id = i.recipient_id)"])
            Assert.Contains($"Index Cond: {probe}\n", plan, StringComparison.Ordinal);
    }

    private static async Task Fill(DmScene scene)
    {
        var pairs = new List<(Caller Ada, Caller Bob, Guid Id)>();
        for (var i = 0; i < 20; i++) pairs.Add(await scene.Pair());
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => scene.Send(pairs[i % 20].Ada, DmScene.Sealed(pairs[i % 20].Id, clientId: $"{i}"))));
        await scene.Scene.Database.Write(sql => sql.Execute("analyze"));
    }

    private static async Task<string> Explain(NpgsqlDataSource lanes)
    {
        const string types = "uuid[], uuid[], uuid[], bytea[], bytea[], uuid[], uuid[], text[], uuid[], bytea[], bytea[], bytea[], bigint[], bigint[], bigint[], int[], int[], int[]";
        await using var connection = await lanes.OpenConnectionAsync(Ct);
        await using var prepare = new NpgsqlCommand($"prepare send({types}) as {DmStatement.Write}", connection);
        await prepare.ExecuteNonQueryAsync(Ct);
        await using var explain = new NpgsqlCommand($"explain execute send({string.Join(", ", Enumerable.Repeat("'{}'", types.Split(',').Length))})", connection);
        await using var reader = await explain.ExecuteReaderAsync(Ct);
        var lines = new List<string>();
        while (await reader.ReadAsync(Ct)) lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }
}
