using United.Core.Conversations;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

public sealed class DirectTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Two_have_one_conversation_whoever_asks_for_it(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());

        var (made, created) = (await talks.CreateDirect(ada, bob.UserId, Ct)).Value;
        var (again, createdAgain) = (await talks.CreateDirect(ada, bob.UserId, Ct)).Value;
        var (found, createdByBob) = (await talks.CreateDirect(bob, ada.UserId, Ct)).Value;

        Assert.Equal((true, false, false), (created, createdAgain, createdByBob));
        Assert.Equal([made.Conversation.Id, made.Conversation.Id], [again.Conversation.Id, found.Conversation.Id]);
        Assert.Equal((ConversationKind.Direct, "", ada.UserId, 3L, 0L),
            (made.Conversation.Kind, made.Conversation.Name, made.Conversation.CreatorId, made.Conversation.Revision, made.Conversation.LastSequence));
        Assert.Equal(new[] { ada.UserId, bob.UserId }.Order(), made.Members.Select(shown => shown.Member.UserId));
        Assert.Equal((2, MemberRole.Member), (made.MemberCount, made.Settings.Role));
        await scene.AssertDense(made.Conversation.Id);
        Assert.Empty(scene.Said(made.Conversation.Id));
    }

    [Theory, EachDatabase]
    public async Task It_stands_in_the_list_of_who_opened_it_and_in_the_others_once_something_is_said(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await talks.Direct(ada, bob);

        Assert.Equal([direct], await talks.Ids(ada));
        Assert.Empty(await talks.Ids(bob));
        Assert.Empty((await new Sync(scene.Database, scene.Time).Read(bob, new SyncRequest(new Dictionary<Guid, long>()), Ct)).Value.Added);

        await scene.Post(ada, direct, "hello");

        var view = Assert.Single(await talks.List(bob, new ListConversations(), Ct));
        Assert.Equal((direct, 1, "hello"), (view.Conversation.Id, view.UnreadCount, view.LastMessage?.Content));
        Assert.Equal(direct, Assert.Single((await new Sync(scene.Database, scene.Time).Read(bob, new SyncRequest(new Dictionary<Guid, long>()), Ct)).Value.Added).Conversation.Id);
    }

    [Theory, EachDatabase]
    public async Task Nobody_opens_one_with_themself_or_with_who_is_not_here(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, gone) = (await scene.Person(), await scene.Person());
        await scene.Database.Write(sql => sql.Execute("update users set deleted_at = 1 where id = @id", ("id", gone.UserId)));

        Assert.Equal((Fault.ValidationFailed, "user_id"), Refused(await talks.CreateDirect(ada, ada.UserId, Ct)));
        Assert.Equal((Fault.NotFound, null), Refused(await talks.CreateDirect(ada, Ids.New(scene.Time), Ct)));
        Assert.Equal((Fault.NotFound, null), Refused(await talks.CreateDirect(ada, gone.UserId, Ct)));
        Assert.Equal(0, await scene.Count("select count(*) from conversations"));
        Assert.Equal(0, await scene.Count("select count(*) from direct_pairs"));
    }

    [Theory, EachDatabase]
    public async Task A_block_either_way_and_hearing_from_nobody_refuse_alike(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, blocks, blocked, nobody) = (await scene.Person(), await scene.Person(), await scene.Person(), await scene.Person());
        await scene.Block(blocks, ada);
        await scene.Block(ada, blocked);
        await scene.Access(nobody, 2);

        foreach (var other in (Caller[])[blocks, blocked, nobody]) Assert.Equal(new Refusal(Fault.Forbidden), (await talks.CreateDirect(ada, other.UserId, Ct)).Refusal);
        Assert.Equal(0, await scene.Count("select count(*) from conversations"));

        // What there is already is theirs to read; writing is refused where it is written.
        var direct = await talks.Direct(nobody, ada);
        Assert.Equal(direct, (await talks.CreateDirect(ada, nobody.UserId, Ct)).Value.View.Conversation.Id);
    }

    [Theory, EachDatabase]
    public async Task It_has_no_name_no_picture_and_nobody_comes_or_goes(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var direct = await talks.Direct(ada, bob);
        var before = await scene.Trace();

        foreach (var refused in (Refusal?[])
        [
            (await talks.Change(ada, new ChangeGroup(direct, "name"), Ct)).Refusal, (await talks.AddMember(ada, direct, eve.UserId, MemberRole.Member, Ct)).Refusal,
            (await talks.ChangeMember(ada, direct, bob.UserId, MemberRole.Admin, Ct)).Refusal, (await talks.RemoveMember(ada, direct, bob.UserId, Ct)).Refusal,
            (await talks.RemoveMember(ada, direct, ada.UserId, Ct)).Refusal,
        ])
            Assert.Equal(Fault.Conflict, refused?.Fault);
        Assert.Equal(Fault.NotFound, (await talks.Find(eve, direct, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await talks.RemoveMember(eve, direct, eve.UserId, Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());
    }

    private static (Fault? Fault, string? Field) Refused<T>(Result<T> result) => (result.Refusal?.Fault, result.Refusal?.Field);
}
