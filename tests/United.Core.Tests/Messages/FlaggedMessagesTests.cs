using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class FlaggedMessagesTests
{
    [Theory, EachDatabase]
    public async Task A_moderator_sees_the_flagged_of_what_they_may_read_and_no_more(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        scene.Log.Words = new WordList(["darn"]);
        var (moderator, other, member) = (await scene.Person(Permissions.ManageMessages), await scene.Person(Permissions.ManageMessages), await scene.Person());
        var (open, shut) = (await scene.OpenChannel(), await scene.PrivateChannel(moderator, member));
        var flagged = new FlaggedMessages(scene.Database, scene.Log, scene.Time);
        var first = await scene.Post(member, open, "darn");
        time.Advance(TimeSpan.FromMilliseconds(1)); // of one millisecond, the order is that of the ids
        var secret = await scene.Post(member, shut, "darn it");
        await scene.Post(member, open, "fine");

        Assert.Equal([secret.MessageId, first.MessageId], await Listed(flagged, moderator));
        Assert.Equal([first.MessageId], await Listed(flagged, other));
        Assert.Equal(Fault.Forbidden, (await flagged.List(member, null, 10)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await flagged.Dismiss(other, secret.MessageId)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await flagged.Delete(other, secret.MessageId)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await flagged.Dismiss(member, first.MessageId)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await flagged.Delete(member, first.MessageId)).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task A_dismissed_flag_changes_nothing_that_readers_see(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        scene.Log.Words = new WordList(["darn"]);
        var (moderator, member, channel) = (await scene.Person(Permissions.ManageMessages), await scene.Person(), await scene.OpenChannel());
        var flagged = new FlaggedMessages(scene.Database, scene.Log, scene.Time);
        var (kept, taken) = (await scene.Post(member, channel, "darn"), await scene.Post(member, channel, "darn it"));
        var before = await scene.Message(kept.MessageId);
        var told = scene.Bus.Published.Count;

        Assert.True((await flagged.Dismiss(moderator, kept.MessageId)).Ok);
        Assert.Equal(told, scene.Bus.Published.Count);
        var after = await scene.Message(kept.MessageId);
        Assert.Equal((before.Revision, before.Content, false), (after.Revision, after.Content, after.Flagged));

        Assert.True((await flagged.Delete(moderator, taken.MessageId)).Ok);
        Assert.IsType<MessageDeleted>(scene.Bus.Published[^1]);
        Assert.Empty(await Listed(flagged, moderator));
    }

    [Theory, EachDatabase]
    public async Task Pages_follow_each_other_though_many_came_in_one_millisecond(Engine engine)
    {
        await using var scene = await LogScene.On(engine, time: new ManualTime());
        scene.Log.Words = new WordList(["darn"]);
        var (moderator, channel) = (await scene.Person(Permissions.ManageMessages), await scene.OpenChannel());
        var flagged = new FlaggedMessages(scene.Database, scene.Log, scene.Time);
        var posted = new List<Guid>();
        for (var i = 0; i < 7; i++) posted.Add((await scene.Post(moderator, channel, "darn")).MessageId);

        var seen = new List<Guid>();
        FlaggedPlace? after = null;
        while ((await flagged.List(moderator, after, 3)).Value is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(one => one.Message.Id));
            after = new FlaggedPlace(page[^1].Message.Timestamp, page[^1].Message.Id);
        }

        Assert.Equal(posted.Order(), seen.Order());
    }

    private static async Task<IEnumerable<Guid>> Listed(FlaggedMessages flagged, Caller caller) =>
        (await flagged.List(caller, null, 10)).Value.Select(one => one.Message.Id);
}
