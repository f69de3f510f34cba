using United.Core;
using United.Core.Presence;
using United.Core.Storage;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>What is refused is refused in the same words on every wire, and changes nothing.</summary>
public sealed class RefusalWireTests
{
    private static readonly string[] NoMessages = ["", new string('x', 4_001), "null \0 byte", "bell \a"];

    [Theory, EachWire]
    public async Task Content_that_is_no_message_is_refused(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var driver = await scene.Drive(wire, scene.Owner);
        foreach (var content in NoMessages) Assert.Equal((400, "content"), WithField(await driver.Post(channel, content)));
        Assert.Empty((await driver.History(channel, includeDeleted: true)).Must().Messages);
        var posted = (await driver.Post(channel, new string('x', 4_000))).Must();
        Assert.Equal(1, posted.Sequence);
        foreach (var content in NoMessages) Assert.Equal((400, "content"), WithField(await driver.Edit(channel, posted.Id, content)));
        Assert.False(Assert.Single((await driver.History(channel)).Must().Messages).Edited);
    }

    [Theory, EachWire]
    public async Task What_one_may_not_know_of_is_refused_like_what_does_not_exist(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var closed = await scene.PrivateChannel();
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        var secret = (await owner.Post(closed, "secret")).Must();
        var driver = await scene.Drive(wire, await scene.Join("anna"));
        var nowhere = Ids.New(TimeProvider.System);

        Assert.Equal(await driver.Post(nowhere, "hello"), await driver.Post(closed, "hello"));
        Assert.Equal(await driver.Edit(nowhere, nowhere, "x"), await driver.Edit(closed, secret.Id, "x"));
        Assert.Equal(await driver.Delete(nowhere, nowhere), await driver.Delete(closed, secret.Id));
        Assert.Equal(await driver.React(nowhere, "👍"), await driver.React(secret.Id, "👍"));
        Assert.Equal(await driver.Unreact(nowhere, "👍"), await driver.Unreact(secret.Id, "👍"));
        Assert.Equal(await driver.MarkRead(nowhere, 1), await driver.MarkRead(closed, 1));
        Assert.Equal(await driver.MarkDelivered(nowhere, 1), await driver.MarkDelivered(closed, 1));
        Assert.Equal(await driver.History(nowhere), await driver.History(closed));
        Assert.Equal(await driver.Type(nowhere), await driver.Type(closed));
        Assert.Equal((404, "not_found"), Refused(await driver.History(closed)));
        Assert.Equal("secret", Assert.Single((await owner.History(closed)).Must().Messages).Content);
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task A_conversation_of_others_is_refused_like_one_that_does_not_exist_whatever_is_tried(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var (annas, eves) = (await scene.Converse(wire, anna), await scene.Converse(wire, await scene.Join("eve")));
        var (group, direct) = ((await annas.CreateGroup("walks", berta.Id)).Must().Id, (await annas.CreateDirect(berta.Id)).Must().Id);
        var message = (await annas.Post(direct, "may I?")).Must().Id;
        var bertas = await scene.Converse(wire, berta);
        var request = (await bertas.List("requests")).Must().Conversations[0].Request!.Id;
        var nowhere = Ids.New(TimeProvider.System);
        var before = (await annas.Find(group)).Must();

        Assert.Equal((404, "not_found"), Refused(await eves.Find(group)));
        foreach (var hidden in (Guid[])[group, direct])
        {
            Assert.Equal(await eves.Find(nowhere), await eves.Find(hidden));
            Assert.Equal(await eves.Post(nowhere, "hello"), await eves.Post(hidden, "hello"));
            Assert.Equal(await eves.Rename(nowhere, "mine"), await eves.Rename(hidden, "mine"));
            Assert.Equal(await eves.AddMember(nowhere, berta.Id), await eves.AddMember(hidden, berta.Id));
            Assert.Equal(await eves.ChangeMember(nowhere, berta.Id, "admin"), await eves.ChangeMember(hidden, berta.Id, "admin"));
            Assert.Equal(await eves.RemoveMember(nowhere, berta.Id), await eves.RemoveMember(hidden, berta.Id));
            Assert.Equal(await eves.Hide(nowhere), await eves.Hide(hidden));
            Assert.Equal(await eves.Mute(nowhere, null), await eves.Mute(hidden, null));
            Assert.Equal(await eves.Notify(nowhere, "none"), await eves.Notify(hidden, "none"));
            Assert.Equal(await eves.Receipts(nowhere, nowhere), await eves.Receipts(hidden, message));
        }
        foreach (var accept in (bool[])[true, false])
        {
            Assert.Equal(await eves.AnswerRequest(nowhere, accept), await eves.AnswerRequest(request, accept));
            Assert.Equal(await annas.AnswerRequest(nowhere, accept), await annas.AnswerRequest(request, accept));
        }
        var after = (await annas.Find(group)).Must();
        Assert.Equal((before.Name, before.Revision, before.MemberCount), (after.Name, after.Revision, after.MemberCount));
        Assert.Equal((request, "pending"), Assert.Single((await bertas.List("requests")).Must().Conversations).Request is { } asked ? (asked.Id, asked.State) : default);
    }

    [Theory, EachWire]
    public async Task Others_messages_are_edited_by_nobody_and_deleted_by_moderators(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var owner = await scene.Drive(wire, scene.Owner);
        var anna = await scene.Drive(wire, await scene.Join("anna"));
        var berta = await scene.Drive(wire, await scene.Join("berta"));
        var posted = (await anna.Post(channel, "mine")).Must();
        Assert.Equal((403, "forbidden"), Refused(await berta.Edit(channel, posted.Id, "yours")));
        Assert.Equal((403, "forbidden"), Refused(await berta.Delete(channel, posted.Id)));
        Assert.Equal((403, "forbidden"), Refused(await owner.Edit(channel, posted.Id, "the owner's")));
        Assert.Equal("mine", Assert.Single((await anna.History(channel)).Must().Messages).Content);
        Assert.True((await owner.Delete(channel, posted.Id)).Must());
    }

    [Theory, EachWire]
    public async Task A_read_only_channel_takes_messages_of_those_who_manage_channels_alone(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel(readOnly: true);
        var anna = await scene.Drive(wire, await scene.Join("anna"));
        var owner = await scene.Drive(wire, scene.Owner);
        Assert.Equal((403, "read_only"), Refused(await anna.Post(channel, "may I?")));
        Assert.Equal(1, (await owner.Post(channel, "news")).Must().Sequence);
    }

    [Theory, EachWire]
    public async Task A_reply_to_another_conversation_a_wrong_client_id_and_a_wrong_emoji_are_refused(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (here, there) = (await scene.OpenChannel(), await scene.OpenChannel());
        var driver = await scene.Drive(wire, scene.Owner);
        var elsewhere = (await driver.Post(there, "elsewhere")).Must();
        Assert.Equal("reply_to_id", (await driver.Post(here, "answer", replyTo: elsewhere.Id)).Field);
        Assert.Equal((400, "client_id"), WithField(await driver.Post(here, "hello", clientId: new string('c', 65))));
        Assert.Equal((400, "client_id"), WithField(await driver.Post(here, "hello", clientId: "grüße")));
        Assert.Equal((400, "emoji"), WithField(await driver.React(elsewhere.Id, "not an emoji")));
        Assert.Empty((await driver.History(here)).Must().Messages);
    }

    [Theory, EachWire]
    public async Task Messages_beyond_the_rate_are_refused_and_not_stored(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine, new ManualTime(), settings: [("Limits:MessagesPerSecond", "1"), ("Limits:MessageBurst", "3")]);
        var channel = await scene.OpenChannel();
        var driver = await scene.Drive(wire, scene.Owner);
        for (var i = 0; i < 3; i++) (await driver.Post(channel, "quick")).Must();
        Assert.Equal((429, "rate_limited"), Refused(await driver.Post(channel, "too quick")));
        Assert.Equal(3, (await driver.History(channel)).Must().Messages.Length);
    }

