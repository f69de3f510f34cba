using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class MessageAllowanceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Posts_edits_deletions_and_reactions_of_an_account_share_one_allowance(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time, limits: new LimitsOptions { MessagesPerSecond = 1, MessageBurst = 5 });
        var (ada, bob, channel) = (await scene.Person(), await scene.Person(), await scene.OpenChannel());
        var posted = await scene.Post(ada, channel, "one");
        Assert.True((await scene.Log.Edit(ada, new EditMessage(channel, posted.MessageId, "two"), Ct)).Ok);
        Assert.True((await scene.Log.React(ada, new AddReaction(posted.MessageId, "tada"), Ct)).Ok);
        Assert.True((await scene.Log.Unreact(ada, new RemoveReaction(posted.MessageId, "tada"), Ct)).Ok);
        Assert.True((await scene.Log.Delete(ada, new DeleteMessage(channel, posted.MessageId), Ct)).Ok);
        var before = await scene.Trace();

        Refusal?[] refusals =
        [
            (await scene.Log.Post(ada, new PostMessage(channel, "x"), Ct)).Refusal,
            (await scene.Log.Edit(ada, new EditMessage(channel, posted.MessageId, "x"), Ct)).Refusal,
            (await scene.Log.Delete(ada, new DeleteMessage(channel, posted.MessageId), Ct)).Refusal,
            (await scene.Log.React(ada, new AddReaction(posted.MessageId, "x"), Ct)).Refusal,
            (await scene.Log.Unreact(ada, new RemoveReaction(posted.MessageId, "x"), Ct)).Refusal,
        ];

        Assert.All(refusals, refusal => Assert.Equal((Fault.RateLimited, TimeSpan.FromSeconds(1)), (refusal?.Fault, refusal?.RetryAfter)));
        Assert.Equal(before, await scene.Trace());
        Assert.Equal(2, (await scene.Post(bob, channel, "not my allowance")).Sequence);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, (await scene.Post(ada, channel, "again")).Sequence);
    }
}
