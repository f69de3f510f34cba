using United.Core;
using United.Core.Identity;
using United.Core.Messages;
using United.Wire.Chat;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>130 to 139, 142 and 143: posting, changing, reading, catching up.</summary>
internal sealed class MessagesFrames(MessageLog log, History history, Sync sync, ServerIdentity server)
{
    public async Task<Result<Envelope>> Send(Caller caller, SendMessage request, CancellationToken ct)
    {
        if (!Fields.Id(request.ChannelId, "channel_id").TryGet(out var channel, out var refusal)) return refusal;
        if (!Fields.IdOrNone(request.ReplyToId, "reply_to_id").TryGet(out var replyTo, out refusal)) return refusal;
        if (!Fields.IdOrNone(request.SharedPostId, "shared_post_id").TryGet(out var sharedPost, out refusal)) return refusal;
        if (!Fields.All(request.MediaIds, "media_ids").TryGet(out var media, out refusal)) return refusal;
        if (!MessageTypeNames.Parse(Fields.TextOrNone(request.Type)).TryGet(out var type, out refusal)) return refusal;
        var post = new PostMessage(
            channel, request.Content, replyTo, Fields.TextOrNone(request.ClientId), OriginOf(request), type, media, sharedPost);
        return Fields.Answer(await log.Post(caller, post, ct), posted => new() { SendMessageResult = Of(posted) });
    }

    public async Task<Result<Envelope>> Edit(Caller caller, Wire.Ws.EditMessage request, CancellationToken ct)
    {
        if (!Place(request.ChannelId, request.MessageId).TryGet(out var place, out var refusal)) return refusal;
        var edited = await log.Edit(caller, new(place.Channel, place.Message, request.Content), ct);
        return Fields.Answer(edited, message => new() { Ok = new Ok { Revision = (ulong)message.Revision, Sequence = (ulong)message.Sequence } });
    }

    public async Task<Result<Envelope>> Delete(Caller caller, Wire.Ws.DeleteMessage request, CancellationToken ct)
    {
        if (!Place(request.ChannelId, request.MessageId).TryGet(out var place, out var refusal)) return refusal;
        return Fields.Answer(await log.Delete(caller, new(place.Channel, place.Message), ct), _ => new() { Ok = new Ok() });
    }

    public async Task<Result<Envelope>> React(Caller caller, Wire.Ws.AddReaction request, CancellationToken ct)
    {
        if (!Fields.Id(request.MessageId, "message_id").TryGet(out var message, out var refusal)) return refusal;
        return Fields.Answer(await log.React(caller, new(message, request.Emoji, request.Toggle), ct), Of);
    }

    public async Task<Result<Envelope>> Unreact(Caller caller, Wire.Ws.RemoveReaction request, CancellationToken ct)
    {
        if (!Fields.Id(request.MessageId, "message_id").TryGet(out var message, out var refusal)) return refusal;
        return Fields.Answer(await log.Unreact(caller, new(message, request.Emoji), ct), Of);
    }

    public async Task<Result<Envelope>> MarkRead(Caller caller, MarkRead request, CancellationToken ct)
    {
        if (!Fields.Id(request.ConversationId, "conversation_id").TryGet(out var conversation, out var refusal)) return refusal;
        return Fields.Answer(await log.MarkRead(caller, new(conversation, Fields.Number(request.Sequence)), ct), Of);
    }

    public async Task<Result<Envelope>> MarkDelivered(Caller caller, MarkDelivered request, CancellationToken ct)
    {
        if (!Fields.Id(request.ConversationId, "conversation_id").TryGet(out var conversation, out var refusal)) return refusal;
        return Fields.Answer(await log.MarkDelivered(caller, new(conversation, Fields.Number(request.Sequence)), ct), Of);
    }

    public async Task<Result<Envelope>> History(Caller caller, FetchHistoryRequest request, CancellationToken ct)
    {
        if (!Fields.Id(request.ChannelId, "channel_id").TryGet(out var channel, out var refusal)) return refusal;
        var page = new ReadHistory(
            channel,
            Fields.NumberOrNone(request.BeforeSequence),
            request.HasAfterSequence ? Fields.Number(request.AfterSequence) : null,
            request.HasAroundSequence ? Fields.Number(request.AroundSequence) : null,
            request.Limit == 0 ? Core.Messages.History.UsualLimit : (int)Math.Min(request.Limit, Core.Messages.History.MostLimit),
            request.IncludeDeleted);
        return Fields.Answer(await history.Page(caller, page, ct), found => new() { FetchHistoryResponse = HistoryAnswer.Of(page, found) });
    }

    public async Task<Result<Envelope>> Sync(Caller caller, Wire.Ws.SyncRequest request, CancellationToken ct)
    {
        var known = new Dictionary<Guid, long>(request.Conversations.Count);
        foreach (var (id, revision) in request.Conversations)
        {
            if (!Fields.Id(id, "conversations").TryGet(out var conversation, out var refusal)) return refusal;
            known[conversation] = Fields.Number(revision);
        }
        var asked = new Core.Messages.SyncRequest(known, request.Partial, request.HasReceiptsSince ? Fields.Number(request.ReceiptsSince) : null);
        return Fields.Answer(await sync.Read(caller, asked, ct), found => new() { SyncResponse = SyncFitting.Answer(known, found, server.LogEpoch) });
    }

    private static Result<(Guid Channel, Guid Message)> Place(string channelId, string messageId)
    {
        if (!Fields.Id(channelId, "channel_id").TryGet(out var channel, out var refusal)) return refusal;
        return Fields.Id(messageId, "message_id").TryGet(out var message, out refusal) ? (channel, message) : refusal;
    }

    private static SignedOrigin? OriginOf(SendMessage request) => request.Signature.IsEmpty
        ? null
        : new SignedOrigin(request.Signature.ToByteArray(), request.Payload.ToByteArray(), Fields.Number(request.Timestamp), Fields.Number(request.SequenceHint));

    private static SendMessageResult Of(PostResult posted) => new()
    {
        MessageId = Shapes.Id(posted.MessageId),
        ServerSequence = (ulong)posted.Sequence,
        Timestamp = (ulong)posted.Timestamp,
        Revision = (ulong)posted.Revision,
        ClientId = posted.ClientId ?? "",
        Duplicate = posted.Duplicate,
    };

    private static Envelope Of(ReactionResult result)
    {
        var ok = new Ok { Revision = (ulong)result.Revision };
        Shapes.Add(ok.Reactions, result.Reactions);
        return new() { Ok = ok };
    }

    private static Envelope Of(WatermarkResult moved) => new() { Ok = new Ok { Sequence = (ulong)moved.Sequence } };
}
