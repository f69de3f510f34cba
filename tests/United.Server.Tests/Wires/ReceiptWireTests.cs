using United.Core.Identity;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Delivered, read and unread, with several devices of everybody. Whatever wire moves a watermark, the sockets hear the same of it.</summary>
public sealed class ReceiptWireTests
{
    [Theory, EachWire]
    public async Task Delivered_and_read_are_told_to_the_sender_with_the_message(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var direct = await scene.Direct(anna, bert);
        var (sender, stranger) = (await scene.Listen(anna), await scene.Listen(scene.Owner));
        var posted = (await (await scene.Drive(WireKind.Proto, anna)).Post(direct, "read me")).Must();
        var reader = await scene.Drive(wire, bert);

        Assert.Equal(1, (await reader.MarkDelivered(direct, 1)).Must());
        Assert.Equal(1, (await reader.MarkRead(direct, 9)).Must());
        Assert.Equal(1, (await reader.MarkRead(direct, 1)).Must());

        var delivered = (await sender.Pushed(push => push.DeliveredEvent is not null)).DeliveredEvent;
        Assert.Equal((direct.ToString(), bert.Id.ToString(), 1ul, posted.Id.ToString()), (delivered.ConversationId, delivered.UserId, delivered.Sequence, delivered.MessageId));
        var read = (await sender.Pushed(push => push.ReadEvent is not null)).ReadEvent;
        Assert.Equal((direct.ToString(), bert.Id.ToString(), 1ul, posted.Id.ToString()), (read.ConversationId, read.UserId, read.Sequence, read.MessageId));
        Assert.InRange(read.At, delivered.At, ulong.MaxValue);
        await Quiet(scene, anna, direct, sender);
        Assert.Single(sender.Pushes, push => push.ReadEvent is not null);
        Assert.Single(sender.Pushes, push => push.DeliveredEvent is not null);
        Assert.DoesNotContain(stranger.Pushes, push => About(push, direct));
    }

    [Theory, EachWire]
    public async Task Read_on_one_device_clears_the_others_and_what_one_sends_the_others_show_once(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var direct = await scene.Direct(anna, bert);
        var (second, third) = (await scene.Listen(await scene.SignInAgain(bert)), await scene.Listen(await scene.SignInAgain(bert)));
        var annas = await scene.Listen(await scene.SignInAgain(anna));
        var (writer, reader) = (await scene.Drive(WireKind.Proto, anna), await scene.Drive(wire, bert));
        for (var i = 1; i <= 3; i++) (await writer.Post(direct, $"{i}")).Must();

        (await reader.MarkRead(direct, 2)).Must();
        foreach (var device in (ProtoClient[])[second, third])
        {
            var unread = (await device.Pushed(push => push.UnreadEvent is not null)).UnreadEvent;
            Assert.Equal((direct.ToString(), 2ul, 1u), (unread.ConversationId, unread.LastRead, unread.UnreadCount));
        }

        var answer = (await reader.Post(direct, "answer")).Must();
        foreach (var device in (ProtoClient[])[second, third])
        {
            Assert.Equal(0u, (await device.Pushed(push => push.UnreadEvent?.LastRead == (ulong)answer.Sequence)).UnreadEvent.UnreadCount);
            await Quiet(scene, anna, direct, device);
            Assert.Single(device.Pushes, push => push.NewMessageEvent?.Message.Id == answer.Id.ToString());
            Assert.Equal(2, device.Pushes.Count(push => push.UnreadEvent is not null));
        }
        await annas.Pushed(push => push.ReadEvent?.Sequence == (ulong)answer.Sequence);
        Assert.Equal(1, annas.Pushes.Count(push => push.NewMessageEvent?.Message.Id == answer.Id.ToString()));
        Assert.Equal([2ul, 4ul], annas.Pushes.Where(push => push.ReadEvent?.UserId == bert.Id.ToString()).Select(push => push.ReadEvent.Sequence));
    }

