using United.Core.Conversations;
using United.Core.DirectMessages;
using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

/// <summary>Who makes many conversations troubles many people: with one allowance for all kinds.</summary>
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

    private static async Task<Caller> WithKey(LogScene scene)
    {
        var (person, key) = (await scene.Person(), Ed25519.PublicKeyOf(Ed25519.NewSeed()));
        await scene.Database.Write(sql => sql.Execute("update users set public_key = @key where id = @id", ("key", key), ("id", person.UserId)));
        return person with { PublicKey = PublicKeys.Hex(key) };
    }
}
