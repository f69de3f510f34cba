using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Conversations;
using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Storage;
using United.Core.Tests.Conversations;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

public sealed class DmMessageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Whatever_bytes_are_sent_come_back_as_they_were(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        SendDm[] requests =
        [
            DmScene.Sealed(dm, 1), DmScene.Sealed(dm, DmMessages.MostPayload), DmScene.Sealed(dm) with { Payload = new byte[1_000], SentAt = 0 },
            DmScene.Sealed(dm) with { Payload = "{\"content\":\"@everyone <b>\0"u8.ToArray() },
            .. Enumerable.Range(1, 50).Select(n => DmScene.Sealed(dm, RandomNumberGenerator.GetInt32(1, 5_000))),
        ];

        foreach (var request in requests) Assert.True((await scene.Send(ada, request)).Ok);

        var page = (await scene.Messages.Page(bob, new ReadHistory(dm, Limit: 100), Ct)).Value.Messages;
        Assert.Equal(requests.Select(request => request.Payload), page.Reverse().Select(message => message.Sealed!.Payload));
        Assert.Equal(requests.Select(request => request.Nonce), page.Reverse().Select(message => message.Sealed!.Nonce));
        Assert.Equal(requests.Select(request => request.EphemeralKey), page.Reverse().Select(message => message.Sealed!.EphemeralKey));
        Assert.Equal(requests.Select(request => request.SentAt), page.Reverse().Select(message => message.Sealed!.SentAt));
        Assert.All(page, message => Assert.Equal((MessageType.Encrypted, "", false, 0), (message.Type, message.Content, message.Flagged, message.MentionUserIds.Count)));
        Assert.Equal(Enumerable.Range(1, requests.Length).Select(n => (long)n), page.Reverse().Select(message => message.Sequence));
        await scene.Scene.AssertDense(dm);
        // What is told live, and what repairs a gap, is the same.
        var repaired = (await new ChangesSince(scene.Scene.Database).Read(new Dictionary<Guid, long> { [dm] = 3 }, Ct))[0].Events().OfType<MessagePosted>();
        Assert.Equal(requests.Select(request => request.Payload), repaired.Select(told => told.Message.Sealed!.Payload));
        Assert.Equal(requests.Select(request => request.Payload), scene.Scene.Bus.Of(dm).OfType<MessagePosted>().Select(told => told.Message.Sealed!.Payload));
    }

    [Theory, EachDatabase]
    public async Task Nothing_wrong_is_stored(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var (eve, keyless) = (await scene.Person(), await scene.Scene.Person());
        var group = await Talks.Over(scene.Scene).Group(ada, bob);
        var before = await scene.Trace();
        var good = DmScene.Sealed(dm);

        foreach (var (request, fault, field) in ((SendDm, Fault, string)[])
        [
            (good with { Payload = [] }, Fault.ValidationFailed, "encrypted_payload"),
            (good with { Payload = new byte[DmMessages.MostPayload + 1] }, Fault.TooLarge, "encrypted_payload"),
            (good with { Nonce = new byte[23] }, Fault.ValidationFailed, "nonce"), (good with { Nonce = new byte[25] }, Fault.ValidationFailed, "nonce"),
            (good with { EphemeralKey = new byte[31] }, Fault.ValidationFailed, "ephemeral_pubkey"),
            (good with { EphemeralKey = new byte[33] }, Fault.ValidationFailed, "ephemeral_pubkey"),
            (good with { SentAt = -1 }, Fault.ValidationFailed, "timestamp"), (good with { SentAt = long.MaxValue }, Fault.ValidationFailed, "timestamp"),
            (good with { ClientId = "" }, Fault.ValidationFailed, "client_id"),
        ])
            Assert.Equal((fault, field), Refused(await scene.Send(ada, request)));
        Assert.Equal((Fault.NotFound, null), Refused(await scene.Send(eve, good)));
        Assert.Equal((Fault.NotFound, null), Refused(await scene.Send(ada, good with { ConversationId = group })));
        Assert.Equal((Fault.NotFound, null), Refused(await scene.Send(ada, good with { ConversationId = Ids.New(scene.Scene.Time) })));
        Assert.Equal((Fault.NoIdentityKey, null), Refused(await scene.Send(keyless, good)));
        Assert.Equal(Fault.NotFound, (await scene.Messages.Page(eve, new ReadHistory(dm), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Messages.Page(ada, new ReadHistory(group), Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());
    }

    [Theory, EachDatabase]
    public async Task The_same_again_answers_with_the_first_result_and_another_payload_under_its_nonce_is_refused(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var (request, named) = (DmScene.Sealed(dm), DmScene.Sealed(dm, clientId: "one"));
        var first = (await scene.Send(ada, request)).Value;
        var second = (await scene.Send(ada, named)).Value;
        var before = await scene.Trace();

        var again = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => scene.Send(ada, request with { SentAt = 5 })));
        Assert.All(again, one => Assert.Equal((first.Message.Id, 1L, true), (one.Value.Message.Id, one.Value.Message.Sequence, one.Value.Duplicate)));
        Assert.Equal((second.Message.Id, true), ((await scene.Send(ada, DmScene.Sealed(dm, clientId: "one"))).Value is var same ? same.Message.Id : default, same.Duplicate));
        Assert.Equal((Fault.Conflict, "nonce"), Refused(await scene.Send(ada, request with { Payload = RandomNumberGenerator.GetBytes(300) })));
        Assert.Equal((Fault.Conflict, "nonce"), Refused(await scene.Send(ada, request with { EphemeralKey = RandomNumberGenerator.GetBytes(32) })));
        Assert.Equal((Fault.Conflict, "nonce"), Refused(await scene.Send(ada, named with { Payload = RandomNumberGenerator.GetBytes(300) })));
        Assert.Equal(before, await scene.Trace());

        // Nonces are each sender's own, and of each conversation.
        Assert.Equal(3, (await scene.Send(bob, request)).Value.Message.Sequence);
        Assert.Equal(1, (await scene.Send(ada, request with { ConversationId = await scene.Open(ada, await scene.Person()) })).Value.Message.Sequence);
    }

    [Theory, EachDatabase]
    public async Task Whose_rights_ended_before_their_turn_came_sends_nothing(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, gone, dm) = await scene.Pair();
        var before = await scene.Trace();
        await using var log = new MessageLog(
            scene.Scene.Database, scene.Scene.Bus, scene.Scene.Limits, LogScene.ServerId, scene.Scene.Time, new MessageLogOptions(), NullLogger<MessageLog>.Instance)
        {
            Stands = caller => caller != gone,
        };
        var messages = new DmMessages(scene.Scene.Database, log, scene.Scene.Limits, scene.Scene.Time);

        Assert.Equal(Fault.Unavailable, (await messages.Send(gone, DmScene.Sealed(dm), Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());
        Assert.True((await messages.Send(ada, DmScene.Sealed(dm), Ct)).Ok);
    }

    [Theory, EachDatabase]
    public async Task One_of_many_at_once_is_stored(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        await using var node = scene.Other();
        var (ada, _, dm) = await scene.Pair();
        var request = DmScene.Sealed(dm);

        var sent = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? scene : node).Send(ada, request)));

        Assert.Single(sent, one => !one.Value.Duplicate);
        Assert.Single(sent.Select(one => one.Value.Message.Id).Distinct());
        Assert.Equal(1, await scene.Scene.Count("select count(*) from messages"));
    }

    [Theory, EachDatabase]
    public async Task Deleted_for_both_it_leaves_its_number_and_nothing_of_what_it_held(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var request = DmScene.Sealed(dm);
        var sent = (await scene.Send(ada, request)).Value.Message;

        Assert.Equal(Fault.Forbidden, (await scene.Scene.Log.Delete(bob, new DeleteMessage(dm, sent.Id), Ct)).Refusal?.Fault);
        Assert.True((await scene.Scene.Log.Delete(ada, new DeleteMessage(dm, sent.Id), Ct)).Ok);

        Assert.Equal(0, await scene.Scene.Count("select sum(length(payload)) from messages"));
        Assert.Empty(await scene.Waiting(bob));
        Assert.Empty((await scene.Messages.Page(bob, new ReadHistory(dm), Ct)).Value.Messages);
        var left = Assert.Single((await scene.Messages.Page(bob, new ReadHistory(dm, IncludeDeleted: true), Ct)).Value.Messages);
        Assert.Equal((true, 1L, 0), (left.Deleted, left.Sequence, left.Sealed!.Payload.Length));
        Assert.Equal((sent.Id, true), ((await scene.Send(ada, request)).Value is var again ? again.Message.Id : default, again.Message.Deleted));
        Assert.Equal(2, (await scene.Send(bob, dm)).Sequence);
        await scene.Scene.AssertDense(dm);
    }

    [Theory, EachDatabase]
    public async Task Words_edits_and_reactions_are_for_other_conversations(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, _, dm) = await scene.Pair();
        var sent = await scene.Send(ada, dm);
        var before = await scene.Trace();

        Assert.Equal(Fault.EncryptedConversation, (await scene.Scene.Log.Post(ada, new PostMessage(dm, "hello"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.EncryptedConversation, (await scene.Scene.Log.Edit(ada, new EditMessage(dm, sent.Id, "hello"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.EncryptedConversation, (await scene.Scene.Log.React(ada, new AddReaction(sent.Id, "like"), Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());
    }

    [Theory, EachDatabase]
    public async Task Requests_and_blocks_hold_as_in_direct_conversations_and_for_both_together(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        await scene.Scene.Access(bob, 1);

        await scene.Sent(ada, dm, 5);
        var pending = (await scene.Send(ada, DmScene.Sealed(dm))).Refusal;
        Assert.Equal((Refusal)Fault.RequestLimit, pending);
        var asked = Assert.Single(scene.Scene.Bus.Published.OfType<RequestReceived>());
        Assert.Equal((bob.UserId, dm), (asked.UserId, asked.Request.ConversationId));
        Assert.Equal([dm], (await Talks.Over(scene.Scene).List(bob, new ListConversations(ListState.Requests), Ct)).Select(view => view.Conversation.Id));

        await Talks.RequestsOver(scene.Scene).Decline(bob, asked.Request.Id, Ct);
        Assert.Equal(pending, (await scene.Send(ada, DmScene.Sealed(dm))).Refusal);
        Assert.Empty((await scene.Conversations.List(bob, Ct)).Value);

        // Writing back accepts, and frees the direct conversation too.
        await scene.Send(bob, dm);
        Assert.Equal(2, scene.Scene.Bus.Published.OfType<RequestAccepted>().Count());
        Assert.Equal(7, (await scene.Send(ada, dm)).Sequence);
        var direct = await Talks.Over(scene.Scene).Direct(ada, bob);
        for (var i = 1; i <= 6; i++) Assert.Equal(i, (await scene.Scene.Post(ada, direct, $"{i}")).Sequence);
        Assert.Equal(1, await scene.Scene.Count("select count(*) from message_requests"));

        await scene.Scene.Block(bob, ada);
        Assert.Equal((Refusal)Fault.Forbidden, (await scene.Send(ada, DmScene.Sealed(dm))).Refusal);
        Assert.Equal((Refusal)Fault.Forbidden, (await scene.Send(bob, DmScene.Sealed(dm))).Refusal);
    }

    // Else whoever has asked in one conversation would ask, or be heard, once more in each further one.
    [Theory, EachDatabase]
    public async Task Until_the_answer_five_messages_go_to_one_person_in_all_conversations_together(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        await scene.Scene.Access(bob, 1);
        var direct = await Talks.Over(scene.Scene).Direct(ada, bob);

        for (var i = 0; i < 3; i++) await scene.Scene.Post(ada, direct, "hello");
        await scene.Sent(ada, dm, 2);

        Assert.Equal((Refusal)Fault.RequestLimit, (await scene.Send(ada, DmScene.Sealed(dm))).Refusal);
        Assert.Equal((Refusal)Fault.RequestLimit, (await scene.Scene.Log.Post(ada, new PostMessage(direct, "listen"), Ct)).Refusal);
        var renamed = await scene.Rekey(ada);
        var another = await scene.Open(renamed, bob);
        Assert.NotEqual(dm, another);
        Assert.Equal((Refusal)Fault.RequestLimit, (await scene.Send(renamed, DmScene.Sealed(another))).Refusal);
        Assert.Single(scene.Scene.Bus.Published.OfType<RequestReceived>());
    }

    [Theory, EachDatabase]
    public async Task Who_has_talked_is_neither_asked_nor_refused_in_another_conversation(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await Talks.Over(scene.Scene).Direct(ada, bob);
        await scene.Scene.Post(bob, direct, "you take everybody");
        foreach (var access in (int[])[1, 2])
        {
            await scene.Scene.Access(bob, access);
            ada = await scene.Rekey(ada);
            var dm = await scene.Open(ada, bob);
            Assert.Equal(7, (await scene.Sent(ada, dm, 7))[^1].Sequence);
            await scene.Scene.Post(ada, direct, "still here");
        }

        Assert.Empty(scene.Scene.Bus.Published.OfType<RequestReceived>());
        Assert.Equal(3, (await Talks.Over(scene.Scene).Ids(bob)).Length);
    }

    [Theory, EachDatabase]
    public async Task Sync_brings_them_whole_and_is_truncated_where_they_are_too_much_together(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var requests = Enumerable.Range(0, 3).Select(_ => DmScene.Sealed(dm)).ToArray();
        foreach (var request in requests) await scene.Send(ada, request);

        var sync = new Sync(scene.Scene.Database, scene.Scene.Time);
        var changed = Assert.Single((await sync.Read(bob, new SyncRequest(new Dictionary<Guid, long> { [dm] = 3 }), Ct)).Value.Changed);
        Assert.Equal(requests.Select(request => request.Payload), changed.Messages.Select(message => message.Sealed!.Payload));
        var added = Assert.Single((await sync.Read(bob, new SyncRequest(new Dictionary<Guid, long>()), Ct)).Value.Added);
        Assert.Equal((3, MessageType.Encrypted), (added.UnreadCount, added.LastMessage?.Type));
        Assert.Null(added.LastMessage?.Sealed);

        for (var i = 0; i < 171; i++) await scene.Send(ada, DmScene.Sealed(dm, DmMessages.MostPayload));
        var large = Assert.Single((await sync.Read(bob, new SyncRequest(new Dictionary<Guid, long> { [dm] = 3 }), Ct)).Value.Changed);
        Assert.True(large.Truncated);
        Assert.Empty(large.Messages);
        Assert.All((await scene.Messages.Page(bob, new ReadHistory(dm, Limit: 100), Ct)).Value.Messages, message => Assert.Equal(DmMessages.MostPayload, message.Sealed?.Payload.Length));
    }

    private static (Fault? Fault, string? Field) Refused<T>(Result<T> result) => (result.Refusal?.Fault, result.Refusal?.Field);
}
