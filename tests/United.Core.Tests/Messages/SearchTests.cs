using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class SearchTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // A query, and the numbers of the texts that it finds, newest first.
    private static readonly (string Query, int[] Finds)[] Answers =
    [
        ("quick", [1, 0]), ("QUICK", [1, 0]), ("uick bro", [0]), ("quick  brown", [0]), ("brown quick", []), ("fox jumps", [0]),
        ("C++", [2]), ("100%", [3]), ("100_", []), ("\"quoted\"", [4]), ("'; drop", [5]), ("a OR b", [6]), ("near(", [7]), ("folded:", [8]), ("*.*", [9]),
        ("привет", [10]), ("МИР", [10]), ("ΣΊΣΥΦΟΣ", [11]), ("日本語", [12]), ("日本", [13, 12]), ("本", [13, 12]), ("👍🏽👍🏽👍🏽", [14]), ("é", [15]),
        ("zzz", []), ("x", [16, 0]), ("\\", [16]), ("back\\slash", [16]), ("st", [1]),
    ];

    private static readonly string[] Texts =
    [
        "The quick brown\n\tfox jumps", "quickest of all, he", "we love c++ here", "100% sure", "he said \"quoted\" words", "Robert'; drop table",
        "maybe a or b, ok then", "near(this, there)", "the folded: column", "glob *.* glob", "Привет, мир", "Σίσυφος", "日本語のテキスト", "日本 だけ", "see 👍🏽👍🏽👍🏽",
        "café with é", "back\\slash xy",
    ];

    [Fact]
    public async Task A_search_that_takes_too_long_is_refused_on_sqlite_and_its_connection_serves_on()
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(Engine.Sqlite, time: time);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await Post(scene, ada, channel, "needle");
        await Follow(scene);
        // Looking at a text takes three seconds.
        var slow = true;
        for (var i = 0; i < 16; i++)
            await scene.Database.Read(sql =>
            {
                ((SqliteSql)sql).Connection.CreateFunction("instr", (string text, string part) =>
                {
                    if (slow) time.Advance(TimeSpan.FromSeconds(3));
                    return text.Contains(part, StringComparison.Ordinal) ? 1 : 0;
                });
                return Task.FromResult(true);
            }, Ct);

        var refused = (await new Search(scene.Database, time).Find(ada, new SearchMessages("needle"), Ct)).Refusal;
        slow = false;

        Assert.Equal((Fault.Unavailable, "q"), (refused?.Fault, refused?.Field));
        for (var i = 0; i < 16; i++) Assert.Single((await new Search(scene.Database, time).Find(ada, new SearchMessages("needle"), Ct)).Value.Messages);
    }

    [Fact]
    public async Task A_search_that_takes_too_long_is_refused_on_postgres()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await Post(scene, ada, channel, "needle");
        await Follow(scene);

        // Whoever holds the table makes every look into it take for ever.
        var refused = await scene.Database.Write(async sql =>
        {
            await sql.Execute("lock table message_search in access exclusive mode");
            return (await new Search(scene.Database, scene.Time).Find(ada, new SearchMessages("needle"), Ct)).Refusal;
        }, Ct);

        Assert.Equal((Fault.Unavailable, "q"), (refused?.Fault, refused?.Field));
        Assert.Single((await new Search(scene.Database, scene.Time).Find(ada, new SearchMessages("needle"), Ct)).Value.Messages);
    }

    [Theory, EachDatabase]
    public async Task Both_databases_answer_alike(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();
        foreach (var text in Texts)
        {
            await Post(scene, ada, channel, text);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }
        await Follow(scene);

        foreach (var (query, finds) in Answers)
        {
            var found = await Found(scene, ada, new SearchMessages(query));
            Assert.True(found.SequenceEqual(finds.Select(i => Texts[i])), $"{query}: {string.Join(" | ", found)}");
        }
    }

    [Theory, EachDatabase]
    public async Task Edited_is_found_by_its_new_words_and_deleted_not_at_all(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();
        var first = await Post(scene, ada, channel, "first wording");
        var second = await Post(scene, ada, channel, "second wording");
        await Follow(scene);

        await Rewrite(scene, first, "changed phrase", deleted: false);
        await Rewrite(scene, second, "", deleted: true);
        var before = await Found(scene, ada, new SearchMessages("wording"));
        await Follow(scene);

        Assert.Empty(before); // the index is behind, the answer is not
        Assert.Empty(await Found(scene, ada, new SearchMessages("wording")));
        Assert.Equal(["changed phrase"], await Found(scene, ada, new SearchMessages("changed")));
        Assert.Equal(1, await scene.Count("select count(*) from message_search"));
    }

    [Theory, EachDatabase]
    public async Task Finds_only_what_the_caller_may_read_and_has_not_hidden(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var shared = await scene.PrivateChannel(ada, bob);
        var secret = await scene.PrivateChannel(ada);
        await Post(scene, ada, secret, "needle in secret");
        await Post(scene, ada, shared, "needle hidden");
        await Post(scene, ada, shared, "needle shown");
        await scene.Database.Write(sql => sql.Execute(
            "update conversation_members set hidden_sequence = 1 where user_id = @bob", ("bob", bob.UserId)));
        await Follow(scene);

        Assert.Equal(["needle shown"], await Found(scene, bob, new SearchMessages("needle")));
        Assert.Equal(3, (await Found(scene, ada, new SearchMessages("needle"))).Count);
        Assert.Equal(Fault.NotFound, (await new Search(scene.Database, scene.Time).Find(bob, new SearchMessages("needle", secret), Ct)).Refusal?.Fault);
        await scene.Database.Write(sql => sql.Execute("update conversation_members set state = 2 where user_id = @bob", ("bob", bob.UserId)));
        Assert.Empty(await Found(scene, bob, new SearchMessages("needle")));
        Assert.Empty(await Found(scene, bob, new SearchMessages("ne")));
    }

    [Theory, EachDatabase]
    public async Task Narrows_by_conversation_sender_and_time(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (here, there) = (await scene.OpenChannel(), await scene.OpenChannel());
        await Post(scene, ada, here, "needle 1");
        await Post(scene, bob, here, "needle 2");
        time.Advance(TimeSpan.FromHours(1));
        var noon = time.GetUtcNow().ToUnixTimeMilliseconds();
        await Post(scene, ada, there, "needle 3");
        await Follow(scene);

        Assert.Equal(["needle 2", "needle 1"], (await Found(scene, ada, new SearchMessages("needle", here))).OrderDescending());
        Assert.Equal(["needle 3"], await Found(scene, ada, new SearchMessages("needle", there, ada.UserId)));
        Assert.Equal(["needle 2"], await Found(scene, ada, new SearchMessages("needle", SenderId: bob.UserId)));
        Assert.Equal(["needle 2"], await Found(scene, ada, new SearchMessages("le", SenderId: bob.UserId)));
        Assert.Equal(["needle 2", "needle 1"], (await Found(scene, ada, new SearchMessages("needle", Before: noon))).OrderDescending());
        Assert.Empty(await Found(scene, ada, new SearchMessages("needle", there, bob.UserId)));
    }

    [Theory, EachDatabase]
    public async Task Pages_follow_one_another_without_gap_or_repeat(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();
        // All in one moment: their keys differ by a byte at most.
        await PostMany(scene, ada, channel, 70);
        await Follow(scene);

        foreach (var query in (string[])["needle", "le"])
        {
            var found = new List<Guid>();
            long? cursor = null;
            do
            {
                var page = (await new Search(scene.Database, scene.Time).Find(ada, new SearchMessages(query, Cursor: cursor, Limit: 30), Ct)).Value;
                found.AddRange(page.Messages.Select(message => message.Id));
                cursor = page.Next;
            }
            while (cursor is not null);
            Assert.Equal(70, found.Count);
            Assert.Equal(70, found.Distinct().Count());
        }
    }

    [Theory, EachDatabase]
    public async Task Encrypted_conversations_are_not_indexed(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var dm = await scene.Conversation(ConversationKind.Group, ada, bob);
        await Post(scene, ada, dm, "needle");
        await scene.Database.Write(sql => sql.Execute("update conversations set kind = 4 where id = @id", ("id", dm)));
        await Follow(scene);

        Assert.Equal(0, await scene.Count("select count(*) from message_search"));
        Assert.Empty(await Found(scene, ada, new SearchMessages("needle")));
    }

    [Theory, EachDatabase]
    public async Task Follower_indexes_what_it_hears_of_and_what_it_missed(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var ada = await scene.Person();
        var (heard, missed) = (await scene.OpenChannel(), await scene.OpenChannel());
        await Post(scene, ada, missed, "before the start");
        using var stop = new CancellationTokenSource();
        var follower = new SearchFollower(scene.Database, time, NullLogger<SearchFollower>.Instance);
        var running = follower.Run(stop.Token);
        await Until(time, scene, 1);

        await Post(scene, ada, heard, "heard of");
        follower.Hear(scene.Bus.Of(heard));
        await Until(time, scene, 2);
        await Post(scene, ada, missed, "not heard of");
        await Until(time, scene, 3);

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Several_nodes_index_each_message_once()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();
        await PostMany(scene, ada, channel, 1200);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Follow(scene)));

        Assert.Equal(1200, await scene.Count("select count(*) from message_search"));
        Assert.Equal(1200, await scene.Count("select revision from search_progress"));
    }

    [Theory, EachDatabase]
    public async Task Messages_of_one_moment_in_several_conversations_are_indexed_once_however_many_steps_they_take(Engine engine)
    {
        await using var scene = await LogScene.On(engine, time: new ManualTime());
        var ada = await scene.Person();
        foreach (var channel in (Guid[])[await scene.OpenChannel(), await scene.OpenChannel(), await scene.OpenChannel()])
            await PostMany(scene, ada, channel, 230);

        await Follow(scene);
        await Follow(scene);

        Assert.Equal(690, await scene.Count("select count(*) from message_search s join messages m on m.id = s.message_id and m.content = s.folded"));
        Assert.Equal(690, await scene.Count("select count(*) from message_search"));
        Assert.Equal(3, await scene.Count("select count(*) from search_progress p join conversations c on c.id = p.conversation_id and c.revision = p.revision"));
    }

    [Theory, EachDatabase]
    public async Task Follower_finds_what_it_missed_among_thousands_of_conversations(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await Post(scene, ada, channel, "needle");
        var others = Enumerable.Range(0, 2_400).Select(_ => Ids.New(scene.Time)).Append(Guid.AllBitsSet).ToArray();
        await scene.Database.Write(async sql =>
        {
            foreach (var id in others)
                await sql.Execute("insert into conversations (id, kind, name, name_key, open, created_at, revision) values (@id, 1, 'n', @key, true, 0, 3)", ("id", id), ("key", id.ToString()));
        });

        await Follow(scene);

        Assert.Equal(["needle"], await Found(scene, ada, new SearchMessages("needle")));
        Assert.Equal(2_402, await scene.Count("select count(*) from search_progress p join conversations c on c.id = p.conversation_id and c.revision = p.revision"));
    }

    [Theory, EachDatabase]
    public async Task A_step_that_fails_in_the_middle_indexes_nothing_and_is_taken_again(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await PostMany(scene, ada, channel, 90);
        await Post(scene, ada, channel, "needle 1");
        await scene.Database.Write(sql => sql.Execute("create unique index once on message_search (folded)"));

        await Assert.ThrowsAnyAsync<Exception>(() => Follow(scene));
        var (indexed, noted) = (await scene.Count("select count(*) from message_search"), await scene.Count("select count(*) from search_progress"));
        await scene.Database.Write(sql => sql.Execute("drop index once"));
        await Follow(scene);

        Assert.Equal((0, 0), (indexed, noted));
        Assert.Equal(91, await scene.Count("select count(*) from message_search"));
        Assert.Equal(91, await scene.Count("select revision from search_progress"));
    }

    [Fact]
    public async Task A_step_rests_between_its_pieces_which_are_found_together_or_not_at_all()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await PostMany(scene, ada, channel, 90);
        var seen = new List<long>();

        await Assert.ThrowsAsync<OperationCanceledException>(() => Step(StoppedAtThird));
        var stopped = await scene.Count("select count(*) from message_search");
        await Step(Look);

        Assert.Equal(0, stopped);
        Assert.True(seen.Count > 3);
        Assert.All(seen, indexed => Assert.Equal(0, indexed));
        Assert.Equal(90, await scene.Count("select count(*) from message_search"));
        Assert.Equal(90, await scene.Count("select revision from search_progress"));

        Task Step(Func<Task> rest) => scene.Database.Write(sql => SearchStep.Take(sql, [channel], rest), Ct);

        async Task Look() => seen.Add(await scene.Count("select count(*) from message_search"));

        async Task StoppedAtThird()
        {
            await Look();
            if (seen.Count == 3) throw new OperationCanceledException();
        }
    }

    [Fact]
    public async Task A_step_of_many_that_does_not_reach_the_end_does_not_rest()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await PostMany(scene, ada, channel, 700);
        var rests = 0;

        var steps = new List<(SearchStep.Outcome, bool Rested)>();
        for (var i = 0; i < 2; i++)
        {
            var before = rests;
            var outcome = await scene.Database.Write(sql => SearchStep.Take(sql, [channel], () => { rests++; return Task.CompletedTask; }), Ct);
            steps.Add((outcome, rests > before));
        }

        Assert.Equal([(SearchStep.Outcome.Stepped, false), (SearchStep.Outcome.Done, true)], steps);
        Assert.Equal(700, await scene.Count("select count(*) from message_search"));
    }

    [Fact]
    public async Task While_the_log_is_written_the_follower_goes_on_as_time_does()
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(Engine.Postgres, time: time);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await PostMany(scene, ada, channel, 90);
        time.Advance(TimeSpan.FromSeconds(1));
        var follower = new SearchFollower(scene.Database, time, NullLogger<SearchFollower>.Instance);
        follower.Hear(scene.Bus.Of(channel));
        using var stop = new CancellationTokenSource();

        // It has not finished, for time stands still: stopped, it leaves nothing.
        var stopped = follower.CatchUp(null, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        Assert.Equal(0, await scene.Count("select count(*) from message_search"));

        var following = follower.CatchUp(null, Ct);
        while (!following.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
        await following;
        Assert.Equal(90, await scene.Count("select count(*) from message_search"));
    }

    [Fact]
    public async Task What_waits_for_its_place_in_the_index_gets_it_when_nobody_writes()
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(Engine.Postgres, time: time);
        await scene.Database.Write(sql => sql.Execute("create extension pgstattuple"), Ct);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        using var stop = new CancellationTokenSource();
        var follower = new SearchFollower(scene.Database, time, NullLogger<SearchFollower>.Instance);
        await PostMany(scene, ada, channel, 90);
        await follower.CatchUp(null, Ct);
        Assert.InRange(await Waiting(), 1, int.MaxValue);

        var running = follower.Run(stop.Token);
        while (await Waiting() > 0)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        await stop.CancelAsync();
        await running;

        Assert.Equal(90, await scene.Count("select count(*) from message_search"));

        Task<long> Waiting() => scene.Count("select pending_pages::bigint from pgstatginindex('message_search_grams')");
    }

    [Theory, EachDatabase]
    public async Task Refuses_what_makes_no_sense(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        SearchMessages[] requests =
        [
            new(""), new(" \n\t "), new(new string('a', 201)), new("needle", Before: -1), new("needle", Cursor: -1), new("needle", Limit: 0),
        ];

        foreach (var request in requests)
            Assert.Equal(Fault.ValidationFailed, (await new Search(scene.Database, scene.Time).Find(ada, request, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await new Search(scene.Database, scene.Time).Find(ada, new SearchMessages("needle", Ids.New(scene.Time)), Ct)).Refusal?.Fault);
    }

    private static async Task Until(ManualTime time, LogScene scene, int indexed)
    {
        while (await scene.Count("select count(*) from message_search") < indexed)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }
    }

    private static Task Follow(LogScene scene) =>
        new SearchFollower(scene.Database, scene.Time, NullLogger<SearchFollower>.Instance).CatchUp(null, Ct);

    private static async Task<IReadOnlyList<string>> Found(LogScene scene, Caller caller, SearchMessages request) =>
        [.. (await new Search(scene.Database, scene.Time).Find(caller, request, Ct)).Value.Messages.Select(message => message.Content)];

    private static async Task<Guid> Post(LogScene scene, Caller author, Guid conversation, string text) =>
        (await scene.Log.Post(author, new PostMessage(conversation, text), Ct)).Value.MessageId;

    private static async Task PostMany(LogScene scene, Caller author, Guid conversation, int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => scene.Log.Post(author, new PostMessage(conversation, $"needle {i}"), Ct)));

    // As the log stamps an edit or a deletion.
    private static Task Rewrite(LogScene scene, Guid messageId, string content, bool deleted) =>
        scene.Database.Write(async sql =>
        {
            await sql.Execute("update conversations set revision = revision + 1");
            await sql.Execute("update messages set content = @content, deleted = @deleted, revision = (select revision from conversations) where id = @id",
                ("content", content), ("deleted", deleted), ("id", messageId));
        });
}
