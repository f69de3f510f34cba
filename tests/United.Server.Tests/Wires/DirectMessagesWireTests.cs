using System.Security.Cryptography;
using Google.Protobuf;
using United.Core.Identity;
using United.Core.Storage;
using United.Server.Tests.Rest;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Dm;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Encrypted conversations over the protobuf socket: who hears what, and what goes through as it was.</summary>
public sealed class DirectMessagesWireTests
{
    [Theory, EachDatabase]
    public async Task A_message_reaches_all_devices_of_the_two_and_nobody_else(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (ada, bob, eve) = (await scene.Join("ada"), await Welcoming(scene, "bob"), await scene.Join("eve"));
        var writer = await scene.Listen(ada);
        ProtoClient[] theirs = [await scene.Listen(await scene.SignInAgain(ada)), await scene.Listen(bob), await scene.Listen(await scene.SignInAgain(bob))];
        ProtoClient[] others = [await scene.Listen(eve), await scene.Listen(scene.Owner)];
        var dm = await Open(writer, bob);
        foreach (var device in (ProtoClient[])[writer, .. theirs])
        {
            var told = (await device.Pushed(push => push.DmConversationCreatedEvent is not null)).DmConversationCreatedEvent.Conversation;
            Assert.Equal(dm, told);
        }

        var request = Sealed(dm.Id);
        var sent = (await writer.Ask(new Envelope { DmSend = request })).SendMessageResult;
        foreach (var device in (ProtoClient[])[writer, .. theirs])
        {
            var message = (await device.Pushed(push => push.DmMessageEvent is not null)).DmMessageEvent.Message;
            Assert.Equal((sent.MessageId, dm.Id, ada.PublicKey, ada.Id.ToString(), 1ul, request.Timestamp, "one"),
                (message.Id, message.ConversationId, message.SenderPubkey, message.SenderId, message.ServerSequence, message.Timestamp, message.ClientId));
            Assert.Equal((request.EncryptedPayload, request.Nonce, request.EphemeralPubkey), (message.EncryptedPayload, message.Nonce, message.EphemeralPubkey));
            Assert.DoesNotContain(device.Pushes, push => push.NewMessageEvent is not null);
        }

        Assert.Equal((sent.MessageId, true), ((await writer.Ask(new Envelope { DmSend = request })).SendMessageResult is var again ? again.MessageId : "", again.Duplicate));
        await (await scene.Drive(WireKind.Proto, scene.Owner)).Post(await scene.OpenChannel(), "after it");
        foreach (var stranger in others)
        {
            await stranger.Pushed(push => push.NewMessageEvent is not null);
            Assert.DoesNotContain(stranger.Pushes, push => push.DmMessageEvent is not null || push.DmConversationCreatedEvent is not null || push.ToString().Contains(dm.Id, StringComparison.Ordinal));
        }
        foreach (var device in theirs) Assert.Single(device.Pushes, push => push.DmMessageEvent is not null);
    }

    [Theory, EachDatabase]
    public async Task Keys_are_published_found_and_their_rotation_told_while_messages_are_in_flight(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (ada, bob) = (await scene.Join("ada"), await Welcoming(scene, "bob"));
        var (writer, reader) = (await scene.Listen(ada), await scene.Listen(bob));
        var dm = await Open(writer, bob);

        var sending = Enumerable.Range(0, 100).Select(_ => writer.Ask(new Envelope { DmSend = Sealed(dm.Id, clientId: "") })).ToList();
        var keys = new List<ByteString>();
        for (var i = 0; i < 5; i++)
        {
            keys.Add(ByteString.CopyFrom([.. RandomNumberGenerator.GetBytes(31), 7]));
            var stored = (await reader.Ask(new Envelope { DmPublishKey = new DmPublishKey { X25519Pubkey = keys[^1], KeyId = Bytes(8), CreatedAt = (ulong)i + 1, Signature = Bytes(64) } })).DmPublicKey;
            Assert.Equal((bob.PublicKey, keys[^1], (ulong)i + 1), (stored.Ed25519Pubkey, stored.X25519Pubkey, stored.CreatedAt));
        }
        var sent = (await Task.WhenAll(sending)).Select(answer => answer.SendMessageResult.ServerSequence).ToList();

        Assert.Equal(Enumerable.Range(1, 100).Select(n => (ulong)n), sent.Order());
        await writer.Pushed(push => push.DmKeyRotatedEvent?.NewX25519Pubkey == keys[^1]);
        Assert.Equal(keys, writer.Pushes.Where(push => push.DmKeyRotatedEvent?.UserPubkey == bob.PublicKey).Select(push => push.DmKeyRotatedEvent.NewX25519Pubkey));
        Assert.Equal(keys[^1], (await writer.Ask(new Envelope { DmGetKey = new DmGetKey { Ed25519Pubkey = bob.PublicKey } })).DmPublicKey.X25519Pubkey);
        await reader.Pushed(push => push.DmMessageEvent?.Message.ServerSequence == 100);
        Assert.Equal(Enumerable.Range(1, 100).Select(n => (ulong)n), reader.Pushes.Where(push => push.DmMessageEvent is not null).Select(push => push.DmMessageEvent.Message.ServerSequence));
    }

