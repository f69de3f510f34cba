using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>The promises of the product, by their numbers, through the doors that people use. The first is in <see cref="DurabilityTests"/>.</summary>
public sealed class PromiseTests
{
    [Theory, EachDatabase]
    public async Task Promise_2_numbers_are_dense_and_everybody_sees_the_same_order(Engine engine)
    {
        const int Writers = 16, Each = 25;
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

    private static List<Wire.Chat.ChatMessage> Heard(ProtoClient client) =>
        [.. client.Pushes.Where(push => push.NewMessageEvent is not null).Select(push => push.NewMessageEvent.Message)];

    private static bool About(Envelope push, Guid conversation) => push.ToString().Contains(conversation.ToString(), StringComparison.Ordinal);
}
