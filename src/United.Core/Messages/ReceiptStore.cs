using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Tells of one member's watermark, where it is to be told: records it, and adds its event to the head's.</summary>
internal static class ReceiptStore
{
    private const string SelectTold = $"""
        select x.id from conversation_members m
        join conversations c on c.id = m.conversation_id
        join users u on u.id = m.user_id
        join messages x on x.conversation_id = m.conversation_id and x.server_sequence = @sequence
        where m.conversation_id = @conversation and m.user_id = @user and (u.read_receipts or @kind = 2)
            and {ReceiptRules.ToldIn} and {ReceiptRules.ToldOf}
        """;

    private const string Record = """
        insert into receipt_events (conversation_id, user_id, kind, sequence, at) values (@conversation, @user, @kind, @sequence, @at)
        on conflict do nothing
        """;

    // Stamped anew, so that sync finds what is told from now on.
    private const string Stamp = """
        update conversation_members set last_read_at = case when last_read_sequence > 0 then @at end,
            last_delivered_at = case when last_delivered_sequence > 0 then @at end
        where conversation_id = @conversation and user_id = @user
        returning last_read_sequence, last_delivered_sequence
        """;

    /// <summary>Tells the others that the sender has read what stands above the message.</summary>
    public static ReceiptMoved ReadUpTo(Message message) =>
        new(message.ConversationId, message.SenderId, WatermarkKind.Read, message.Sequence, message.Id, message.Timestamp);

    /// <param name="at">Unix milliseconds.</param>
    public static async Task Tell(Sql sql, ConversationHead head, Guid userId, WatermarkKind kind, long sequence, long at)
    {
        var conversationId = head.Conversation.Id;
        var told = await sql.One(SelectTold, row => (Guid?)row.Uuid(0),
            ("conversation", conversationId), ("user", userId), ("kind", (int)kind), ("sequence", sequence));
        if (told is not { } messageId) return;
        await sql.Execute(Record, ("conversation", conversationId), ("user", userId), ("kind", (int)kind), ("sequence", sequence), ("at", at));
        head.Tell(new ReceiptMoved(conversationId, userId, kind, sequence, messageId, at));
    }

    /// <summary>
    /// Begins to tell of a member who accepted a request in this transaction: where they stand now, and nothing of when they came there.
    /// </summary>
    /// <param name="at">Unix milliseconds.</param>
    public static async Task Begin(Sql sql, ConversationHead head, Guid userId, long at)
    {
        var (read, delivered) = await sql.One(Stamp, row => (row.Int64(0), row.Int64(1)), ("at", at), ("conversation", head.Conversation.Id), ("user", userId));
        if (delivered > 0) await Tell(sql, head, userId, WatermarkKind.Delivered, delivered, at);
        if (read > 0) await Tell(sql, head, userId, WatermarkKind.Read, read, at);
    }
}