    [Theory, EachDatabase]
    public async Task History_lists_and_sync_fit_their_frames_and_leave_nothing_out(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (ada, bob) = (await scene.Join("ada"), await Welcoming(scene, "bob"));
        var (writer, reader) = (await scene.Listen(ada), await scene.Listen(bob));
        var dm = await Open(writer, bob);
        var requests = Enumerable.Range(0, 7).Select(_ => Sealed(dm.Id, 96 * 1024, "")).ToArray();
        foreach (var request in requests) Assert.NotNull((await writer.Ask(new Envelope { DmSend = request })).SendMessageResult);

        var read = new List<EncryptedDmMessage>();
        for (var more = true; more;)
        {
            var page = (await reader.Ask(new Envelope { DmHistoryRequest = new DmHistoryRequest { ConversationId = dm.Id, BeforeSequence = read.LastOrDefault()?.ServerSequence ?? 0 } })).DmHistoryResponse;
            Assert.InRange(page.CalculateSize(), 1, 256 * 1024);
            (more, _) = (page.HasMore, page.Messages.Count > 0 ? 0 : throw new InvalidOperationException("An empty page."));
            read.AddRange(page.Messages);
        }
        Assert.Equal(requests.Select(request => request.EncryptedPayload), read.AsEnumerable().Reverse().Select(message => message.EncryptedPayload));

        var (known, synced) = (3ul, new List<ByteString>());
        for (var more = true; more;)
        {
            var sync = new SyncRequest { Partial = true };
            sync.Conversations[dm.Id] = known;
            var answer = (await reader.Ask(new Envelope { SyncRequest = sync })).SyncResponse;
            Assert.InRange(answer.CalculateSize(), 1, 256 * 1024);
            more = answer.More;
            var changed = Assert.Single(answer.Changed);
            synced.AddRange(changed.Messages.Select(message => message.Encrypted.EncryptedPayload));
            known = changed.Revision;
        }
        Assert.Equal(requests.Select(request => request.EncryptedPayload), synced);

        var listed = Assert.Single((await reader.Ask(new Envelope { DmConversationListRequest = new DmConversationListRequest() })).DmConversationListResponse.Conversations);
        Assert.Equal((dm.Id, 7ul, 7u, ""), (listed.Id, listed.LastSequence, listed.UnreadCount, listed.LastMessagePreview));
    }

