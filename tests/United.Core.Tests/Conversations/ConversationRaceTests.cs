using United.Core.Conversations;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

/// <summary>Two that meet, a thousand times each, by two nodes over one database. An exception anywhere fails the test.</summary>
public sealed class ConversationRaceTests
{
    private const int Rounds = 1_000;
    private const int AtOnce = 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task However_many_ask_for_the_conversation_of_two_it_is_made_once(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var second = scene.SecondNode();
        var (here, there) = (Talks.Over(scene), Talks.Over(second));
        var people = await scene.People(46);
        var pairs = people.SelectMany((one, i) => people.Skip(i + 1).Select(other => (One: one, Other: other))).Take(Rounds).ToArray();
        var made = new HashSet<Guid>();

        foreach (var some in pairs.Chunk(AtOnce))
        {
            var asked = await Task.WhenAll(some.Select(pair => Task.WhenAll(
                here.CreateDirect(pair.One, pair.Other.UserId, Ct), there.CreateDirect(pair.Other, pair.One.UserId, Ct),
                there.CreateDirect(pair.One, pair.Other.UserId, Ct), here.CreateDirect(pair.Other, pair.One.UserId, Ct))));
            foreach (var answers in asked)
            {
                Assert.True(made.Add(Assert.Single(answers.Select(answer => answer.Value.View.Conversation.Id).Distinct())));
                Assert.Single(answers, answer => answer.Value.Created);
            }
        }

        Assert.Equal(Rounds, await scene.Count("select count(*) from direct_pairs"));
        Assert.Equal(Rounds, await scene.Count("select count(*) from conversations"));
        Assert.Equal(2 * Rounds, await scene.Count("select count(*) from conversation_members"));
        Assert.Equal(3 * Rounds, scene.Bus.Published.Count + second.Bus.Published.Count);
    }

