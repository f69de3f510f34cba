using Npgsql;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>Each look-up of a post is a probe of the one right index, whatever the statistics say.</summary>
public sealed class PostPlanTests
{
    // Whole keys: with less of one, a probe would be a walk over a conversation.
    private static readonly string[][] Probes =
    [
        ["(id = i.conversation_id)"],
        ["((conversation_id = i.conversation_id) AND (user_id = i.sender_id))", "((user_id = i.sender_id) AND (conversation_id = i.conversation_id))"],
        ["(send_key = i.send_key)"],
    ];

    // Blocks and requests, in either direction.
    private static readonly string[][] ProbesOfTwo =
    [
        ["((user_id = o.user_id) AND (blocked_id = i.sender_id))", "((blocked_id = i.sender_id) AND (user_id = o.user_id))"],
        ["((user_id = i.sender_id) AND (blocked_id = o.user_id))", "((blocked_id = o.user_id) AND (user_id = i.sender_id))"],
        ["((requester_id = i.sender_id) AND (recipient_id = o.user_id))", "((recipient_id = o.user_id) AND (requester_id = i.sender_id))"],
        ["((requester_id = o.user_id) AND (recipient_id = i.sender_id))", "((recipient_id = i.sender_id) AND (requester_id = o.user_id))"],
    ];

    private static readonly string[][] ProbesOfLone =
    [
        ["(id = $1)"],
        ["((conversation_id = $1) AND (user_id = $2))", "((user_id = $2) AND (conversation_id = $1))"],
        ["(send_key = $4)"],
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, LonePostStatement.InChannel), InlineData(true, LonePostStatement.InChannel)]
    [InlineData(false, LonePostStatement.InGroup), InlineData(true, LonePostStatement.InGroup)]
    [InlineData(false, LonePostStatement.InDirect), InlineData(true, LonePostStatement.InDirect)]
    [InlineData(false, PostStatement.Plain), InlineData(true, PostStatement.Plain)]
    [InlineData(false, PostStatement.Talk), InlineData(true, PostStatement.Talk)]
    [InlineData(false, PostStatement.Full), InlineData(true, PostStatement.Full)]
    public async Task Postgres_probes_one_index_for_each_look_up(bool full, string statement)
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        if (full) await Fill(scene);

        var plan = await Explain(((PostgresDatabase)scene.Database).Lanes, statement);

        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
        if (statement == PostStatement.Full) Assert.Contains("Index Cond: (id = i.reply_to_id)\n", plan, StringComparison.Ordinal);
        foreach (var probe in ProbesOf(statement)) Assert.Contains(probe, condition => plan.Contains($"Index Cond: {condition}\n", StringComparison.Ordinal));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Sqlite_searches_by_index(bool full)
    {
        await using var scene = await LogScene.On(Engine.Sqlite);
        if (full) await Fill(scene);

        var plan = await scene.Database.Read(sql => sql.All("explain query plan " + PostChange.Judge, row => row.Text(3),
            ("conversation", Guid.Empty), ("sender", Guid.Empty), ("send_key", Guid.Empty), ("reply", Guid.Empty)), Ct);

        Assert.Contains(plan, step => step.Contains("TABLE conversation_members AS m USING PRIMARY KEY (conversation_id=? AND user_id=?)", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("messages_send_key (send_key=?)", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("messages_id (id=?)", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN TABLE", StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Other_of_two_people_and_what_they_have_written_are_met_by_index(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await Fill(scene);
        await scene.Database.Write(async sql =>
        {
            for (var i = 0; i < 2000; i++)
                await sql.Execute("insert into direct_pairs (kind, low, high, conversation_id, low_user_id, high_user_id) values (4, @low, @id, @conversation, @user, @other)",
                    ("low", Guid.Empty.ToByteArray()), ("id", Ids.New(scene.Time).ToByteArray()), ("conversation", Ids.New(scene.Time)), ("user", Guid.Empty), ("other", Ids.New(scene.Time)));
            await sql.Execute("analyze");
        });

        foreach (var statement in (string[])[Counterpart.Select, PairRows.SelectWritten])
        {
            var plan = string.Join('\n', await scene.Database.Read(sql => sql.All(
                (engine == Engine.Sqlite ? "explain query plan " : "explain ") + statement, row => row.Text(engine == Engine.Sqlite ? 3 : 0),
                ("conversation", Guid.Empty), ("user", Guid.Empty), ("low", Guid.Empty.ToByteArray()), ("high", Guid.Empty.ToByteArray()), ("one", Guid.Empty), ("other", Guid.Empty), ("except", Guid.Empty)), Ct));

            Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("SCAN TABLE", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("SCAN direct_pairs", plan, StringComparison.Ordinal);
        }
    }

    private static string[][] ProbesOf(string statement) => statement switch
    {
        LonePostStatement.InChannel or LonePostStatement.InGroup => ProbesOfLone,
        LonePostStatement.InDirect => [.. ProbesOfLone, .. ProbesOfTwo.Select(probe => Array.ConvertAll(probe, condition => condition.Replace("i.sender_id", "$2", StringComparison.Ordinal)))],
        PostStatement.Plain => Probes,
        _ => [.. Probes, .. ProbesOfTwo],
    };

    private static async Task Fill(LogScene scene)
    {
        var people = await scene.People(50);
        var channels = new List<Guid>();
        for (var i = 0; i < 20; i++) channels.Add(await scene.PrivateChannel(people));
        await Task.WhenAll(Enumerable.Range(0, 4000).Select(i => scene.Post(people[i % 50], channels[i % 20], "x")));
        await scene.Database.Write(sql => sql.Execute("analyze"));
    }

    private static async Task<string> Explain(NpgsqlDataSource lanes, string statement)
    {
        const string lone = "uuid, uuid, uuid, uuid, text, text, int, bigint", many = "uuid[], uuid[], uuid[], uuid[], text[], text[], int[], bigint[]";
        var types = statement switch
        {
            PostStatement.Plain => many + ", int[]",
            PostStatement.Talk => many + ", int[], int[]",
            PostStatement.Full => many + ", uuid[], text[], bytea[], bytea[]",
            _ => lone,
        };
        await using var connection = await lanes.OpenConnectionAsync(Ct);
        await using var prepare = new NpgsqlCommand($"prepare post({types}) as {statement}", connection);
        await prepare.ExecuteNonQueryAsync(Ct);
        await using var explain = new NpgsqlCommand($"explain execute post({string.Join(", ", types.Split(", ").Select(type => $"null::{type}"))})", connection);
        await using var reader = await explain.ExecuteReaderAsync(Ct);
        var lines = new List<string>();
        while (await reader.ReadAsync(Ct)) lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }
}
