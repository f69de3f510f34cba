using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;
using PostMessage = United.Core.Messages.PostMessage;

namespace United.Server.Tests.Wires;

/// <summary>The promises of the product, by their numbers, through the doors that people use. The first is in <see cref="DurabilityTests"/>.</summary>
public sealed class PromiseTests
{
    [Theory, EachDatabase]
    public async Task Promise_2_numbers_are_dense_and_everybody_sees_the_same_order(Engine engine)
    {
        const int Writers = 64, Each = 8;
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var readers = new List<ProtoClient>();
        for (var i = 0; i < 4; i++) readers.Add(await scene.Listen(i % 2 == 0 ? anna : scene.Owner));
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var driver = await scene.Drive(writer % 2 == 0 ? WireKind.Rest : WireKind.Proto, writer % 4 < 2 ? anna : scene.Owner);
            for (var i = 0; i < Each; i++) (await driver.Post(channel, $"{writer} {i}")).Must();
        }));
        var stored = new List<string>();
        var reader = await scene.Drive(WireKind.Rest, anna);
        while (stored.Count < Writers * Each)
            stored.AddRange((await reader.History(channel, after: stored.Count, limit: 100)).Must().Messages.Reverse().Select(message => $"{message.Sequence} {message.Content}"));
        Assert.Equal(Enumerable.Range(1, Writers * Each), stored.Select(line => int.Parse(line.Split(' ')[0])));
        foreach (var client in readers)
        {
            await client.Pushed(push => push.NewMessageEvent?.Message.ServerSequence == Writers * Each);
            Assert.Equal(stored, Heard(client).Select(message => $"{message.ServerSequence} {message.Content}"));
        }
    }

    [Theory, EachDatabase]
    public async Task Promise_3_what_is_broadcast_has_been_committed_and_what_was_refused_is_not_broadcast(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var listener = await scene.Listen(scene.Owner);
        var driver = await scene.Drive(WireKind.Proto, await scene.Join("anna"));
        for (var i = 1; i <= 30; i++)
        {
            Assert.NotNull((await driver.Post(channel, new string('x', 4_001))).Code);
            var posting = driver.Post(channel, $"{i}");
            var heard = (await listener.Pushed(push => push.NewMessageEvent?.Message.Content == $"{i}")).NewMessageEvent.Message;
            // Asked of the database itself, at the moment of hearing.
            Assert.True(await scene.Core.Database.Read(sql => sql.Exists("select 1 from messages where id = @id", ("id", Guid.Parse(heard.Id)))));
            await posting;
        }
        Assert.Equal(30, Heard(listener).Count);
    }

    [Theory, EachDatabase]
    public async Task Promise_4_an_event_reaches_those_who_may_read_and_nobody_else(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (member, stranger) = (await scene.Join("member"), await scene.Join("stranger"));
        var (open, closed) = (await scene.OpenChannel(), await scene.PrivateChannel(member));
        var (inside, outside) = (await scene.Listen(member), await scene.Listen(stranger));
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        var secret = (await owner.Post(closed, "secret")).Must();
        (await owner.Edit(closed, secret.Id, "secret, edited")).Must();
        (await owner.React(secret.Id, "👍")).Must();
        (await owner.Unreact(secret.Id, "👍")).Must();
        (await owner.Type(closed)).Must();
        (await owner.Delete(closed, secret.Id)).Must();
        (await owner.Post(open, "for all")).Must();
        foreach (var client in new[] { inside, outside }) await client.Pushed(push => push.NewMessageEvent?.Message.Content == "for all");

        var told = inside.Pushes.Where(push => About(push, closed)).Select(push => push.PayloadCase).ToHashSet();
        Assert.Superset(new HashSet<Envelope.PayloadOneofCase>
        {
            Envelope.PayloadOneofCase.NewMessageEvent, Envelope.PayloadOneofCase.MessageEditedEvent, Envelope.PayloadOneofCase.ReactionAddedEvent,
            Envelope.PayloadOneofCase.ReactionRemovedEvent, Envelope.PayloadOneofCase.MessageDeletedEvent, Envelope.PayloadOneofCase.TypingEvent,
        }, told);
        Assert.DoesNotContain(outside.Pushes, push => About(push, closed));
    }

    [Theory, EachDatabase]
    public async Task Promise_5_the_same_client_id_fifty_times_at_once_is_one_message(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var anna = await scene.Join("anna");
        var listener = await scene.Listen(scene.Owner);
        IWireDriver[] drivers = [await scene.Drive(WireKind.Rest, anna), await scene.Drive(WireKind.Proto, anna), await scene.Drive(WireKind.Proto, anna)];
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => drivers[i % drivers.Length].Post(channel, $"attempt {i}", clientId: "once")));
        Assert.Single(answers.Select(answer => (answer.Must().Id, answer.Must().Sequence)).Distinct());
        (await drivers[0].Post(channel, "after")).Must();
        await listener.Pushed(push => push.NewMessageEvent?.Message.Content == "after");
        Assert.Equal([1ul, 2ul], Heard(listener).Select(message => message.ServerSequence));
        Assert.Equal(2, (await drivers[0].History(channel)).Must().Messages.Length);
    }

    [Theory, EachDatabase]
    public async Task Promise_6_after_a_disconnection_a_client_asks_for_what_changed_and_gets_exactly_that(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (quiet, busy, closed) = (await scene.OpenChannel(), await scene.OpenChannel(), await scene.PrivateChannel(await scene.Join("other")));
        var anna = await scene.Join("anna");
        await scene.Core.Channels.AddMember(await scene.Owner.Caller(scene.Core), closed, anna.Id);
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        var kept = (await owner.Post(busy, "stays as it is")).Must();
        var changing = (await owner.Post(busy, "changes")).Must();
        var client = await ProtoClient.SignIn(scene.Address, anna.AccessToken);
        var known = (await client.Ask(new Envelope { SyncRequest = new SyncRequest() })).SyncResponse.Added
            .ToDictionary(added => Guid.Parse(added.Id), added => (long)added.Revision);
        await client.DisposeAsync();

        (await owner.Edit(busy, changing.Id, "changed")).Must();
        var reacted = (await owner.Post(busy, "new, with a reaction")).Must();
        (await owner.React(reacted.Id, "👍")).Must();
        await scene.Remove(closed, anna);
        var made = await scene.OpenChannel();

        var back = await scene.Drive(WireKind.Proto, anna);
        var answer = (await back.Sync(known)).Must();
        var change = Assert.Single(answer.Changed, changed => changed.Conversation == busy);
        Assert.Equal([changing.Id, reacted.Id], change.Messages.Select(message => message.Id));
        Assert.Equal(["changed", "new, with a reaction"], change.Messages.Select(message => message.Content));
        Assert.Equal([$"👍 {scene.Owner.Id}"], change.Messages[1].Reactions);
        Assert.DoesNotContain(change.Messages, message => message.Id == kept.Id);
        Assert.DoesNotContain(answer.Changed, changed => changed.Conversation == quiet);
        Assert.Equal([made], answer.Added);
        Assert.Equal([closed], answer.Removed);
        Assert.Empty((await back.Sync(new Dictionary<Guid, long> { [busy] = change.Revision }, partial: true)).Must().Changed);
    }

    [Theory, EachDatabase]
    public async Task Promise_6_deletions_members_and_watermarks_are_among_what_changed(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bob) = (await scene.Join("anna"), await scene.Join("bob"));
        var closed = await scene.PrivateChannel(anna);
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        var taken = (await owner.Post(closed, "taken back")).Must();
        var client = await ProtoClient.SignIn(scene.Address, anna.AccessToken);
        var before = (await client.Ask(new Envelope { SyncRequest = new SyncRequest() })).SyncResponse;
        var known = new SyncRequest { ReceiptsSince = before.ServerTime };
        foreach (var added in before.Added) known.Conversations[added.Id] = added.Revision;
        await client.DisposeAsync();

        (await owner.Delete(closed, taken.Id)).Must();
        await scene.Core.Channels.AddMember(await scene.Owner.Caller(scene.Core), closed, bob.Id);
        (await (await scene.Drive(WireKind.Rest, await scene.SignInAgain(anna))).MarkRead(closed, taken.Sequence)).Must();

        var answer = (await (await scene.Listen(anna)).Ask(new Envelope { SyncRequest = known })).SyncResponse;
        var change = Assert.Single(answer.Changed);
        Assert.Equal((closed.ToString(), 0u, (ulong)taken.Sequence), (change.ConversationId, change.UnreadCount, change.LastRead));
        Assert.Equal((taken.Id.ToString(), true, ""), (change.Messages[0].Id, change.Messages[0].Deleted, change.Messages[0].Content));
        Assert.Equal(bob.Id.ToString(), Assert.Single(change.Members).UserId);
        var receipt = Assert.Single(answer.Receipts);
        Assert.Equal((closed.ToString(), anna.Id.ToString(), "read", (ulong)taken.Sequence), (receipt.ConversationId, receipt.UserId, receipt.Kind, receipt.Sequence));
    }

    [Theory, EachDatabase]
    public async Task Promise_7_a_removal_holds_before_it_is_acknowledged(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var channel = await scene.PrivateChannel(anna);
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        var (listener, removed) = (await scene.Listen(anna), await scene.Drive(WireKind.Proto, anna));
        var flood = Task.WhenAll(Enumerable.Range(0, 100).Select(i => removed.Post(channel, $"anna {i}")));
        await scene.Remove(channel, anna);
        var last = (await owner.History(channel, limit: 1)).Must().Messages.FirstOrDefault()?.Sequence ?? 0;
        await flood;
        for (var i = 0; i < 20; i++) (await owner.Post(channel, $"without anna {i}")).Must();

        Assert.Equal(404, (await removed.Post(channel, "still here?")).Status);
        Assert.Equal(404, (await removed.History(channel)).Status);
        await listener.Pushed(push => push.ChannelChangedEvent is { Change: ChannelChange.Removed });
        Assert.DoesNotContain(Heard(listener), message => message.Content.StartsWith("without anna", StringComparison.Ordinal));
        var after = (await owner.History(channel, after: last, limit: 100)).Must().Messages;
        Assert.DoesNotContain(after, message => message.Sender == anna.Id);
    }

    [Theory, EachDatabase]
    public async Task Promise_7_a_suspension_and_a_log_out_hold_before_they_are_acknowledged(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await scene.OpenChannel();
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        foreach (var (name, end) in Endings(scene))
        {
            var anna = await scene.Join(name);
            var (listener, rest) = (await scene.Listen(anna), await scene.Drive(WireKind.Rest, anna));
            var flood = Task.WhenAll(Enumerable.Range(0, 100).Select(i => rest.Post(channel, $"{name} {i}")));
            var onTheWay = await anna.Caller(scene.Core);
            await end(anna);
            var last = (await owner.History(channel, limit: 1)).Must().Messages.FirstOrDefault()?.Sequence ?? 0;
            var told = (await owner.Post(channel, $"without {name}")).Must();
            await flood;

            Assert.False((await scene.Core.Log.Post(onTheWay, new PostMessage(channel, "was on the way"))).Ok);
            Assert.Equal(401, (await rest.Post(channel, "still here?")).Status);
            Assert.Equal(401, (await rest.History(channel)).Status);
            await listener.Ended;
            Assert.DoesNotContain(Heard(listener), message => message.Id == told.Id.ToString());
            Assert.Equal([told.Id], (await owner.History(channel, after: last, limit: 100)).Must().Messages.Select(message => message.Id));
        }
    }

    [Theory, EachDatabase]
    public async Task Promise_7_who_leaves_hears_nothing_more(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var anna = await scene.Join("anna");
        var channel = await scene.PrivateChannel(anna);
        var owner = await scene.Drive(WireKind.Proto, scene.Owner);
        var (listener, left) = (await scene.Listen(anna), await scene.Drive(WireKind.Proto, anna));
        Assert.True((await scene.Core.Channels.RemoveMember(await anna.Caller(scene.Core), channel, anna.Id)).Ok);
        (await owner.Post(channel, "without anna")).Must();

        await listener.Pushed(push => push.ChannelChangedEvent is { Change: ChannelChange.Removed });
        Assert.Equal(404, (await left.Post(channel, "still here?")).Status);
        Assert.Equal(404, (await left.History(channel)).Status);
        Assert.NotNull((await listener.Ask(new Envelope { Ping = new Ping() })).Pong);
        Assert.Empty(Heard(listener));
    }

    [Theory, EachDatabase]
    public async Task Promise_9_a_slow_or_hostile_client_costs_the_others_nothing(Engine engine)
    {
        const int Messages = 2_000;
        // The clock stands: the good-bye waits for the slow reader however long the others take here.
        await using var scene = await WireScene.On(engine, time: new ManualTime(), settings: [("Limits:FramesPerSecond", "50"), ("Limits:FrameBurst", "200")]);
        var channel = await scene.OpenChannel();
        var (slow, mallory) = (await scene.Raw(scene.Owner), await scene.Join("mallory"));
        var (garbage, flood, endless) = (await scene.Raw(mallory), await scene.Raw(mallory), await scene.Raw(mallory));
        var (reader, writer) = (await scene.Listen(await scene.Join("reader")), await scene.Drive(WireKind.Rest, await scene.Join("writer")));

        await garbage.Send([.. Enumerable.Repeat(new ClientFrame(ClientFrame.Binary, [0xFF, 0xFF]).ToBytes(), 100).SelectMany(bytes => bytes)]);
        await flood.Send([.. Enumerable.Repeat(new ClientFrame(ClientFrame.Ping, [1]).ToBytes(), 1_000).SelectMany(bytes => bytes)]);
        await endless.Send(new ClientFrame(ClientFrame.Binary, []) { ClaimedLength = long.MaxValue });
        for (var i = 0; i < Messages; i += 100)
            await Task.WhenAll(Enumerable.Range(i, 100).Select(n => writer.Post(channel, new string('x', 4_000))));

        await reader.Pushed(push => push.NewMessageEvent?.Message.ServerSequence == Messages);
        Assert.Equal(Enumerable.Range(1, Messages), Heard(reader).Select(message => (int)message.ServerSequence));
        Assert.NotNull((await reader.Ask(new Envelope { Ping = new Ping() })).Pong);
        Assert.Equal((4408, 1007, 1008, 1009), (await slow.ReceiveClose(), await garbage.ReceiveClose(), await flood.ReceiveClose(), await endless.ReceiveClose()));
    }

    private static IEnumerable<(string Name, Func<TestUser, Task> End)> Endings(WireScene scene) =>
    [
        ("suspended", async user => Assert.True((await scene.Core.Identity.Members.Suspend(await scene.Owner.Caller(scene.Core), user.Id)).Ok)),
        ("logged-out", async user => Assert.True((await scene.Core.Identity.Sessions.LogOut(await user.Caller(scene.Core))).Ok)),
    ];

    private static List<Wire.Chat.ChatMessage> Heard(ProtoClient client) =>
        [.. client.Pushes.Where(push => push.NewMessageEvent is not null).Select(push => push.NewMessageEvent.Message)];

    private static bool About(Envelope push, Guid conversation) => push.ToString().Contains(conversation.ToString(), StringComparison.Ordinal);
}
