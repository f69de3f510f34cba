using United.Core.Channels;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Channels;

public sealed class ChannelAllowanceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Changing_channels_is_limited_in_all_channels_together_and_leaving_them_is_not(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time, limits: new LimitsOptions { ChannelChangesPerMinute = 6 });
        var channels = new ChannelDirectory(scene.Database, scene.Log, new Control(scene.Bus), scene.Limits, time);
        var (ada, grace, bob) = (await scene.Person(Permissions.ManageChannels), await scene.Person(Permissions.ManageChannels), await scene.Person());
        var closed = (await channels.Create(ada, new CreateChannel("closed", Private: true), Ct)).Value.Id;
        var news = (await channels.Create(ada, new CreateChannel("news"), Ct)).Value.Id;
        Assert.True((await channels.AddMember(ada, closed, bob.UserId, Ct)).Ok);
        Assert.True((await channels.RemoveMember(ada, closed, bob.UserId, Ct)).Ok);
        Assert.True((await channels.AddMember(ada, closed, grace.UserId, Ct)).Ok);
        Assert.True((await channels.Change(ada, new ChangeChannel(news, Topic: "what is new"), Ct)).Ok);
        var before = await scene.Trace();

        foreach (var refused in (Refusal?[])
        [
            (await channels.Create(ada, new CreateChannel("more"), Ct)).Refusal, (await channels.Change(ada, new ChangeChannel(news, Topic: "old"), Ct)).Refusal,
            (await channels.Delete(ada, news, Ct)).Refusal, (await channels.AddMember(ada, closed, bob.UserId, Ct)).Refusal,
            (await channels.RemoveMember(ada, closed, grace.UserId, Ct)).Refusal,
        ])
            Assert.Equal(new Refusal(Fault.RateLimited, RetryAfter: TimeSpan.FromSeconds(10)), refused);
        Assert.Equal(Fault.Forbidden, (await channels.Delete(bob, news, Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());
        Assert.True((await channels.Change(grace, new ChangeChannel(news, Topic: "old"), Ct)).Ok);
        Assert.True((await channels.RemoveMember(ada, closed, ada.UserId, Ct)).Ok);

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True((await channels.Delete(ada, news, Ct)).Ok);
    }
}
