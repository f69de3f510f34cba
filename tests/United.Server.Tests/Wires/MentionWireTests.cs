using United.Core;
using United.Core.Storage;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Abuse case 74: whoever mentions a great many, everybody, or the same people over and over by edits.</summary>
public sealed class MentionWireTests
{
    [Theory, EachWire]
    public async Task A_message_means_twenty_people_at_most_however_many_it_names(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (channel, driver) = (await scene.OpenChannel(), await scene.Drive(wire, await scene.Join("anna")));
        var bomb = string.Concat(Enumerable.Range(0, 88).Select(_ => $"@user:{Ids.New(TimeProvider.System)} "));

        var posted = (await driver.Post(channel, $"{bomb}@user:{scene.Owner.Id}")).Must();
        Assert.Equal(20, (await driver.History(channel)).Must().Messages[0].MentionedUsers.Length);
        Assert.Equal((1, 0), await Counts(scene, channel));
        (await driver.Edit(channel, posted.Id, $"{bomb}@user:{scene.Owner.Id} @everyone")).Must();
        Assert.Equal(20, (await driver.History(channel)).Must().Messages[0].MentionedUsers.Length);
        Assert.Equal((1, 0), await Counts(scene, channel));
    }

    [Theory, EachWire]
    public async Task Who_edits_a_mention_in_and_out_notifies_once_and_never_again_who_has_read(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var (driver, owner) = (await scene.Drive(wire, await scene.Join("anna")), await scene.Drive(WireKind.Rest, scene.Owner));
        var listener = await scene.Listen(scene.Owner);
        var posted = (await driver.Post(channel, $"look @user:{scene.Owner.Id} @user:{scene.Owner.Id}")).Must();
        Assert.Equal((1, 1), await Counts(scene, channel));

        await EditInAndOut(driver, channel, posted.Id, scene.Owner.Id);
        Assert.Equal((1, 1), await Counts(scene, channel));
        (await owner.MarkRead(channel, posted.Sequence)).Must();
        await EditInAndOut(driver, channel, posted.Id, scene.Owner.Id);
        Assert.Equal((0, 0), await Counts(scene, channel));

        await listener.Pushed(push => push.MessageEditedEvent?.Revision == (ulong)posted.Revision + 6);
        Assert.Single(listener.Pushes, push => push.NewMessageEvent is not null);
        Assert.All(listener.Pushes.Where(push => push.UnreadEvent is not null), push => Assert.Equal(0u, push.UnreadEvent.MentionCount));
    }

    private static async Task EditInAndOut(IWireDriver driver, Guid channel, Guid message, Guid who)
    {
        foreach (var content in (string[])["nothing", $"now @user:{who}", $"and now @user:{who}"]) (await driver.Edit(channel, message, content)).Must();
    }

    private static async Task<(int Unread, int Mentions)> Counts(WireScene scene, Guid channel)
    {
        var owner = await scene.Drive(WireKind.Rest, scene.Owner);
        var change = Assert.Single((await owner.Sync(new Dictionary<Guid, long> { [channel] = 0 }, partial: true)).Must().Changed);
        return (change.Unread, change.Mentions);
    }
}