    [Theory, EachDatabase]
    public async Task Who_comes_back_gets_what_waited_in_order_and_acknowledges_it(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (ada, bob) = (await scene.Join("ada"), await Welcoming(scene, "bob"));
        var writer = await scene.Listen(ada);
        var dm = await Open(writer, bob);
        for (var i = 0; i < 20; i++) await writer.Ask(new Envelope { DmSend = Sealed(dm.Id, 40_000, "") });
        var reader = await scene.Listen(bob);

        var got = new List<ulong>();
        while ((await Waiting(reader)) is { Count: > 0 } page)
        {
            Assert.Equal(page, await Waiting(reader));
            got.AddRange(page.Select(message => message.ServerSequence));
            var ack = new DmOfflineAck();
            ack.MessageIds.AddRange(page.Select(message => message.Id));
            Assert.Equal(0u, (await writer.Ask(new Envelope { DmOfflineAck = ack })).Ok.Acknowledged);
            Assert.Equal((uint)page.Count, (await reader.Ask(new Envelope { DmOfflineAck = ack })).Ok.Acknowledged);
        }
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (ulong)n), got);

        // While they are there, nothing waits.
        await writer.Ask(new Envelope { DmSend = Sealed(dm.Id) });
        await reader.Pushed(push => push.DmMessageEvent is not null);
        Assert.Empty(await Waiting(reader));
    }

    [Theory, EachDatabase]
    public async Task What_waited_too_long_is_told_by_both_wires_that_have_the_queue_until_it_is_read(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (ada, bob) = (await scene.Join("ada"), await Welcoming(scene, "bob"));
        var (writer, reader) = (await scene.Listen(ada), await scene.Listen(bob));
        var dm = await Open(writer, bob);
        await writer.Ask(new Envelope { DmSend = Sealed(dm.Id) });
        await scene.Core.Database.Write(sql => sql.Execute(
            "insert into dm_offline_expired (conversation_id, recipient_id, count, last_sequence) values (@dm, @bob, 3, 1)", ("dm", Guid.Parse(dm.Id)), ("bob", bob.Id)));
        using var rest = new HttpClient { BaseAddress = scene.Address };
        async Task<(ulong, long)> Told() => (
            Assert.Single((await reader.Ask(new Envelope { DmConversationListRequest = new DmConversationListRequest() })).DmConversationListResponse.Conversations).ExpiredCount,
            Assert.Single((await DmCalls.Call(rest, bob.AccessToken, HttpMethod.Get, "/api/dm/conversations")).EnumerateArray()).GetProperty("expired_count").GetInt64());

        Assert.Equal((3ul, 3L), await Told());
        (await (await scene.Drive(WireKind.Proto, bob)).MarkRead(Guid.Parse(dm.Id), 1)).Must();
        Assert.Equal((0ul, 0L), await Told());
    }

    [Theory, EachDatabase]
    public async Task What_is_wrong_is_refused_as_over_rest(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (ada, bob) = (await scene.Join("ada"), await Welcoming(scene, "bob"));
        var client = await scene.Listen(ada);
        var dm = await Open(client, bob);

        foreach (var (request, code, field) in ((Envelope, uint, string)[])
        [
            (new() { DmSend = Sealed(dm.Id, 0) }, 400, "encrypted_payload"), (new() { DmSend = Sealed(dm.Id, (96 * 1024) + 1) }, 413, "encrypted_payload"),
            (new() { DmSend = Sealed("x") }, 400, "conversation_id"), (new() { DmSend = Sealed(Guid.NewGuid().ToString()) }, 404, ""),
            (new() { DmPublishKey = new DmPublishKey { X25519Pubkey = ByteString.CopyFrom(new byte[32]) } }, 400, "x25519_pubkey"),
            (new() { DmPublishKey = new DmPublishKey() }, 400, "x25519_pubkey"), (new() { DmGetKey = new DmGetKey { Ed25519Pubkey = bob.PublicKey } }, 404, ""),
            (new() { DmCreateConversation = new DmCreateConversation { RecipientPubkey = ada.PublicKey } }, 400, "recipient_pubkey"),
            (new() { DmHistoryRequest = new DmHistoryRequest { ConversationId = Guid.NewGuid().ToString() } }, 404, ""),
            (new() { DmOfflineAck = new DmOfflineAck { MessageIds = { "x" } } }, 400, "message_ids"),
        ])
        {
            var error = (await client.Ask(request)).Error;
            Assert.Equal((code, field), (error?.Code ?? 0, error?.Field));
        }
    }

    // Somebody who lets everybody write.
    private static async Task<TestUser> Welcoming(WireScene scene, string name)
    {
        var user = await scene.Join(name);
        Assert.True((await scene.Core.Identity.Accounts.Change(await user.Caller(scene.Core), new ChangeProfile(MessagingAccess: MessagingAccess.Everyone))).Ok);
        return user;
    }

    private static async Task<DmConversation> Open(ProtoClient client, TestUser other) =>
        Assert.Single((await client.Ask(new Envelope { DmCreateConversation = new DmCreateConversation { RecipientPubkey = other.PublicKey } })).DmConversationListResponse.Conversations);

    private static async Task<IReadOnlyList<EncryptedDmMessage>> Waiting(ProtoClient client)
    {
        var answer = (await client.Ask(new Envelope { DmOfflineRequest = new DmOfflineRequest() })).DmOfflineMessagesResponse;
        Assert.InRange(answer.CalculateSize(), 0, 256 * 1024);
        return answer.Messages;
    }

    private static DmSend Sealed(string dm, int bytes = 300, string clientId = "one") => new()
    {
        ConversationId = dm,
        EncryptedPayload = Bytes(bytes),
        Nonce = Bytes(24),
        EphemeralPubkey = Bytes(32),
        Timestamp = 1_700_000_000_000,
        ClientId = clientId,
    };

    private static ByteString Bytes(int count) => ByteString.CopyFrom(RandomNumberGenerator.GetBytes(count));
}
