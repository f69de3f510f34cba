using Google.Protobuf;
using United.Core;
using United.Core.DirectMessages;
using United.Core.Messages;
using United.Wire.Dm;
using United.Wire.Ws;
using DmConversation = United.Core.DirectMessages.DmConversation;

namespace United.Server.ProtoSocket;

/// <summary>150 to 164: encrypted conversations. What their messages hold goes through as bytes.</summary>
internal sealed class DirectMessagesFrames(DmKeys keys, DmConversations conversations, DmMessages messages, OfflineQueue queue)
{
    public async Task<Result<Envelope>> PublishKey(Caller caller, DmPublishKey request, CancellationToken ct)
    {
        var key = new PublishDmKey(
            request.X25519Pubkey.ToByteArray(), BytesOrNone(request.KeyId), Fields.NumberOrNone(request.CreatedAt), Fields.NumberOrNone(request.ExpiresAt), BytesOrNone(request.Signature));
        return Fields.Answer(await keys.Publish(caller, key, ct), Of);
    }

    public async Task<Result<Envelope>> FindKey(Caller caller, DmGetKey request, CancellationToken ct) =>
        Fields.Answer(await keys.Find(caller, request.Ed25519Pubkey, ct), Of);

    public async Task<Result<Envelope>> Open(Caller caller, DmCreateConversation request, CancellationToken ct) =>
        Fields.Answer(await conversations.Open(caller, request.RecipientPubkey, ct), opened => Listed([opened.Conversation]));

    public async Task<Result<Envelope>> List(Caller caller, CancellationToken ct) => Fields.Answer(await conversations.List(caller, ct), Listed);

    public async Task<Result<Envelope>> Send(Caller caller, DmSend request, CancellationToken ct)
    {
        if (!Fields.Id(request.ConversationId, "conversation_id").TryGet(out var conversation, out var refusal)) return refusal;
        var sealedBody = new SendDm(conversation, request.EncryptedPayload.ToByteArray(), request.Nonce.ToByteArray(), request.EphemeralPubkey.ToByteArray(),
            Fields.Number(request.Timestamp), Fields.TextOrNone(request.ClientId));
        return Fields.Answer(await messages.Send(caller, sealedBody, ct), Of);
    }

    public async Task<Result<Envelope>> History(Caller caller, DmHistoryRequest request, CancellationToken ct)
    {
        if (!Fields.Id(request.ConversationId, "conversation_id").TryGet(out var conversation, out var refusal)) return refusal;
        var page = new ReadHistory(conversation, Fields.NumberOrNone(request.BeforeSequence),
            Limit: request.Limit == 0 ? Core.Messages.History.UsualLimit : (int)Math.Min(request.Limit, Core.Messages.History.MostLimit));
        return Fields.Answer(await messages.Page(caller, page, ct), found => new() { DmHistoryResponse = Of(found) });
    }

    /// <summary>Acknowledged by a request of its own: what was only put into a connection may not arrive.</summary>
    public async Task<Result<Envelope>> Waiting(Caller caller, CancellationToken ct) =>
        Fields.Answer(await queue.Waiting(caller, HistoryAnswer.MostBytes, ct), found =>
        {
            var answer = new DmOfflineMessagesResponse();
            answer.Messages.AddRange(Fitting(found.Select(Of)));
            return new() { DmOfflineMessagesResponse = answer };
        });

    public async Task<Result<Envelope>> Acknowledge(Caller caller, DmOfflineAck request, CancellationToken ct)
    {
        if (!Fields.All(request.MessageIds, "message_ids").TryGet(out var ids, out var refusal)) return refusal;
        return Fields.Answer(await queue.Acknowledge(caller, ids, ct), count => new() { Ok = new Ok { Acknowledged = (uint)count } });
    }

    public static Envelope Of(MessagePosted posted) => new() { DmMessageEvent = new DmMessageEvent { Message = Of(posted.Message) } };

    public static Envelope Of(DmConversationCreated created) =>
        new() { DmConversationCreatedEvent = new DmConversationCreatedEvent { Conversation = Of(created.Conversation) } };

