using United.Core;
using United.Core.Identity;
using United.Core.Messages;
using United.Server.Rest;
using United.SocketIo;
using Refusal = United.Core.Refusal;

namespace United.Server.SocketIo;

/// <summary>message:*, reaction:* and sync: posting, changing, reading, catching up, in channels as in conversations.</summary>
internal sealed class MessagesSocketEvents(MessageLog log, History history, MessageReader reader, Sync sync, ServerIdentity server)
{
    public async Task<Result<Reply>> Send(Caller caller, SendBody body, Socket socket)
    {
        if (!MessageTypeNames.Parse(body.Type).TryGet(out var type, out var refusal)) return refusal;
        var post = new PostMessage(
            body.ConversationId, body.Content, body.ReplyToId, body.ClientId, Origin: null, type, body.MediaIds, body.SharedPostId);
        if (!(await log.Post(caller, post)).TryGet(out var posted, out refusal)) return refusal;
        socket.Emit(socket.Namespace.Prepare("message:sent", new SentJson(posted.MessageId, posted.ClientId, body.ConversationId, posted.Sequence)));
        return new Reply(new PostedJson(posted.MessageId, posted.Sequence, posted.Timestamp, posted.Revision));
    }

    public async Task<Result<Reply>> Edit(Caller caller, EditBody body) =>
        Reply.Of(await log.Edit(caller, new(body.ConversationId, body.MessageId, body.Content)), edited => new ChangedJson(edited.Revision));

    public async Task<Result<Reply>> Delete(Caller caller, DeleteBody body) =>
        Reply.Of(await log.Delete(caller, new(body.ConversationId, body.MessageId)), revision => new ChangedJson(revision));

    public async Task<Result<Reply>> MarkRead(Caller caller, MarkBody body)
    {
        if (!(await PlaceOf(caller, body)).TryGet(out var place, out var refusal)) return refusal;
        return Reply.Of(await log.MarkRead(caller, place), moved => new ReadJson(moved.UnreadCount, moved.Sequence));
    }

    public async Task<Result<Reply>> MarkDelivered(Caller caller, MarkBody body)
    {
        if (!(await PlaceOf(caller, body)).TryGet(out var place, out var refusal)) return refusal;
        return Reply.Of(await log.MarkDelivered(caller, place), moved => new DeliveredJson(moved.Sequence));
    }

    public async Task<Result<Reply>> History(Caller caller, HistoryBody body)
    {
        var page = new ReadHistory(
            body.ConversationId, body.Before, body.After, body.Around, body.Limit ?? Core.Messages.History.UsualLimit, body.IncludeDeleted ?? false);
        return Reply.Of(await history.Page(caller, page), found => HistoryJson.Of(found, caller, around: body.Around is not null));
    }

    public async Task<Result<Reply>> React(Caller caller, ReactBody body) =>
        Reactions(caller, await log.React(caller, new(body.MessageId, body.Emoji, body.Toggle ?? false)));

    public async Task<Result<Reply>> Unreact(Caller caller, ReactBody body) =>
        Reactions(caller, await log.Unreact(caller, new(body.MessageId, body.Emoji)));

    public async Task<Result<Reply>> Sync(Caller caller, SyncBody body)
    {
        if (!body.Request().TryGet(out var request, out var refusal)) return refusal;
        return Reply.Of(await sync.Read(caller, request), found => SyncJson.Of(found, caller, server.LogEpoch));
    }

    private static Result<Reply> Reactions(Caller caller, Result<ReactionResult> result) =>
        Reply.Of(result, done => new ReactionsJson(ReactionJson.Grouped(done.Reactions, caller)));

    // By number, or by a message that the caller may see.
    private async Task<Result<MoveWatermark>> PlaceOf(Caller caller, MarkBody body)
    {
        if (body.MessageId is null == body.Sequence is null) return Refusal.Invalid("sequence", "or messageId has to be given, and not both");
        if (body.Sequence is { } sequence) return new MoveWatermark(body.ConversationId, sequence);
        if (!(await reader.One(caller, body.MessageId!.Value)).TryGet(out var message, out var refusal)) return refusal;
        return message.ConversationId == body.ConversationId ? new MoveWatermark(body.ConversationId, message.Sequence) : Fault.NotFound;
    }
}