    [Theory, EachWire]
    public async Task Who_tells_nobody_what_they_read_clears_their_own_devices_all_the_same(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        await scene.Set(bert, new ChangeProfile(ReadReceipts: false));
        var direct = await scene.Direct(anna, bert);
        var (sender, other) = (await scene.Listen(anna), await scene.Listen(await scene.SignInAgain(bert)));
        (await (await scene.Drive(WireKind.Proto, anna)).Post(direct, "secretly read")).Must();
        var reader = await scene.Drive(wire, bert);

        (await reader.MarkRead(direct, 1)).Must();
        (await reader.MarkDelivered(direct, 1)).Must();
        await other.Pushed(push => push.UnreadEvent is { LastRead: 1, UnreadCount: 0 });
        await sender.Pushed(push => push.DeliveredEvent is { Sequence: 1 });
        (await reader.Post(direct, "answered without a receipt")).Must();

        await Quiet(scene, anna, direct, sender);
        Assert.DoesNotContain(sender.Pushes, push => push.ReadEvent?.UserId == bert.Id.ToString());
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task The_sender_alone_is_answered_who_got_and_who_read_a_message(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert, carl) = (await scene.Join("anna"), await scene.Join("bert"), await scene.Join("carl"));
        var group = await scene.Group(anna, bert);
        var (sender, reader, stranger) = (await scene.Converse(wire, anna), await scene.Converse(wire, bert), await scene.Converse(wire, carl));
        var posted = (await sender.Post(group, "who read this?")).Must();

        var before = (await sender.Receipts(group, posted.Id)).Must();
        Assert.Equal("sent", before.Status);
        Assert.Equal(new HashSet<Guid> { bert.Id, scene.Owner.Id }, before.Items.Keys.ToHashSet());
        Assert.All(before.Items.Values, item => Assert.Equal((null, null), item));
        (await reader.MarkDelivered(group, posted.Sequence)).Must();
        (await reader.MarkRead(group, posted.Sequence)).Must();
        (await (await scene.Converse(wire, scene.Owner)).MarkDelivered(group, posted.Sequence)).Must();

        var after = (await sender.Receipts(group, posted.Id)).Must();
        Assert.Equal("delivered", after.Status);
        Assert.True(after.Items[bert.Id].Delivered <= after.Items[bert.Id].Read);
        Assert.Equal((true, false), (after.Items[scene.Owner.Id].Delivered is not null, after.Items[scene.Owner.Id].Read is not null));
        Assert.Equal((403, "forbidden"), Refused(await reader.Receipts(group, posted.Id)));
        Assert.Equal((404, "not_found"), Refused(await stranger.Receipts(group, posted.Id)));
        Assert.Equal((404, "not_found"), Refused(await sender.Receipts(group, group)));
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task After_a_break_a_device_knows_as_much_of_receipts_as_one_that_loads_anew(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert, carl) = (await scene.Join("anna"), await scene.Join("bert"), await scene.Join("carl"));
        var (group, direct) = (await scene.Group(anna, bert, carl), await scene.Direct(anna, bert));
        await scene.Set(carl, new ChangeProfile(ReadReceipts: false));
        var device = await scene.Converse(wire, anna);
        foreach (var conversation in (Guid[])[group, direct])
            for (var i = 1; i <= 4; i++) (await device.Post(conversation, $"{i}")).Must();
        var known = (await device.Sync(new Dictionary<Guid, long>(), receiptsSince: 0)).Must();

        foreach (var (reader, conversation, sequence) in ((TestUser, Guid, long)[])[(bert, group, 3), (carl, group, 4), (bert, direct, 4)])
        {
            var driver = await scene.Converse(wire, reader);
            (await driver.MarkDelivered(conversation, sequence + 1)).Must();
            (await driver.MarkRead(conversation, sequence)).Must();
        }

        var told = (await device.Sync(new Dictionary<Guid, long>(), partial: false, known.ServerTime)).Must().Receipts
            .Where(receipt => receipt.User != anna.Id).ToLookup(receipt => (receipt.Conversation, receipt.User, receipt.Kind), receipt => receipt.Sequence);
        foreach (var conversation in (Guid[])[group, direct])
        {
            foreach (var member in (await device.Find(conversation)).Must().Members.Where(member => member.User != anna.Id))
            {
                Assert.Equal(member.Read, told[(conversation, member.User, "read")].FirstOrDefault());
                Assert.Equal(member.Delivered, told[(conversation, member.User, "delivered")].FirstOrDefault());
            }
        }
        Assert.DoesNotContain(told, receipt => receipt.Key.User == carl.Id && receipt.Key.Kind == "read");
        Assert.Contains(told, receipt => receipt.Key == (group, carl.Id, "delivered"));
    }

    // What was told before this message has been heard once it is.
    private static async Task Quiet(WireScene scene, TestUser by, Guid conversation, ProtoClient listener)
    {
        var mark = $"mark {Guid.NewGuid()}";
        (await (await scene.Drive(WireKind.Proto, by)).Post(conversation, mark)).Must();
        await listener.Pushed(push => push.NewMessageEvent?.Message.Content == mark);
    }

    private static bool About(Envelope push, Guid conversation) => push.ToString().Contains(conversation.ToString(), StringComparison.Ordinal);

    private static (int, string?) Refused<T>(Outcome<T> outcome) => (outcome.Status, outcome.Code);
}
