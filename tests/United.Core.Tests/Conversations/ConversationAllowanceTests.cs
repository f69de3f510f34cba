using United.Core.Conversations;
using United.Core.DirectMessages;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

/// <summary>Who makes many conversations troubles many people: with one allowance for all kinds. So does who changes groups.</summary>
public sealed class ConversationAllowanceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Making_conversations_is_limited_and_opening_them_is_not(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time, limits: new LimitsOptions { ConversationsPerHour = 3 });
        var (talks, dms) = (Talks.Over(scene), new DmConversations(scene.Database, scene.Log, scene.Limits, time));
        var (ada, bob, eve) = (await WithKey(scene), await WithKey(scene), await WithKey(scene));
        Assert.Equal("name", (await talks.CreateGroup(ada, new CreateGroup("", []), Ct)).Refusal?.Field); // is not counted
        var (direct, dm) = (await talks.Direct(ada, bob), (await dms.Open(ada, bob.PublicKey, Ct)).Value.Conversation.Id);
        await talks.Group(ada, bob);

        foreach (var refused in (Refusal?[])
        [
            (await talks.CreateDirect(ada, eve.UserId, Ct)).Refusal, (await dms.Open(ada, eve.PublicKey, Ct)).Refusal, (await talks.CreateGroup(ada, new CreateGroup("Tea", []), Ct)).Refusal,
        ])
            Assert.Equal(new Refusal(Fault.RateLimited, RetryAfter: TimeSpan.FromMinutes(20)), refused);
        Assert.Equal((direct, dm), (await talks.Direct(ada, bob), (await dms.Open(ada, bob.PublicKey, Ct)).Value.Conversation.Id));
        Assert.Equal(3, await scene.Count("select count(*) from conversations"));
        Assert.True((await talks.CreateDirect(eve, ada.UserId, Ct)).Ok);

        time.Advance(TimeSpan.FromMinutes(20));
        Assert.True((await dms.Open(ada, eve.PublicKey, Ct)).Ok);
        Assert.False((await talks.CreateGroup(ada, new CreateGroup("Tea", []), Ct)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Changing_groups_is_limited_in_all_groups_together_and_leaving_them_is_not(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time, limits: new LimitsOptions { GroupChangesPerMinute = 4 });
        var talks = Talks.Over(scene);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var (group, other) = (await talks.Group(ada, bob), await talks.Group(ada, bob));
        Assert.True((await talks.Change(ada, new ChangeGroup(group, "Coffee"), Ct)).Ok);
        Assert.True((await talks.AddMember(ada, other, eve.UserId, MemberRole.Member, Ct)).Ok);
        Assert.True((await talks.ChangeMember(ada, other, eve.UserId, MemberRole.Admin, Ct)).Ok);
        Assert.True((await talks.RemoveMember(ada, group, bob.UserId, Ct)).Ok);
        var before = await scene.Trace();

        foreach (var refused in (Refusal?[])
        [
            (await talks.Change(ada, new ChangeGroup(other, "Tea"), Ct)).Refusal, (await talks.AddMember(ada, group, eve.UserId, MemberRole.Member, Ct)).Refusal,
            (await talks.ChangeMember(ada, other, bob.UserId, MemberRole.Admin, Ct)).Refusal, (await talks.RemoveMember(ada, other, bob.UserId, Ct)).Refusal,
        ])
            Assert.Equal(new Refusal(Fault.RateLimited, RetryAfter: TimeSpan.FromSeconds(15)), refused);
        Assert.Equal(before, await scene.Trace());
        Assert.True((await talks.Change(eve, new ChangeGroup(other, "Tea"), Ct)).Ok);
        Assert.True((await talks.RemoveMember(ada, other, ada.UserId, Ct)).Ok);

        time.Advance(TimeSpan.FromSeconds(15));
        Assert.True((await talks.Change(ada, new ChangeGroup(group, "Tea"), Ct)).Ok);
    }

    private static async Task<Caller> WithKey(LogScene scene)
    {
        var (person, key) = (await scene.Person(), Ed25519.PublicKeyOf(Ed25519.NewSeed()));
        await scene.Database.Write(sql => sql.Execute("update users set public_key = @key where id = @id", ("key", key), ("id", person.UserId)));
        return person with { PublicKey = PublicKeys.Hex(key) };
    }
}
