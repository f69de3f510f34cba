using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>What the log does when rows, databases and callers fail it.</summary>
public sealed class LogFailureTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Row_that_the_database_refuses_fails_alone(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await RefuseContent(scene, "poison");

        var posts = Enumerable.Range(0, 100).Select(i => scene.Log.Post(ada, new PostMessage(channel, i is 17 or 61 ? "poison" : $"{i}"), Ct)).ToArray();

        await Assert.ThrowsAnyAsync<Exception>(() => posts[17]);
        await Assert.ThrowsAnyAsync<Exception>(() => posts[61]);
        var stored = new List<long>();
        for (var i = 0; i < 100; i++) if (i is not (17 or 61)) stored.Add((await posts[i]).Value.Sequence);
        Assert.Equal(Enumerable.Range(1, 98).Select(n => (long)n), stored);
        Assert.Equal(98, scene.Bus.Published.Count);
    }

    [Fact]
    public async Task Row_that_fails_only_at_the_commit_is_not_acknowledged()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await RefuseContent(scene, "poison", atCommit: true);

        var posts = Enumerable.Range(0, 20).Select(i => scene.Log.Post(ada, new PostMessage(channel, i == 7 ? "poison" : $"{i}"), Ct)).ToArray();

        await Assert.ThrowsAnyAsync<Exception>(() => posts[7]);
        for (var i = 0; i < 20; i++) if (i != 7) Assert.True((await posts[i]).Ok);
        Assert.Equal(19, await scene.Count("select last_sequence from conversations"));
        Assert.Equal(19, scene.Bus.Published.Count);
    }

    // Two that were cut from one batch: the first met another writer in it, the second does when it stands alone already.
    [Theory, EachDatabase]
    public async Task Change_that_collides_while_it_stands_alone_runs_once_more(Engine engine)
    {
        await using var scene = await LogScene.On(engine, new MessageLogOptions { Lanes = 1 });
        var channel = await scene.OpenChannel();
        using var hold = new Hold(channel);
        var holding = scene.Log.Append(hold, Ct);
        await hold.Running;

        var stumbling = Enumerable.Range(0, 2).Select(_ => scene.Log.Append(new Stumbles(channel), Ct)).ToArray();
        hold.Release();
        await holding;

        foreach (var runs in stumbling) Assert.Equal(2, (await runs).Value);
    }

    [Theory, EachDatabase]
    public async Task Full_queue_refuses_at_once_and_what_was_taken_is_stored(Engine engine)
    {
        await using var scene = await LogScene.On(engine, new MessageLogOptions { QueueLength = 10, Lanes = 1 });
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        using var hold = new Hold(channel);
        var holding = scene.Log.Append(hold, Ct);
        await hold.Running;

        var posts = Enumerable.Range(0, 15).Select(i => scene.Log.Post(ada, new PostMessage(channel, $"{i}"), Ct)).ToArray();

        Assert.All(posts[10..], post => Assert.True(post.IsCompletedSuccessfully));
        foreach (var post in posts[10..])
        {
            var refusal = (await post).Refusal!;
            Assert.Equal((Fault.Unavailable, TimeSpan.FromSeconds(1)), (refusal.Fault, refusal.RetryAfter!.Value));
        }
        Assert.Equal(10, scene.Log.Waiting);
        hold.Release();
        foreach (var post in posts[..10]) Assert.True((await post).Ok);
        await holding;
        Assert.Equal(10, await scene.Count("select count(*) from messages"));
    }

    [Theory, EachDatabase]
    public async Task Queue_is_bounded_in_bytes_too(Engine engine)
    {
        await using var scene = await LogScene.On(engine, new MessageLogOptions { QueueBytes = 1024 * 1024, Lanes = 1 });
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        using var hold = new Hold(channel);
        var holding = scene.Log.Append(hold, Ct);
        await hold.Running;

        var posts = Enumerable.Range(0, 300).Select(_ => scene.Log.Post(ada, new PostMessage(channel, new string('x', 4000)), Ct)).ToArray();
        hold.Release();
        await holding;

        var taken = (await Task.WhenAll(posts)).Count(result => result.Ok);
        Assert.Equal(1024 * 1024 / (4000 + 150), taken);
        Assert.True((await scene.Log.Post(ada, new PostMessage(channel, "room again"), Ct)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Caller_who_has_gone_before_the_turn_posts_nothing(Engine engine)
    {
        await using var scene = await LogScene.On(engine, new MessageLogOptions { Lanes = 1 });
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        using var gone = new CancellationTokenSource();
        using var hold = new Hold(channel);
        var holding = scene.Log.Append(hold, Ct);
        await hold.Running;

        var post = scene.Log.Post(ada, new PostMessage(channel, "never mind"), gone.Token);
        await gone.CancelAsync();
        hold.Release();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => post);
        await holding;
        Assert.Equal(1, (await scene.Post(ada, channel, "first")).Sequence);
    }

    [Theory, EachDatabase]
    public async Task Stop_finishes_what_waits_and_takes_nothing_more(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());

        var posts = Enumerable.Range(0, 500).Select(i => scene.Log.Post(ada, new PostMessage(channel, $"{i}"), Ct)).ToArray();
        await scene.Log.DisposeAsync();

        Assert.All(await Task.WhenAll(posts), post => Assert.True(post.Ok));
        Assert.Equal(500, await scene.Count("select last_sequence from conversations"));
        Assert.Equal(Fault.Unavailable, (await scene.Log.Post(ada, new PostMessage(channel, "late"), Ct)).Refusal?.Fault);
        await scene.Log.Settled();
    }

    [Theory, EachDatabase]
    public async Task Settled_means_that_everything_taken_before_is_finished(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        using var hold = new Hold(channel);
        var holding = scene.Log.Append(hold, Ct);
        await hold.Running;
        var posts = Enumerable.Range(0, 450).Select(i => scene.Log.Post(ada, new PostMessage(channel, $"{i}"), Ct)).ToArray();

        var settled = scene.Log.Settled();
        Assert.False(settled.IsCompleted);
        hold.Release();
        await settled;

        Assert.Equal(450, await scene.Count("select count(*) from messages"));
        await Task.WhenAll(posts);
        await holding;
    }

    [Fact]
    public async Task Post_whose_commit_was_answered_into_the_void_is_found_and_told_once()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await using var proxy = await CutProxy.BeforePostgres();
        await using var database = proxy.Open(scene.Test);
        var bus = new RecordedBus();
        await using var log = LogScene.LogOver(database, bus);
        Assert.True((await log.Post(ada, new PostMessage(channel, "first"), Ct)).Ok);

        proxy.LoseNextAnswer();
        var lost = (await log.Post(ada, new PostMessage(channel, "second", ClientId: "id"), Ct)).Value;
        proxy.LoseNextAnswer();
        var plain = (await log.Post(ada, new PostMessage(channel, "third"), Ct)).Value;

        Assert.Equal(2, proxy.Cuts);
        Assert.Equal((2L, false, 3L, false), (lost.Sequence, lost.Duplicate, plain.Sequence, plain.Duplicate));
        Assert.Equal(["first", "second", "third"], bus.Published.Select(told => ((MessagePosted)told).Message.Content));
        Assert.Equal(3, await scene.Count("select count(*) from messages"));
    }

    [Fact]
    public async Task Change_whose_commit_was_answered_into_the_void_is_made_once_and_the_doubt_is_told()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await using var proxy = await CutProxy.BeforePostgres();
        await using var database = proxy.Open(scene.Test);
        await using var log = LogScene.LogOver(database);
        var message = (await log.Post(ada, new PostMessage(channel, "x"), Ct)).Value.MessageId;
        var doubts = 0;
        log.Doubted += () => doubts++;

        proxy.LoseAnswerTo("COMMIT\0");
        var lost = await log.React(ada, new AddReaction(message, "wave", Toggle: true), Ct);
        Assert.Equal((1, Fault.Unavailable, 0), (proxy.Cuts, lost.Refusal?.Fault, doubts));

        Assert.Equal((false, 2L), Of((await log.React(ada, new AddReaction(message, "wave"), Ct)).Value));
        Assert.Equal(1, doubts);
    }

    [Fact]
    public async Task Database_that_is_away_refuses_with_advice_and_is_taken_up_again()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        await using var proxy = await CutProxy.BeforePostgres();
        await using var database = proxy.Open(scene.Test);
        await using var log = LogScene.LogOver(database);
        Assert.True((await log.Post(ada, new PostMessage(channel, "before"), Ct)).Ok);

        var doubts = 0;
        log.Doubted += () => doubts++;

        proxy.Refuse();
        var refusals = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => log.Post(ada, new PostMessage(channel, "meanwhile"), Ct)));
        Assert.All(refusals, result => Assert.Equal((Fault.Unavailable, true), (result.Refusal!.Fault, result.Refusal.RetryAfter > TimeSpan.Zero)));

        proxy.AcceptAgain();
        Assert.Equal(2, (await log.Post(ada, new PostMessage(channel, "after"), Ct)).Value.Sequence);
        Assert.Equal(3, (await log.Post(ada, new PostMessage(channel, "and on"), Ct)).Value.Sequence);
        Assert.Equal(1, doubts);
    }

    private static (bool Changed, long Revision) Of(ReactionResult result) => (result.Changed, result.Revision);

    private static Task RefuseContent(LogScene scene, string content, bool atCommit = false) => scene.Database.Write(async sql =>
    {
        if (!sql.IsPostgres)
        {
            await sql.Execute($"create trigger refused before insert on messages when new.content = '{content}' begin select raise(abort, 'refused'); end");
            return;
        }
        await sql.Execute($"create function refuse() returns trigger language plpgsql as $$ begin if new.content = '{content}' then raise check_violation; end if; return new; end $$");
        await sql.Execute(atCommit
            ? "create constraint trigger refused after insert on messages deferrable initially deferred for each row execute function refuse()"
            : "create trigger refused before insert on messages for each row execute function refuse()");
    });

    /// <summary>Fails in its first run, as when it collides with what its check could not see yet. Answers how often it ran.</summary>
    private sealed class Stumbles(Guid conversationId) : Change<int>(conversationId)
    {
        private int _runs;

        public override Task<Result<int>> Apply(Sql sql, ConversationHead head) =>
            ++_runs == 1 ? throw new InvalidOperationException("It collided.") : Task.FromResult<Result<int>>(_runs);
    }

    /// <summary>Stands in its lane until it is released.</summary>
    private sealed class Hold(Guid conversationId) : Change<Done>(conversationId), IDisposable
    {
        private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();

        public Task Running => _running.Task;

        public void Release() => _released.Set();

        public override Task<Result<Done>> Apply(Sql sql, ConversationHead head)
        {
            _running.TrySetResult();
            _released.Wait(Ct);
            return Task.FromResult<Result<Done>>(default(Done));
        }

        public void Dispose() => _released.Dispose();
    }
}
