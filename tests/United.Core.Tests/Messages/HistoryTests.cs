using United.Core.Messages;
using United.Core.Storage;
using United.Core.Tests.Conversations;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class HistoryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // 12 messages; 3, 4, 9 and 12 are deleted.
    private static readonly long[] Deleted = [3, 4, 9, 12];

    [Theory, EachDatabase]
    public async Task Pages_hold_what_lies_there_in_every_direction_and_at_every_border(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channel = await Filled(scene, ada);
        var history = new History(scene.Database);
        foreach (var withDeleted in (bool[])[false, true])
        {
            var all = Enumerable.Range(1, 12).Select(n => (long)n).Where(n => withDeleted || !Deleted.Contains(n)).ToArray();
            foreach (var limit in (int[])[1, 2, 5, 100])
            {
                await Holds(new ReadHistory(channel, Limit: limit, IncludeDeleted: withDeleted), all, []);
                for (var at = 0L; at <= 14; at++)
                {
                    var (older, newer) = (all.Where(n => n < at).ToArray(), all.Where(n => n > at).ToArray());
                    await Holds(new ReadHistory(channel, Before: at, Limit: limit, IncludeDeleted: withDeleted), older, []);
                    await Holds(new ReadHistory(channel, After: at, Limit: limit, IncludeDeleted: withDeleted), [], newer);
                    await Holds(new ReadHistory(channel, Around: at, Limit: limit, IncludeDeleted: withDeleted), [.. all.Where(n => n <= at)], newer);
                }
            }
        }

        // The reference: so many of the older ones nearest to the place, so many of the newer ones.
        async Task Holds(ReadHistory request, long[] older, long[] newer)
        {
            var page = (await history.Page(ada, request, Ct)).Value;
            var ahead = request.After is not null ? request.Limit : request.Around is not null ? request.Limit / 2 : 0;
            var behind = request.Limit - ahead;
            Assert.Equal(older.TakeLast(behind).Concat(newer.Take(ahead)).Reverse(), page.Messages.Select(message => message.Sequence));
            Assert.Equal(request.After is not null ? newer.Length > ahead : older.Length > behind, page.HasMore);
            if (request.Around is null) return;
            Assert.Equal((older.Length > behind, newer.Length > ahead), (page.HasBefore, page.HasAfter));
        }
    }

    [Theory, EachDatabase]
    public async Task Page_comes_with_reactions_replies_mentions_and_present_names(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var channel = await scene.OpenChannel();
        var question = (await scene.Log.Post(ada, new PostMessage(channel, string.Concat(Enumerable.Repeat("👩‍👩‍👧é", 100))), Ct)).Value;
        await scene.Log.Post(bob, new PostMessage(channel, $"@user:{ada.UserId} look", question.MessageId), Ct);
        await scene.Log.React(bob, new AddReaction(question.MessageId, "+"), Ct);
        await scene.Log.React(ada, new AddReaction(question.MessageId, "-"), Ct);
        await scene.Log.Unreact(ada, new RemoveReaction(question.MessageId, "-"), Ct);
        await scene.Database.Write(sql => sql.Execute("update users set display_name = 'Renamed', public_key = @key where id = @id", ("id", bob.UserId), ("key", new byte[32])));

        var messages = (await new History(scene.Database).Page(ada, new ReadHistory(channel), Ct)).Value.Messages;

        Assert.Equal(("Renamed", new string('0', 64)), (messages[0].SenderDisplayName, messages[0].SenderPublicKey));
        Assert.Equal([ada.UserId], messages[0].MentionUserIds);
        Assert.Equal(string.Concat(Enumerable.Repeat("👩‍👩‍👧é", 70)), messages[0].ReplyTo?.Excerpt);
        Assert.Equal(("+", bob.UserId), messages[1].Reactions.Select(reaction => (reaction.Emoji, reaction.UserId)).Single());
        Assert.Equal(5, messages[1].Revision); // of the reaction that was taken back
        Assert.Equal(messages[1], (await new MessageReader(scene.Database).One(ada, question.MessageId, Ct)).Value with { Reactions = messages[1].Reactions, MentionUserIds = messages[1].MentionUserIds, MentionRoleIds = messages[1].MentionRoleIds });
    }

    [Theory, EachDatabase]
    public async Task Who_may_not_read_finds_nothing_and_what_is_hidden_stays_hidden(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person(Permissions.All));
        var secret = await scene.PrivateChannel(ada, bob);
        var first = (await scene.Log.Post(ada, new PostMessage(secret, "one"), Ct)).Value;
        var second = (await scene.Log.Post(ada, new PostMessage(secret, "two"), Ct)).Value;
        await scene.Database.Write(sql => sql.Execute("update conversation_members set hidden_sequence = 1 where user_id = @id", ("id", bob.UserId)));
        var (history, reader) = (new History(scene.Database), new MessageReader(scene.Database));

        Assert.Equal(Fault.NotFound, (await history.Page(eve, new ReadHistory(secret), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await reader.One(eve, second.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await reader.Reactions(eve, second.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await reader.Reactions(null, second.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await reader.State(eve, secret, Ct)).Refusal?.Fault);
        Assert.Equal([2L], (await history.Page(bob, new ReadHistory(secret, After: 0), Ct)).Value.Messages.Select(message => message.Sequence));
        Assert.False((await history.Page(bob, new ReadHistory(secret, Before: 9), Ct)).Value.HasMore);
        Assert.Equal(Fault.NotFound, (await reader.One(bob, first.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal((0, 1), ((await reader.State(bob, secret, Ct)).Value.LastRead, (await reader.State(bob, secret, Ct)).Value.UnreadCount));
    }

    [Theory, EachDatabase]
    public async Task Own_message_can_be_told_again_without_what_others_added_to_it_where_its_sender_may_not_read(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (talks, reader) = (Talks.Over(scene), new MessageReader(scene.Database));
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var group = await talks.Group(ada, bob);
        var question = await scene.Post(ada, group, "question");
        var answer = await scene.Post(bob, new PostMessage(group, "answer", question.MessageId));
        Assert.True((await scene.Log.React(ada, new AddReaction(answer.MessageId, "like"), Ct)).Ok);

        Assert.Equal(("answer", "question", 1), await Told());
        Assert.True((await talks.Hide(bob, group, Ct)).Ok);
        Assert.Equal(("answer", null, 0), await Told());
        Assert.True((await talks.RemoveMember(ada, group, bob.UserId, Ct)).Ok);
        Assert.Equal(("answer", null, 0), await Told());
        Assert.Equal(Fault.NotFound, (await reader.Own(bob, question.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await reader.Own(ada, answer.MessageId, Ct)).Refusal?.Fault);
        Assert.True((await scene.Log.Delete(ada, new DeleteMessage(group, answer.MessageId), Ct)).Ok);
        Assert.True((await reader.Own(bob, answer.MessageId, Ct)).Value.Deleted);

        async Task<(string, string?, int)> Told()
        {
            var own = (await reader.Own(bob, answer.MessageId, Ct)).Value;
            return (own.Content, own.ReplyTo?.Excerpt, own.Reactions.Count);
        }
    }

    // Between any two statements of it, and before the first.
    [Theory, EachDatabase]
    public async Task Page_holds_nothing_from_after_a_removal_whenever_that_comes(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (talks, ada, bob) = (Talks.Over(scene), await scene.Person(), await scene.Person());
        foreach (var direction in (ReadHistory[])[new(default), new(default, After: 0), new(default, Around: 1)])
        {
            var happened = true;
            for (var statement = 1; happened; statement++)
            {
                var group = await talks.Group(ada, bob);
                var before = await scene.Post(ada, group, "before");
                var reads = new InterruptedReads(scene.Database, statement, async () =>
                {
                    Assert.True((await talks.RemoveMember(ada, group, bob.UserId, Ct)).Ok);
                    await scene.Post(ada, group, "after");
                    Assert.True((await scene.Log.React(ada, new AddReaction(before.MessageId, "like"), Ct)).Ok);
                });

                var page = await new History(reads).Page(bob, direction with { ConversationId = group }, Ct);

                happened = reads.Happened;
                if (!page.TryGet(out var found, out var refusal)) Assert.Equal((true, Fault.NotFound), (happened, refusal.Fault));
                else Assert.All(found.Messages, message => Assert.InRange(message.Revision, 1, before.Revision));
            }
        }
    }

    [Theory, EachDatabase]
    public async Task Refuses_pages_that_make_no_sense(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();
        ReadHistory[] bad =
        [
            new(channel, Limit: 0), new(channel, Before: -1), new(channel, After: -1), new(channel, Around: -1), new(channel, Before: 1, After: 1), new(channel, After: 1, Around: 1),
        ];

        foreach (var request in bad) Assert.Equal(Fault.ValidationFailed, (await new History(scene.Database).Page(ada, request, Ct)).Refusal?.Fault);
        Assert.Empty((await new History(scene.Database).Page(ada, new ReadHistory(channel, Around: long.MaxValue, Limit: int.MaxValue), Ct)).Value.Messages);
    }

    private static async Task<Guid> Filled(LogScene scene, Caller author)
    {
        var channel = await scene.OpenChannel();
        for (var i = 1; i <= 12; i++)
        {
            var posted = (await scene.Log.Post(author, new PostMessage(channel, $"number {i}"), Ct)).Value;
            if (Deleted.Contains(i)) await scene.Log.Delete(author, new DeleteMessage(channel, posted.MessageId), Ct);
        }
        return channel;
    }
}