    [Theory, EachDatabase]
    public async Task Nothing_of_a_removed_member_is_stored_after_the_removal_was_acknowledged(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var second = scene.SecondNode();
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var group = await talks.Group(ada, bob);
        var stop = false;
        var posters = new[] { scene, second, second }.Select(node => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop)) await node.Log.Post(bob, new PostMessage(group, "still here"), Ct);
        }, Ct)).ToArray();

        for (var i = 0; i < Rounds; i++)
        {
            Assert.True((await talks.RemoveMember(ada, group, bob.UserId, Ct)).Ok);
            Assert.Equal(Fault.NotFound, (await scene.Log.Post(bob, new PostMessage(group, "after"), Ct)).Refusal?.Fault);
            Assert.True((await talks.AddMember(ada, group, bob.UserId, MemberRole.Member, Ct)).Ok);
        }
        Volatile.Write(ref stop, true);
        await Task.WhenAll(posters);

        var member = true;
        foreach (var told in scene.Bus.Of(group).Concat(second.Bus.Of(group)).OrderBy(told => told.Revision))
        {
            if (told is MemberChanged change && change.Member.UserId == bob.UserId) member = change.Member.State == MemberState.Member;
            if (told is MessagePosted { Message: { Type: not MessageType.System } posted }) Assert.True(member, $"{posted.Content} after the removal.");
        }
        Assert.Equal(Rounds, scene.Bus.Announced.OfType<ControlChange.MembershipRevoked>().Count());
        Assert.Equal(0, await scene.Count("select count(*) from messages where content = 'after'"));
    }

    [Theory, EachDatabase]
    public async Task Two_admins_who_leave_at_once_leave_one_behind(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var second = scene.SecondNode();
        var (here, there) = (Talks.Over(scene), Talks.Over(second));
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());

        await Repeat(async round =>
        {
            var withEve = round % 2 == 0;
            var group = await (withEve ? here.Group(ada, bob, eve) : here.Group(ada, bob));
            Assert.True((await here.ChangeMember(ada, group, bob.UserId, MemberRole.Admin, Ct)).Ok);

            var left = await Task.WhenAll(here.RemoveMember(ada, group, ada.UserId, Ct), there.RemoveMember(bob, group, bob.UserId, Ct));

            Assert.All(left, done => Assert.True(done.Ok));
            var events = scene.Bus.Of(group).Concat(second.Bus.Of(group)).OrderBy(told => told.Revision).ToList();
            Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(told => told.Revision));
            Assert.Equal(withEve ? [MemberRole.Admin] : [], await Standing(scene, group));
            if (!withEve) Assert.IsType<ConversationRemoved>(events[^1]);
        });
    }

    [Theory, EachDatabase]
    public async Task A_promotion_and_a_removal_that_meet_end_with_the_removal(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var second = scene.SecondNode();
        var (here, there) = (Talks.Over(scene), Talks.Over(second));
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());

        await Repeat(async _ =>
        {
            var group = await here.Group(ada, bob, eve);
            Assert.True((await here.ChangeMember(ada, group, bob.UserId, MemberRole.Admin, Ct)).Ok);

            var promotion = here.ChangeMember(ada, group, eve.UserId, MemberRole.Admin, Ct);
            var removal = there.RemoveMember(bob, group, eve.UserId, Ct);
            await Task.WhenAll(promotion, removal);

            Assert.True((await removal).Ok);
            if (!(await promotion).Ok) Assert.Equal(Fault.NotFound, (await promotion).Refusal?.Fault);
            Assert.Equal([MemberRole.Admin, MemberRole.Admin], await Standing(scene, group));
            Assert.Equal(Fault.NotFound, (await here.Find(eve, group, Ct)).Refusal?.Fault);
            Assert.Equal(Fault.NotFound, (await here.RemoveMember(eve, group, ada.UserId, Ct)).Refusal?.Fault);
        });
    }

    [Theory, EachDatabase]
    public async Task An_acceptance_and_a_refusal_that_meet_end_with_the_acceptance(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var second = scene.SecondNode();
        var (here, there) = (Talks.RequestsOver(scene), Talks.RequestsOver(second));
        var people = await scene.People(46);
        var pairs = people.SelectMany((one, i) => people.Skip(i + 1).Select(other => (Requester: one, Recipient: other))).Take(Rounds).ToArray();

        await Repeat(async round =>
        {
            var (requester, recipient) = pairs[round];
            var (_, request) = await MessageRequestTests.Asked(scene, requester, recipient);

            var (acceptance, refusal) = (here.Accept(recipient, request, Ct), there.Decline(recipient, request, Ct));
            await Task.WhenAll(acceptance, refusal);

            Assert.True((await acceptance).Ok);
            if (!(await refusal).Ok) Assert.Equal(Fault.Conflict, (await refusal).Refusal?.Fault);
        });

        Assert.Equal(Rounds, await scene.Count("select count(*) from message_requests where state = 1"));
        Assert.Equal(2 * Rounds, scene.Bus.Published.Concat(second.Bus.Published).OfType<RequestAccepted>().Count());
    }

    // The requester writes by both nodes while the recipient declines; what is stored once that is acknowledged is all that ever will be.
    [Theory, EachDatabase]
    public async Task Nothing_of_a_requester_is_stored_after_the_refusal_was_acknowledged(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        await using var second = scene.SecondNode();
        var requests = Talks.RequestsOver(scene);
        var people = await scene.People(46);
        var pairs = people.SelectMany((one, i) => people.Skip(i + 1).Select(other => (Requester: one, Recipient: other))).Take(Rounds).ToArray();

        await Repeat(async round =>
        {
            var (requester, recipient) = pairs[round];
            var (direct, request) = await MessageRequestTests.Asked(scene, requester, recipient);

            var posts = new[] { scene, second }.Select(node => node.Log.Post(requester, new PostMessage(direct, "please"), Ct)).ToArray();
            Assert.True((await requests.Decline(recipient, request, Ct)).Ok);
            var stored = await scene.Count("select last_sequence from conversations where id = @id", ("id", direct));
            var late = await second.Log.Post(requester, new PostMessage(direct, "please!"), Ct);
            var posted = await Task.WhenAll(posts);

            Assert.False(late.Ok);
            Assert.All(posted.Where(post => !post.Ok), refused => Assert.Equal(late.Refusal, refused.Refusal));
            Assert.Equal(1 + posted.Count(post => post.Ok), stored);
            Assert.Equal(stored, await scene.Count("select last_sequence from conversations where id = @id", ("id", direct)));
        });
    }

    private static async Task Repeat(Func<int, Task> round)
    {
        foreach (var some in Enumerable.Range(0, Rounds).Chunk(AtOnce)) await Task.WhenAll(some.Select(round));
    }

    private static Task<List<MemberRole>> Standing(LogScene scene, Guid group) => scene.Database.Read(sql => sql.All(
        "select m.role from conversation_members m join conversations c on c.id = m.conversation_id and c.deleted_at is null where m.conversation_id = @group and m.state = 1",
        row => (MemberRole)row.Int32(0), ("group", group)));
}
