using United.Core.Conversations;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

public sealed class MessageRequestTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Pending_one_stands_apart_for_the_recipient_and_in_the_inbox_of_the_requester(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (direct, request) = await Asked(scene, ada, bob);

        Assert.Empty(await talks.Ids(bob));
        var waiting = Assert.Single(await talks.List(bob, new ListConversations(ListState.Requests), Ct));
        Assert.Equal((direct, RequestState.Pending, "hello"), (waiting.Conversation.Id, waiting.Request?.State, waiting.LastMessage?.Content));
        var listed = Assert.Single(await Talks.RequestsOver(scene).List(bob, null, 10, Ct));
        Assert.Equal((request, ada.UserId, bob.UserId, direct), (listed.Request.Id, listed.Request.RequesterId, listed.Request.RecipientId, listed.Conversation.Conversation.Id));
        Assert.Empty(await Talks.RequestsOver(scene).List(bob, request, 10, Ct));
        Assert.Empty(await Talks.RequestsOver(scene).List(ada, null, 10, Ct));
        Assert.Equal([direct], await talks.Ids(ada));
        var added = Assert.Single((await new Sync(scene.Database, scene.Time).Read(bob, new SyncRequest(new Dictionary<Guid, long>()), Ct)).Value.Added);
        Assert.Equal(RequestState.Pending, added.Request?.State);
    }

    [Theory, EachDatabase]
    public async Task Accepted_it_is_an_ordinary_conversation_and_both_hear_of_it(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (direct, request) = await Asked(scene, ada, bob);
        await scene.Log.MarkRead(bob, new MoveWatermark(direct, 1), Ct);
        Assert.Equal(0, ShownRead(await talks.Find(ada, direct, Ct), bob));

        Assert.True((await Talks.RequestsOver(scene).Accept(bob, request, Ct)).Ok);
        Assert.True((await Talks.RequestsOver(scene).Accept(bob, request, Ct)).Ok);

        Assert.Equal([direct], await talks.Ids(bob));
        Assert.Empty(await talks.Ids(bob, ListState.Requests));
        Assert.Empty(await Talks.RequestsOver(scene).List(bob, null, 10, Ct));
        Assert.Equal(new[] { ada.UserId, bob.UserId }.Order(), scene.Bus.Published.OfType<RequestAccepted>().Select(told => told.UserId).Order());
        Assert.Equal(1, ShownRead(await talks.Find(ada, direct, Ct), bob));
        Assert.Equal(RequestState.Accepted, (await talks.Find(ada, direct, Ct)).Value.Request?.State);
        Assert.Equal(Fault.Conflict, (await Talks.RequestsOver(scene).Decline(bob, request, Ct)).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task Declined_it_is_out_of_the_way_and_the_requester_sees_no_difference(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (direct, request) = await Asked(scene, ada, bob);
        var (before, synced) = (await talks.Find(ada, direct, Ct), await Synced(scene, ada, direct));

        Assert.True((await Talks.RequestsOver(scene).Decline(bob, request, Ct)).Ok);
        Assert.True((await Talks.RequestsOver(scene).Decline(bob, request, Ct)).Ok);

        Assert.Empty(await talks.Ids(bob));
        Assert.Empty(await talks.Ids(bob, ListState.Requests));
        Assert.Equal(RequestState.Declined, Assert.Single(await talks.List(bob, new ListConversations(ListState.Hidden), Ct)).Request?.State);
        Assert.Equal(Text(before.Value), Text((await talks.Find(ada, direct, Ct)).Value));
        Assert.Equal(synced, await Synced(scene, ada, direct));
        Assert.Equal([bob.UserId], scene.Bus.Published.OfType<RequestDeclined>().Select(told => told.UserId));
        Assert.Contains(direct, await Synced(scene, bob, direct)); // for his other devices

        Assert.True((await Talks.RequestsOver(scene).Accept(bob, request, Ct)).Ok); // later
        Assert.Equal([direct], await talks.Ids(bob));
    }

    [Theory, EachDatabase]
    public async Task Nobody_but_the_recipient_answers(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var (_, request) = await Asked(scene, ada, bob);

        foreach (var (who, which) in ((Caller, Guid)[])[(ada, request), (eve, request), (bob, Ids.New(scene.Time))])
        {
            Assert.Equal(Fault.NotFound, (await Talks.RequestsOver(scene).Accept(who, which, Ct)).Refusal?.Fault);
            Assert.Equal(Fault.NotFound, (await Talks.RequestsOver(scene).Decline(who, which, Ct)).Refusal?.Fault);
        }
        Assert.Equal(1, await scene.Count("select count(*) from message_requests where state = 0"));
    }

    [Theory, EachDatabase]
    public async Task One_answer_holds_for_both_conversations_of_the_two(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (direct, request) = await Asked(scene, ada, bob);
        var dm = await scene.Conversation(ConversationKind.Dm, ada, bob);
        await scene.Database.Write(sql => sql.Execute("update conversations set creator_id = @ada, last_sequence = 1, revision = 1 where id = @dm", ("ada", ada.UserId), ("dm", dm)));
        Assert.Equal(new[] { direct, dm }.Order(), (await talks.Ids(bob, ListState.Requests)).Order());

        Assert.True((await Talks.RequestsOver(scene).Decline(bob, request, Ct)).Ok);

        Assert.Equal(new[] { direct, dm }.Order(), (await talks.Ids(bob, ListState.Hidden)).Order());
        Assert.Equal(2, await scene.Count("select count(*) from conversation_members where user_id = @bob and settings_at is not null", ("bob", bob.UserId)));
        Assert.Equal(0, await scene.Count("select count(*) from conversation_members where user_id = @ada and settings_at is not null", ("ada", ada.UserId)));
    }

    [Fact]
    public async Task Refusal_waits_for_what_is_being_judged_in_either_conversation_of_the_two()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (direct, request) = await Asked(scene, ada, bob);
        var dm = await scene.Conversation(ConversationKind.Dm, ada, bob);
        await using var inDirect = await RowLock.Take(scene.Test.Connection, direct);
        await using var inDm = await RowLock.Take(scene.Test.Connection, dm);

        var refusal = Talks.RequestsOver(scene).Decline(bob, request, Ct);
        await inDirect.HeldUp(1);
        Assert.Equal(1, await scene.Count("select count(*) from message_requests where state = 0"));
        await inDirect.Release();
        while (await scene.Count("select count(*) from message_requests where state = 2") == 0) await Task.Yield();
        await inDm.HeldUp(1);
        Assert.False(refusal.IsCompleted);
        await inDm.Release();

        Assert.True((await refusal).Ok);
    }

    [Theory, EachDatabase]
    public async Task Where_both_have_asked_one_acceptance_frees_both(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (direct, _) = await Asked(scene, ada, bob);
        await Row(scene, bob, ada, direct, RequestState.Accepted);

        Assert.Equal([direct], await talks.Ids(bob));
        Assert.Equal(RequestState.Accepted, (await talks.Find(bob, direct, Ct)).Value.Request?.State);
        Assert.Empty(await Talks.RequestsOver(scene).List(bob, null, 10, Ct));
    }

    /// <summary>Ada has written to Bob, who wants to be asked.</summary>
    internal static async Task<(Guid Direct, Guid Request)> Asked(LogScene scene, Caller ada, Caller bob)
    {
        await scene.Access(bob, 1);
        var direct = await Talks.Over(scene).Direct(ada, bob);
        await scene.Post(ada, direct, "hello");
        var found = await scene.Database.Read(sql => sql.All("select id from message_requests where requester_id = @ada and recipient_id = @bob",
            row => row.Uuid(0), ("ada", ada.UserId), ("bob", bob.UserId)), Ct);
        return (direct, Assert.Single(found));
    }

    private static Task<int> Row(LogScene scene, Caller requester, Caller recipient, Guid conversation, RequestState state) => scene.Database.Write(sql => sql.Execute(
        "insert into message_requests (id, requester_id, recipient_id, conversation_id, state, created_at) values (@id, @requester, @recipient, @conversation, @state, 0)",
        ("id", Ids.New(scene.Time)), ("requester", requester.UserId), ("recipient", recipient.UserId), ("conversation", conversation), ("state", (int)state)));

    private static async Task<IEnumerable<Guid>> Synced(LogScene scene, Caller who, Guid direct) =>
        (await new Sync(scene.Database, scene.Time).Read(who, new SyncRequest(new Dictionary<Guid, long> { [direct] = 4 }, ReceiptsSince: 1), Ct)).Value.Changed.Select(changed => changed.Id);

    private static long? ShownRead(Result<ConversationView> found, Caller member) =>
        found.Value.Members.Single(shown => shown.Member.UserId == member.UserId).LastRead;

    private static string Text(ConversationView view) => $"{view with { Members = [] }} {string.Join(' ', view.Members)}";
}
