using United.Core.Storage;

namespace United.Core.Messages;

public enum MessageStatus
{
    Sent,
    Delivered,
    Read,
}

/// <summary>Who got a message and who has read it, as far as they tell. Nobody where receipts are not told: in channels and large groups.</summary>
/// <param name="Status">What holds for everybody it was meant for.</param>
/// <param name="Items">The present members who were members when it was sent, without its sender.</param>
public sealed record MessageReceipts(MessageStatus Status, IReadOnlyList<MessageReceipt> Items);

/// <param name="DeliveredAt">Unix milliseconds; null if it has not, as far as is told.</param>
/// <param name="ReadAt">Unix milliseconds; null if they have not, as far as is told.</param>
public sealed record MessageReceipt(Guid UserId, long? DeliveredAt, long? ReadAt);

/// <summary>
/// The receipts of one message, for its sender: exact, since the first move at or above a message is the one that reached it.
/// </summary>
public sealed class ReceiptReader(Database database)
{
    private const string SelectMessage = """
        select x.conversation_id, x.server_sequence, x.sender_id, x.type, x.timestamp from messages x where x.id = @id and not x.deleted
        """;

    private const string SelectReceipts = $"""
        select m.user_id,
            (select e.at from receipt_events e where e.conversation_id = m.conversation_id and e.user_id = m.user_id
                and e.kind = 2 and e.sequence >= @sequence order by e.sequence limit 1),
            (select e.at from receipt_events e where e.conversation_id = m.conversation_id and e.user_id = m.user_id
                and e.kind = 1 and e.sequence >= @sequence order by e.sequence limit 1)
        from conversations c join conversation_members m on m.conversation_id = c.id
        where c.id = @conversation and m.state = 1 and m.user_id <> @sender and m.joined_at <= @sent and {ReceiptRules.ToldIn}
        order by m.user_id
        """;

    /// <returns>Not found for those who may not read the message, forbidden for everybody else except its sender.</returns>
    public Task<Result<MessageReceipts>> Of(Caller caller, Guid conversationId, Guid messageId, CancellationToken ct = default) =>
        database.Snapshot<Result<MessageReceipts>>(async sql =>
        {
            if (await ReadAccess.Of(sql, caller.UserId, conversationId) is not { } access) return Fault.NotFound;
            var message = await sql.One(SelectMessage, row => new Sent(row.Uuid(0), row.Int64(1), row.Uuid(2), (MessageType)row.Int32(3), row.Int64(4)), ("id", messageId));
            if (message?.ConversationId != conversationId || message.Sequence <= access.HiddenSequence) return Fault.NotFound;
            if (message.SenderId != caller.UserId || message.Type == MessageType.System) return Fault.Forbidden;
            var items = await sql.All(SelectReceipts, Map,
                ("conversation", conversationId), ("sequence", message.Sequence), ("sender", message.SenderId), ("sent", message.Timestamp));
            return new MessageReceipts(Status(items), items);
        }, ct);

    // What was read has been delivered, though no device said so.
    private static MessageReceipt Map(SqlRow row)
    {
        var (delivered, read) = (row.Int64OrNull(1), row.Int64OrNull(2));
        return new MessageReceipt(row.Uuid(0), read < (delivered ?? long.MaxValue) ? read : delivered, read);
    }

    private static MessageStatus Status(List<MessageReceipt> items) =>
        items.Count == 0 || items.Exists(item => item.DeliveredAt is null) ? MessageStatus.Sent
        : items.Exists(item => item.ReadAt is null) ? MessageStatus.Delivered
        : MessageStatus.Read;

    private sealed record Sent(Guid ConversationId, long Sequence, Guid SenderId, MessageType Type, long Timestamp);
}