    public static Envelope Of(DmKeyRotated rotated) => new()
    {
        DmKeyRotatedEvent = new DmKeyRotatedEvent
        {
            UserPubkey = rotated.Key.Owner,
            NewX25519Pubkey = ByteString.CopyFrom(rotated.Key.PublicKey),
            Timestamp = (ulong)rotated.Key.PublishedAt,
        },
    };

    public static EncryptedDmMessage Of(Message message)
    {
        var shape = new EncryptedDmMessage
        {
            Id = Shapes.Id(message.Id),
            ConversationId = Shapes.Id(message.ConversationId),
            SenderId = Shapes.Id(message.SenderId),
            SenderPubkey = message.SenderPublicKey,
            SenderDisplayName = message.SenderDisplayName,
            ServerSequence = (ulong)message.Sequence,
            Revision = (ulong)message.Revision,
            ClientId = message.ClientId ?? "",
            Deleted = message.Deleted,
        };
        if (message.Sealed is not { } body) return shape;
        shape.EncryptedPayload = ByteString.CopyFrom(body.Payload);
        shape.Nonce = ByteString.CopyFrom(body.Nonce);
        shape.EphemeralPubkey = ByteString.CopyFrom(body.EphemeralKey);
        shape.Timestamp = (ulong)body.SentAt;
        return shape;
    }

    private static DmHistoryResponse Of(HistoryPage page)
    {
        var answer = new DmHistoryResponse();
        answer.Messages.AddRange(Fitting(page.Messages.Select(Of)));
        answer.HasMore = page.HasMore || answer.Messages.Count < page.Messages.Count;
        return answer;
    }

    private static Envelope Of(DmKey key)
    {
        var shape = new DmPublicKey
        {
            Ed25519Pubkey = key.Owner,
            X25519Pubkey = ByteString.CopyFrom(key.PublicKey),
            PublishedAt = (ulong)key.PublishedAt,
            CreatedAt = (ulong)(key.CreatedAt ?? 0),
            ExpiresAt = (ulong)(key.ExpiresAt ?? 0),
        };
        if (key.KeyId is { } id) shape.KeyId = ByteString.CopyFrom(id);
        if (key.Signature is { } signature) shape.Signature = ByteString.CopyFrom(signature);
        return new() { DmPublicKey = shape };
    }

    private static Envelope Of(SentDm sent) => new()
    {
        SendMessageResult = new SendMessageResult
        {
            MessageId = Shapes.Id(sent.Message.Id),
            ServerSequence = (ulong)sent.Message.Sequence,
            Timestamp = (ulong)sent.Message.Timestamp,
            Revision = (ulong)sent.Message.Revision,
            ClientId = sent.Message.ClientId ?? "",
            Duplicate = sent.Duplicate,
        },
    };

    private static Envelope Listed(IReadOnlyList<DmConversation> list)
    {
        var answer = new DmConversationListResponse();
        answer.Conversations.AddRange(Fitting(list.Select(Of)));
        return new() { DmConversationListResponse = answer };
    }

    private static Wire.Dm.DmConversation Of(DmConversation conversation) => new()
    {
        Id = Shapes.Id(conversation.Id),
        ParticipantAPubkey = conversation.A.PublicKey,
        ParticipantBPubkey = conversation.B.PublicKey,
        ParticipantADisplayName = conversation.A.DisplayName,
        ParticipantBDisplayName = conversation.B.DisplayName,
        CreatedAt = (ulong)conversation.CreatedAt,
        LastMessageAt = (ulong)(conversation.LastMessageAt ?? 0),
        LastSequence = (ulong)conversation.LastSequence,
        UnreadCount = (uint)conversation.UnreadCount,
        ExpiredCount = (ulong)conversation.ExpiredCount,
    };

    // From the first on, as many as fit an answer. One always does.
    private static IEnumerable<T> Fitting<T>(IEnumerable<T> shapes)
        where T : IMessage
    {
        var room = HistoryAnswer.MostBytes;
        return shapes.TakeWhile(shape => (room -= Sizes.AsField(shape)) >= 0);
    }

    private static byte[]? BytesOrNone(ByteString bytes) => bytes.IsEmpty ? null : bytes.ToByteArray();
}
