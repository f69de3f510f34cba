using United.Core.Identity;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>Who may write to whom in a direct conversation, and what the first words between two people do.</summary>
public sealed class RequestPostTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task First_message_to_somebody_who_wants_to_be_asked_asks_once(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, direct) = await Pair(scene);

        await scene.Post(ada, direct, "hello");
        await scene.Post(ada, direct, "it's me");

        var told = Assert.Single(scene.Bus.Published.OfType<RequestReceived>());
        Assert.Equal((bob.UserId, ada.UserId, bob.UserId, direct, RequestState.Pending),
            (told.UserId, told.Request.RequesterId, told.Request.RecipientId, told.Request.ConversationId, told.Request.State));
        Assert.Equal([(told.Request.Id, RequestState.Pending)], await Requests(scene));
    }

    [Theory, EachDatabase]
    public async Task Sixth_message_before_an_answer_is_refused_to_the_byte_as_any_after_a_decline(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, direct) = await Pair(scene);
        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => scene.Log.Post(ada, new PostMessage(direct, $"{i}"), Ct)));
        var before = await scene.Trace();

        var pending = (await scene.Log.Post(ada, new PostMessage(direct, "one more"), Ct)).Refusal;
        await SetState(scene, RequestState.Declined);
        var declined = (await scene.Log.Post(ada, new PostMessage(direct, "one more"), Ct)).Refusal;

        Assert.Equal([1, 2, 3, 4, 5], results.Where(result => result.Ok).Select(result => result.Value.Sequence));
        Assert.All(results[5..], result => Assert.Equal(Fault.RequestLimit, result.Refusal?.Fault));
        Assert.Equal((Refusal)Fault.RequestLimit, pending);
        Assert.Equal(pending, declined);
        Assert.Equal(before, await scene.Trace());
        Assert.DoesNotContain(scene.Bus.Published, told => told is RequestAccepted);
        Assert.Equal(1, await scene.Count("select count(*) from message_requests where recipient_id = @id", ("id", bob.UserId)));
    }

    [Theory, EachDatabase]
    public async Task Who_was_asked_sees_the_request_as_it_stands_and_neither_edits_nor_reactions_of_the_requester_are_news(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, direct) = await Pair(scene);
        var first = await scene.Post(ada, direct, "helo");
        var (before, told) = (await Waiting(), scene.Bus.Published.Count);

        Assert.True((await scene.Log.Edit(ada, new EditMessage(direct, first.MessageId, "hello"), Ct)).Ok);
        Assert.True((await scene.Log.React(ada, new AddReaction(first.MessageId, "like"), Ct)).Ok);

        var after = await Waiting();
        Assert.Equal(("hello", 1, 0), (after.LastMessage?.Content, after.UnreadCount, after.MentionCount));
        Assert.Equal(
            (before.UnreadCount, before.Conversation.LastSequence, before.Conversation.LastMessageAt),
            (after.UnreadCount, after.Conversation.LastSequence, after.Conversation.LastMessageAt));
        Assert.Equal([typeof(MessageEdited), typeof(ReactionAdded)], scene.Bus.Published.Skip(told).Select(one => one.GetType()));

        async Task<ConversationView> Waiting() =>
            Assert.Single(await new ConversationList(scene.Database).Page(bob, ListState.Requests, null, 10, Ct));
    }

    // Else a few messages, edited again and again, would say all that the limit and a decline keep away.
    [Theory, EachDatabase]
    public async Task Who_may_write_no_more_before_an_answer_edits_and_reacts_no_more_and_is_refused_in_the_same_words(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, direct) = await Pair(scene);
        var first = await scene.Post(ada, direct, "hello");
        Assert.True((await scene.Log.Edit(ada, new EditMessage(direct, first.MessageId, "hello Bob"), Ct)).Ok);
        for (var i = 0; i < 4; i++) await scene.Post(ada, direct, $"{i}");
        var before = await scene.Trace();
        Assert.All(await Attempts(), refused => Assert.Equal((Refusal)Fault.RequestLimit, refused));
        await SetState(scene, RequestState.Declined);
        Assert.All(await Attempts(), refused => Assert.Equal((Refusal)Fault.RequestLimit, refused));
        Assert.Equal(before, await scene.Trace());

        await scene.Post(bob, direct, "here I am");
        Assert.All(await Attempts(), Assert.Null);

        async Task<Refusal?[]> Attempts() =>
        [
            (await scene.Log.Post(ada, new PostMessage(direct, "listen"), Ct)).Refusal,
            (await scene.Log.Edit(ada, new EditMessage(direct, first.MessageId, "listen!"), Ct)).Refusal,
            (await scene.Log.React(ada, new AddReaction(first.MessageId, "like"), Ct)).Refusal,
        ];
    }

    [Theory, EachDatabase]
    public async Task Who_was_asked_reacts_when_they_have_accepted(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, direct) = await Pair(scene);
        var asked = await scene.Post(ada, direct, "hello");
        var before = await scene.Trace();
        Assert.Equal(Fault.Conflict, (await scene.Log.React(bob, new AddReaction(asked.MessageId, "like"), Ct)).Refusal?.Fault);
        await SetState(scene, RequestState.Declined);
        Assert.Equal(Fault.Conflict, (await scene.Log.React(bob, new AddReaction(asked.MessageId, "like"), Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());

        await scene.Post(bob, direct, "hello yourself");
        Assert.True((await scene.Log.React(bob, new AddReaction(asked.MessageId, "like"), Ct)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Writing_back_accepts_even_after_a_decline_and_both_are_told(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        foreach (var state in (RequestState[])[RequestState.Pending, RequestState.Declined])
        {
            var (ada, bob, direct) = await Pair(scene);
            await scene.Post(ada, direct, "hello");
            await SetState(scene, state);

            await scene.Post(bob, direct, "hello yourself");

            Assert.Equal([ada.UserId, bob.UserId], scene.Bus.Published.OfType<RequestAccepted>().TakeLast(2).Select(told => told.UserId));
            Assert.Equal(RequestState.Accepted, scene.Bus.Published.OfType<RequestAccepted>().Last().Request.State);
            await Task.WhenAll(Enumerable.Range(0, 10).Select(i => scene.Post(ada, direct, $"{i}")));
            Assert.Equal(1, await scene.Count("select count(*) from message_requests where conversation_id = @id and state = 1 and answered_at > 0", ("id", direct)));
            Assert.Equal(12, await scene.Count("select last_sequence from conversations where id = @id", ("id", direct)));
        }
    }

    [Theory, EachDatabase]
    public async Task Messaging_access_decides_over_the_first_message_alone(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, open, direct) = await Pair(scene, MessagingAccess.Everyone);
        var (eve, shut, refused) = await Pair(scene, MessagingAccess.Nobody);

        for (var i = 0; i < 7; i++) await scene.Post(ada, direct, "x");
        Assert.Equal(Fault.Forbidden, await Refused(scene, eve, refused));
        await Access(scene, open, MessagingAccess.Nobody);
        await scene.Post(ada, direct, "still talking");
        await scene.Post(shut, refused, "I may write first");
        await scene.Post(eve, refused, "and you answer");

        Assert.Equal([RequestState.Accepted], (await Requests(scene)).Select(request => request.State));
        Assert.Equal(shut.UserId, Assert.Single(scene.Bus.Published.OfType<RequestReceived>()).Request.RequesterId);
    }

    [Theory, EachDatabase]
    public async Task Of_two_requests_between_the_same_people_an_accepted_one_wins(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, direct) = await Pair(scene);
        await Insert(scene, ada, bob, direct, RequestState.Declined);
        await Insert(scene, bob, ada, direct, RequestState.Accepted);

        for (var i = 0; i < 7; i++) await scene.Post(i % 2 == 0 ? ada : bob, direct, "x");

        Assert.Equal([RequestState.Accepted, RequestState.Declined], (await Requests(scene)).Select(request => request.State).Order());
        Assert.Empty(scene.Bus.Published.OfType<RequestAccepted>());
    }

    [Theory, EachDatabase]
    public async Task Block_in_either_direction_refuses_words_of_both_in_whatever_form(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, direct) = await Pair(scene, MessagingAccess.Everyone);
        var (posted, reacted) = (await scene.Post(ada, direct, "x"), await scene.Post(bob, direct, "y"));
        Assert.True((await scene.Log.React(ada, new AddReaction(reacted.MessageId, "like"), Ct)).Ok);
        await Blocks(scene).Block(bob, ada.UserId, Ct);
        var before = await scene.Trace();

        Assert.Equal(Fault.Forbidden, await Refused(scene, ada, direct));
        Assert.Equal(Fault.Forbidden, await Refused(scene, bob, direct));
        Assert.Equal(Fault.Forbidden, (await scene.Log.Edit(ada, new EditMessage(direct, posted.MessageId, "listen!"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await scene.Log.React(ada, new AddReaction(reacted.MessageId, "love"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await scene.Log.React(bob, new AddReaction(posted.MessageId, "love"), Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());

        Assert.True((await scene.Log.Unreact(ada, new RemoveReaction(reacted.MessageId, "like"), Ct)).Ok);
        Assert.True((await scene.Log.Delete(ada, new DeleteMessage(direct, posted.MessageId), Ct)).Ok);
        await Blocks(scene).Unblock(bob, ada.UserId, Ct);
        Assert.Equal(3, (await scene.Post(ada, direct, "thank you")).Sequence);
    }

    [Theory, EachDatabase]
    public async Task Block_says_nothing_in_groups_and_a_first_message_to_who_blocked_asks_for_nothing(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, direct) = await Pair(scene);
        var group = await scene.Conversation(ConversationKind.Group, ada, bob);
        await Blocks(scene).Block(ada, bob.UserId, Ct);

        await scene.Post(ada, group, "all of you");
        Assert.Equal(Fault.Forbidden, await Refused(scene, ada, direct));

        Assert.Empty(await Requests(scene));
        Assert.Empty(scene.Bus.Of(direct));
    }

    [Theory, EachDatabase]
    public async Task Two_who_write_first_at_the_same_time_a_thousand_times_are_in_touch(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var second = scene.SecondNode();
        var (ada, bob, _) = await Pair(scene);

        for (var i = 0; i < 1000; i++)
        {
            await scene.Database.Write(sql => sql.Execute("delete from message_requests"));
            var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
            var both = await Task.WhenAll(scene.Log.Post(ada, new PostMessage(direct, "hi"), Ct), second.Log.Post(bob, new PostMessage(direct, "hi"), Ct));
            Assert.All(both, result => Assert.True(result.Ok));
            Assert.Equal([RequestState.Accepted], (await Requests(scene)).Select(request => request.State));
        }

        Event[] told = [.. scene.Bus.Published, .. second.Bus.Published];
        Assert.Equal((1000, 2000), (told.OfType<RequestReceived>().Count(), told.OfType<RequestAccepted>().Count()));
    }

    [Theory, EachDatabase]
    public async Task Nothing_is_stored_of_who_was_blocked_once_the_block_was_acknowledged(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, direct) = await Pair(scene, MessagingAccess.Everyone);
        await scene.Post(ada, direct, "first");
        var (blocks, stop) = (Blocks(scene), false);
        var posters = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop)) await scene.Log.Post(ada, new PostMessage(direct, "still here"), Ct);
        })).ToArray();

        for (var i = 0; i < 1000; i++)
        {
            var waiting = scene.Log.Post(ada, new PostMessage(direct, "in the queue"), Ct);
            Assert.True((await blocks.Block(bob, ada.UserId, Ct)).Ok);
            var stored = await scene.Count("select last_sequence from conversations");
            await waiting;
            Assert.Equal(Fault.Forbidden, await Refused(scene, ada, direct));
            Assert.Equal(stored, await scene.Count("select last_sequence from conversations"));
            Assert.True((await blocks.Unblock(bob, ada.UserId, Ct)).Ok);
        }
        Volatile.Write(ref stop, true);
        await Task.WhenAll(posters);
    }

    private static async Task<(Caller Ada, Caller Bob, Guid Direct)> Pair(LogScene scene, MessagingAccess access = MessagingAccess.Requests)
    {
        var (ada, bob) = (await scene.Person(), await scene.Person());
        await Access(scene, ada, MessagingAccess.Requests);
        await Access(scene, bob, access);
        return (ada, bob, await scene.Conversation(ConversationKind.Direct, ada, bob));
    }

    private static Task<int> Access(LogScene scene, Caller caller, MessagingAccess access) => scene.Database.Write(sql => sql.Execute(
        "update users set messaging_access = @access where id = @id", ("access", (int)access), ("id", caller.UserId)));

    private static Task<int> SetState(LogScene scene, RequestState state) => scene.Database.Write(sql => sql.Execute(
        "update message_requests set state = @state where state = 0", ("state", (int)state)));

    private static Task<int> Insert(LogScene scene, Caller requester, Caller recipient, Guid conversation, RequestState state) =>
        scene.Database.Write(sql => sql.Execute("""
            insert into message_requests (id, requester_id, recipient_id, conversation_id, state, created_at)
            values (@id, @requester, @recipient, @conversation, @state, 0)
            """, ("id", Ids.New(scene.Time)), ("requester", requester.UserId), ("recipient", recipient.UserId),
            ("conversation", conversation), ("state", (int)state)));

    private static Task<List<(Guid Id, RequestState State)>> Requests(LogScene scene) => scene.Database.Read(sql => sql.All(
        "select id, state from message_requests order by id", row => (row.Uuid(0), (RequestState)row.Int32(1))));

    // As the server joins them: a block is acknowledged when the log has finished what it took before.
    private static Blocks Blocks(LogScene scene)
    {
        var bus = new LocalBus();
        bus.Connect(new NodeReceiver(_ => { }, _ => { }, async change => { if (change is ControlChange.Blocked) await scene.Log.Settled(); }));
        return new Blocks(scene.Database, new Control(bus), scene.Time);
    }

    private static async Task<Fault?> Refused(LogScene scene, Caller caller, Guid conversation) =>
        (await scene.Log.Post(caller, new PostMessage(conversation, "x"), Ct)).Refusal?.Fault;
}
