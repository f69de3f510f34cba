using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Presence;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Presence;

public sealed class TypingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Nothing_goes_either_way_until_a_request_has_a_yes(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
        await scene.Database.Write(sql => sql.Execute(
            "insert into message_requests (id, requester_id, recipient_id, conversation_id, created_at) values (@id, @ada, @bob, @id, 0)",
            ("id", direct), ("ada", ada.UserId), ("bob", bob.UserId)));
        var typing = new Typing(scene.Database, scene.Bus, new RateLimits(new LimitsOptions(), time), time);

        await Type(RequestState.Pending);
        await Type(RequestState.Declined);
        Assert.Empty(Told(scene));

        await Type(RequestState.Accepted);
        Assert.Equal([bob.UserId, ada.UserId], Told(scene));

        async Task Type(RequestState state)
        {
            await scene.Database.Write(sql => sql.Execute("update message_requests set state = @state", ("state", (int)state)));
            time.Advance(TimeSpan.FromSeconds(3));
            Assert.True((await typing.Tell(bob, direct, Ct)).Ok);
            Assert.True((await typing.Tell(ada, direct, Ct)).Ok);
        }
    }

    [Theory, EachDatabase]
    public async Task Nothing_goes_between_two_of_whom_one_has_blocked_the_other_but_where_others_are(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, stranger) = (await scene.Person(), await scene.Person(), await scene.Person());
        var (direct, group) = (await scene.Conversation(ConversationKind.Direct, ada, bob), await scene.Conversation(ConversationKind.Group, ada, bob));
        await scene.Database.Write(sql => sql.Execute(
            "insert into blocks (user_id, blocked_id, created_at) values (@ada, @bob, 0)", ("ada", ada.UserId), ("bob", bob.UserId)));
        var typing = new Typing(scene.Database, scene.Bus, new RateLimits(new LimitsOptions(), scene.Time), scene.Time);

        Assert.True((await typing.Tell(ada, direct, Ct)).Ok);
        Assert.True((await typing.Tell(bob, direct, Ct)).Ok);
        Assert.Equal(Fault.NotFound, (await typing.Tell(stranger, direct, Ct)).Refusal?.Fault);
        Assert.Empty(Told(scene));

        Assert.True((await typing.Tell(bob, group, Ct)).Ok);
        Assert.Equal([bob.UserId], Told(scene));
    }

    private static IEnumerable<Guid> Told(LogScene scene) => scene.Bus.Published.OfType<UserTyping>().Select(told => told.UserId);
}
