using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Single messages, for those who may read their conversation, and for their senders.</summary>
public sealed class MessageReader(Database database)
{
    /// <returns>Deleted ones too, as such.</returns>
    public Task<Result<Message>> One(Caller caller, Guid messageId, CancellationToken ct = default) =>
        database.Read(async sql => await Visible(sql, caller.UserId, messageId) is { } message
            ? message
            : (Result<Message>)Fault.NotFound, ct);

    /// <summary>What the caller posted, as it is now. Where they may not read it any more, it comes without what others added to it.</summary>
    /// <returns>Deleted ones too, as such. Not found for what somebody else wrote.</returns>
    public Task<Result<Message>> Own(Caller caller, Guid messageId, CancellationToken ct = default) => database.Read<Result<Message>>(async sql =>
    {
        if (await MessageRows.ByIds(sql, [messageId], caller.UserId) is not [var message] || message.SenderId != caller.UserId) return Fault.NotFound;
        return await Sees(sql, caller.UserId, message) ? message : message with { ReplyTo = null, Reactions = [] };
    }, ct);

    /// <summary>What stands on a message, the oldest first.</summary>
    /// <param name="caller">Null for somebody without an account, who reads open channels only.</param>
    public Task<Result<Reaction[]>> Reactions(Caller? caller, Guid messageId, CancellationToken ct = default) =>
        database.Read(async sql => await Visible(sql, caller?.UserId, messageId) is { Deleted: false } message
            ? message.Reactions.ToArray()
            : (Result<Reaction[]>)Fault.NotFound, ct);

    /// <summary>How far the caller has read, 0 if never.</summary>
    public Task<Result<ReadState>> State(Caller caller, Guid conversationId, CancellationToken ct = default) =>
        database.Read(async sql => await ReadAccess.Of(sql, caller.UserId, conversationId) is null
            ? (Result<ReadState>)Fault.NotFound
            : await UnreadCounts.Of(sql, caller.UserId, conversationId), ct);

    private static async Task<Message?> Visible(Sql sql, Guid? userId, Guid messageId) =>
        await MessageRows.ByIds(sql, [messageId], userId) is [var message] && await Sees(sql, userId, message) ? message : null;

    // Asked after the message was read: so nobody gets a state of it from after their removal.
    private static async Task<bool> Sees(Sql sql, Guid? userId, Message message) => userId is { } user
        ? await ReadAccess.Of(sql, user, message.ConversationId) is { } access && message.Sequence > access.HiddenSequence
        : await ReadAccess.IsOpen(sql, message.ConversationId);
}