    [Theory, EachWire]
    public async Task A_status_set_too_often_is_refused_on_every_wire_and_not_stored(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: [("Limits:StatusChangesPerMinute", "3")]);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        foreach (var (other, status) in new[] { (WireKind.Rest, "away"), (WireKind.Proto, "dnd"), (WireKind.SocketIo, "dnd") })
            (await (await scene.Drive(other, anna)).SetPresence(status)).Must();
        Assert.Equal((429, "rate_limited"), Refused(await (await scene.Drive(wire, anna)).SetPresence("away")));
        Assert.True(await scene.Core.Database.Read(sql => sql.Exists("select 1 from users where id = @id and presence = @dnd", ("id", anna.Id), ("dnd", (int)PresenceStatus.Dnd))));
        (await (await scene.Drive(wire, berta)).SetPresence("away")).Must();
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task Conversations_beyond_the_rate_are_refused_and_not_made(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: [("Limits:ConversationsPerHour", "2")]);
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var driver = await scene.Converse(wire, anna);
        var (direct, group) = ((await driver.CreateDirect(berta.Id)).Must(), (await driver.CreateGroup("walks", berta.Id)).Must());
        Assert.Equal((429, "rate_limited"), Refused(await driver.CreateDirect(scene.Owner.Id)));
        Assert.Equal((429, "rate_limited"), Refused(await driver.CreateGroup("more walks")));
        Assert.Equal(direct.Id, (await driver.CreateDirect(berta.Id)).Must().Id);
        Assert.Equal(new HashSet<Guid> { direct.Id, group.Id }, (await driver.List()).Must().Conversations.Select(one => one.Id).ToHashSet());
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task Changes_of_groups_beyond_the_rate_are_refused_and_not_made(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: [("Limits:GroupChangesPerMinute", "2")]);
        var (anna, berta, carl) = (await scene.Join("anna"), await scene.Join("berta"), await scene.Join("carl"));
        var driver = await scene.Converse(wire, anna);
        var group = (await driver.CreateGroup("walks", berta.Id)).Must().Id;
        (await driver.Rename(group, "long walks")).Must();
        (await driver.ChangeMember(group, berta.Id, "admin")).Must();
        var before = (await driver.Find(group)).Must();
        Assert.Equal((429, "rate_limited"), Refused(await driver.Rename(group, "runs")));
        Assert.Equal((429, "rate_limited"), Refused(await driver.AddMember(group, carl.Id)));
        Assert.Equal((429, "rate_limited"), Refused(await driver.ChangeMember(group, berta.Id, "member")));
        Assert.Equal((429, "rate_limited"), Refused(await driver.RemoveMember(group, berta.Id)));
        var after = (await driver.Find(group)).Must();
        Assert.Equal((before.Name, before.Revision, before.MemberCount), (after.Name, after.Revision, after.MemberCount));
        (await driver.RemoveMember(group, anna.Id)).Must();
    }

    [Theory, EachWire]
    public async Task A_session_that_has_ended_is_refused_at_the_next_request(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        await scene.Core.Identity.Sessions.LogOut(await anna.Caller(scene.Core));
        if (wire == WireKind.SocketIo)
        {
            await using var refused = await Testing.Sockets.SocketIoClient.Join(scene.Address, new { token = anna.AccessToken });
            Assert.Equal("unauthorized", refused.Refused?.GetProperty("message").GetString());
            return;
        }
        await using var driver = wire == WireKind.Rest
            ? (IWireDriver)new RestDriver(scene.Address, anna.AccessToken)
            : new ProtoDriver(await Testing.Sockets.ProtoClient.Open(scene.Address));
        Assert.Equal(401, (await driver.Post(channel, "still here?")).Status);
    }

    private static (int, string?) Refused<T>(Outcome<T> outcome) => (outcome.Status, outcome.Code);

    private static (int, string?) WithField<T>(Outcome<T> outcome) => (outcome.Status, outcome.Field);
}
