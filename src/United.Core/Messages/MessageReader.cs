using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Single messages, for those who may read their conversation.</summary>
public sealed class MessageReader(Database database)
{
    /// <returns>Deleted ones too, as such.</returns>
    public Task<Result<Message>> One(Caller caller, Guid messageId, CancellationToken ct = default) =>
        database.Read(async sql => await Visible(sql, caller.UserId, messageId) is { } message
            ? message
            : (Result<Message>)Fault.NotFound, ct);

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

    private static async Task<Message?> Visible(Sql sql, Guid? userId, Guid messageId)
    {
        if (await MessageRows.ByIds(sql, [messageId], userId) is not [var message]) return null;
        var seen = userId is { } user
            ? await ReadAccess.Of(sql, user, message.ConversationId) is { } access && message.Sequence > access.HiddenSequence
            : await ReadAccess.IsOpen(sql, message.ConversationId);
        return seen ? message : null;
    }
}
