using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class ReactionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Reaction_is_added_once_taken_back_once_and_added_again(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        var message = (await scene.Post(ada, channel, "x")).MessageId;

        Assert.Equal((true, true, 2L, 1), await React(scene, ada, message, "👍"));
        Assert.Equal((false, false, 2L, 1), await React(scene, ada, message, "👍"));
        Assert.Equal((true, false, 3L, 0), await Unreact(scene, ada, message, "👍"));
        Assert.Equal((false, false, 3L, 0), await Unreact(scene, ada, message, "👍"));
        Assert.Equal((true, true, 4L, 1), await React(scene, ada, message, "👍"));

        Assert.Equal(4, await scene.Count("select revision from conversations where id = @id", ("id", channel)));
        Assert.Equal(1, await scene.Count("select count(*) from reactions where revision = 4 and not removed"));
        Assert.Equal(1, await scene.Count("select count(*) from messages where revision = 1"));
        Assert.Equal([typeof(MessagePosted), typeof(ReactionAdded), typeof(ReactionRemoved), typeof(ReactionAdded)], scene.Bus.Published.Select(told => told.GetType()));
    }

    [Theory, EachDatabase]
    public async Task Toggle_adds_and_takes_back(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, channel) = (await scene.Person(), await scene.Person(), await scene.OpenChannel());
        var message = (await scene.Post(ada, channel, "x")).MessageId;
        await React(scene, bob, message, "tada");

        Assert.Equal((true, true, 3L, 2), await React(scene, ada, message, "tada", toggle: true));
        Assert.Equal((true, false, 4L, 1), await React(scene, ada, message, "tada", toggle: true));
        Assert.Equal(bob.UserId, Assert.Single((await scene.Message(message)).Reactions).UserId);
    }

    [Theory, EachDatabase]
    public async Task Answer_lists_what_a_reader_finds(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (people, channel) = (await scene.People(4), await scene.OpenChannel());
        var message = (await scene.Post(people[0], channel, "x")).MessageId;
        foreach (var person in people[1..]) await React(scene, person, message, "wave");
        await Unreact(scene, people[2], message, "wave");

        var answer = (await scene.Log.React(people[0], new AddReaction(message, "wave"), Ct)).Value;

        Assert.Equal((await scene.Message(message)).Reactions, answer.Reactions);
        Assert.Equal([people[1].UserId, people[3].UserId, people[0].UserId], answer.Reactions.Select(reaction => reaction.UserId));
    }

    [Theory, EachDatabase]
    public async Task Answer_tells_nothing_that_is_newer_than_the_reaction(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (people, channel) = (await scene.People(20), await scene.OpenChannel());
        var message = (await scene.Post(people[0], channel, "x")).MessageId;

        var answers = await Task.WhenAll(people.Select(person => scene.Log.React(person, new AddReaction(message, "wave"), Ct)));

        Assert.Equal(Enumerable.Range(2, 20).Select(n => (long)n), answers.Select(answer => answer.Value.Revision).Order());
        Assert.All(answers, answer => Assert.Equal(answer.Value.Revision, answer.Value.Reactions[^1].Revision));
        Assert.All(answers, answer => Assert.Equal(answer.Value.Revision - 1, answer.Value.Reactions.Count));
    }

    [Theory, EachDatabase]
    public async Task What_a_reaction_costs_the_writer_does_not_grow_with_the_people_who_reacted(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (people, channel) = (await scene.People(3), await scene.OpenChannel());
        var message = (await scene.Post(people[0], channel, "x")).MessageId;
        await React(scene, people[2], message, "tada");
        async Task<long[]> Costs(Caller person, params ReactionAct[] acts)
        {
            var costs = new List<long>();
            foreach (var act in acts)
                costs.Add((await scene.Log.Append(new Weighed<ReactionOutcome>(new ReactionChange(person, channel, message, "wave", act, at: 0)), Ct)).Value);
            return [.. costs];
        }
        ReactionAct[] acts = [ReactionAct.Add, ReactionAct.Add, ReactionAct.Toggle, ReactionAct.Remove];

        // Plans are made for a table of one row, and kept.
        await scene.Database.Write(sql => sql.Execute("analyze"));
        var alone = await Costs(people[0], acts);
        await Crowd(scene, channel, message, people: 1000);
        var among = await Costs(people[1], acts);

        Assert.All(alone.Zip(among), cost => Assert.InRange(cost.Second, 0, 2 * cost.First));
    }

    [Theory, EachDatabase]
    public async Task In_groups_and_direct_conversations_a_second_replaces_the_first(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
        var message = (await scene.Post(ada, direct, "x")).MessageId;
        await React(scene, ada, message, "wow");
        await React(scene, bob, message, "like");

        Assert.Equal((true, true, 5L, 2), await React(scene, bob, message, "love"));

        var (removed, added) = (Assert.IsType<ReactionRemoved>(scene.Bus.Of(direct)[^2]), Assert.IsType<ReactionAdded>(scene.Bus.Of(direct)[^1]));
        Assert.Equal((4L, "like", 5L, "love"), (removed.Revision, removed.Emoji, added.Revision, added.Reaction.Emoji));
        Assert.Equal(["wow", "love"], (await scene.Message(message)).Reactions.Select(reaction => reaction.Emoji));
        Assert.Equal(Fault.ValidationFailed, (await scene.Log.React(ada, new AddReaction(message, "👍"), Ct)).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task What_may_not_be_is_refused_and_leaves_no_trace(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, stranger) = (await scene.Person(), await scene.Person());
        var closed = await scene.PrivateChannel(ada);
        var message = (await scene.Post(ada, closed, "x")).MessageId;
        var before = await scene.Trace();

        Assert.Equal(Fault.NotFound, (await scene.Log.React(stranger, new AddReaction(message, "x"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.Unreact(stranger, new RemoveReaction(message, "x"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.React(ada, new AddReaction(Ids.New(scene.Time), "x"), Ct)).Refusal?.Fault);
        foreach (var emoji in (string[])["", "Ab", "two words", "👍👍", "a\u0000", new string('x', 33)])
            Assert.Equal((Fault.ValidationFailed, "emoji"), Of((await scene.Log.React(ada, new AddReaction(message, emoji), Ct)).Refusal!));

        Assert.Equal(before, await scene.Trace());
    }

    [Theory, EachDatabase]
    public async Task One_user_puts_twenty_on_a_message_and_all_together_fifty_different_ones(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (people, channel) = (await scene.People(4), await scene.OpenChannel());
        var message = (await scene.Post(people[0], channel, "x")).MessageId;
        for (var i = 0; i < 50; i++) Assert.True((await scene.Log.React(people[i / 20], new AddReaction(message, $"e{i}"), Ct)).Ok);

        Assert.Equal(Fault.TooMany, (await scene.Log.React(people[0], new AddReaction(message, "e49"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.TooMany, (await scene.Log.React(people[3], new AddReaction(message, "another"), Ct)).Refusal?.Fault);
        Assert.True((await scene.Log.React(people[3], new AddReaction(message, "e0"), Ct)).Ok);

        // One that nobody has put there any more leaves its place to another; one that somebody else has, does not.
        await Unreact(scene, people[3], message, "e0");
        Assert.Equal(Fault.TooMany, (await scene.Log.React(people[3], new AddReaction(message, "another"), Ct)).Refusal?.Fault);
        await Unreact(scene, people[2], message, "e49");
        Assert.True((await scene.Log.React(people[3], new AddReaction(message, "another"), Ct)).Ok);
    }

    [Theory, EachDatabase]
    public async Task However_many_react_at_once_by_two_nodes_no_more_than_fifty_different_ones_stand(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var other = scene.SecondNode();
        var (people, channel) = (await scene.People(8), await scene.OpenChannel());
        var message = (await scene.Post(people[0], channel, "x")).MessageId;

        var answers = await Task.WhenAll(Enumerable.Range(0, 80).Select(i =>
            (i % 2 == 0 ? scene : other).Log.React(people[i / 10], new AddReaction(message, $"e{i}"), Ct)));

        Assert.Equal(50, answers.Count(answer => answer.Ok));
        Assert.All(answers.Where(answer => !answer.Ok), answer => Assert.Equal(Fault.TooMany, answer.Refusal?.Fault));
        Assert.Equal(50, await scene.Count("select count(distinct emoji) from reactions where not removed"));
    }

    [Theory, EachDatabase]
    public async Task Nobody_fills_the_table_with_reactions_taken_back(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());
        var message = (await scene.Post(ada, channel, "x")).MessageId;
        for (var i = 0; i < 100; i++)
        {
            Assert.True((await scene.Log.React(ada, new AddReaction(message, $"e{i}"), Ct)).Ok);
            Assert.True((await scene.Log.Unreact(ada, new RemoveReaction(message, $"e{i}"), Ct)).Ok);
        }

        Assert.Equal(Fault.TooMany, (await scene.Log.React(ada, new AddReaction(message, "one-more"), Ct)).Refusal?.Fault);
        Assert.True((await scene.Log.React(ada, new AddReaction(message, "e5"), Ct)).Ok);
    }

    // Half of them has taken it back.
    private static Task Crowd(LogScene scene, Guid channel, Guid message, int people) => scene.Database.Write(async sql =>
    {
        var id = sql.IsPostgres ? "gen_random_uuid()" : "randomblob(16)";
        await sql.Execute($"""
            with recursive rows (n) as (select 1 union all select n + 1 from rows where n < {people})
            insert into users (id, username, display_name, role, created_at) select {id}, 'user ' || n, 'User', 0, n from rows
            """);
        await sql.Execute("""
            insert into reactions (message_id, user_id, emoji, conversation_id, server_sequence, removed, revision, timestamp)
            select @message, id, 'tada', @channel, 1, created_at % 2 = 0, 2, 0 from users where created_at > 0
            """, ("message", message), ("channel", channel));
    });

    private static (Fault, string?) Of(Refusal refusal) => (refusal.Fault, refusal.Field);

    private static async Task<(bool Changed, bool Added, long Revision, int Standing)> React(LogScene scene, Caller caller, Guid message, string emoji, bool toggle = false) =>
        Of((await scene.Log.React(caller, new AddReaction(message, emoji, toggle), Ct)).Value);

    private static async Task<(bool Changed, bool Added, long Revision, int Standing)> Unreact(LogScene scene, Caller caller, Guid message, string emoji) =>
        Of((await scene.Log.Unreact(caller, new RemoveReaction(message, emoji), Ct)).Value);

    private static (bool Changed, bool Added, long Revision, int Standing) Of(ReactionResult result) =>
        (result.Changed, result.Added, result.Revision, result.Reactions.Count);
}
