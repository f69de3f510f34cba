using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Stored: values are frozen.</summary>
public enum WatermarkKind
{
    Read = 1,
    Delivered = 2,
}

/// <summary>
/// Watermarks as they are written, one member at a time: only forward, never beyond the last message, and only for those who may
/// read the conversation. In an open channel the first move makes the row, which makes nobody a member.
/// </summary>
internal static class WatermarkStore
{
    private const string MoveRead = """
        insert into conversation_members (conversation_id, user_id, state, joined_at, last_read_sequence, last_read_at)
        select c.id, @user, 0, @at, @sequence, @at
        from conversations c left join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        where c.id = @conversation and (c.open or m.state = 1)
        on conflict (conversation_id, user_id) do update set last_read_sequence = excluded.last_read_sequence, last_read_at = excluded.last_read_at
        where conversation_members.last_read_sequence < excluded.last_read_sequence
        """;

    private const string MoveDelivered = """
        insert into conversation_members (conversation_id, user_id, state, joined_at, last_delivered_sequence, last_delivered_at)
        select c.id, @user, 0, @at, @sequence, @at
        from conversations c left join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        where c.id = @conversation and (c.open or m.state = 1)
        on conflict (conversation_id, user_id) do update set last_delivered_sequence = excluded.last_delivered_sequence, last_delivered_at = excluded.last_delivered_at
        where conversation_members.last_delivered_sequence < excluded.last_delivered_sequence
        """;

    // The sender's own, under the conversation's lock. Its last_sequence is not written yet, so the number is not compared with it.
    private const string MoveSender = """
        insert into conversation_members (conversation_id, user_id, state, joined_at, last_read_sequence, last_read_at)
        values (@conversation, @user, 0, @at, @sequence, @at)
        on conflict (conversation_id, user_id) do update set last_read_sequence = excluded.last_read_sequence, last_read_at = excluded.last_read_at
        where conversation_members.last_read_sequence < excluded.last_read_sequence
        """;

    // Of encrypted messages: what its reader has read need not wait for them.
    private const string DeleteFetched = """
        delete from dm_offline_queue where recipient_id = @user and conversation_id = @conversation
            and (select x.server_sequence from messages x where x.id = message_id) <= @sequence
        """;

    /// <returns>Whether it moved.</returns>
    public static async Task<bool> Move(Sql sql, WatermarkKind kind, ConversationHead head, Guid userId, long sequence, long at)
    {
        var reached = Math.Min(sequence, head.LastSequence);
        if (reached == 0) return false;
        var moved = await sql.Execute(kind == WatermarkKind.Read ? MoveRead : MoveDelivered,
            ("user", userId), ("at", at), ("sequence", reached), ("conversation", head.Conversation.Id)) > 0;
        if (moved && kind == WatermarkKind.Read && head.Conversation.Kind == ConversationKind.Dm)
            await sql.Execute(DeleteFetched, ("user", userId), ("conversation", head.Conversation.Id), ("sequence", reached));
        if (moved && head.Conversation.Kind != ConversationKind.Channel) await ReceiptStore.Tell(sql, head, userId, kind, reached, at);
        return moved;
    }

    /// <summary>Tells the sender's other devices that what stands above the message has been read.</summary>
    public static UnreadChanged PassedOver(Message message) => new(message.SenderId, message.ConversationId, message.Sequence, 0, 0);

    /// <summary>
    /// Whoever writes has read what stands above. Only where others had written there is that a receipt for them, and news for the sender's
    /// other devices.
    /// </summary>
    public static async Task Sent(Sql sql, ConversationHead head, Message message, long lastRead)
    {
        await sql.Execute(MoveSender, ("conversation", message.ConversationId), ("user", message.SenderId), ("at", message.Timestamp), ("sequence", message.Sequence));
        if (head.Conversation.Kind == ConversationKind.Channel || lastRead >= message.Sequence - 1) return;
        head.Tell(PassedOver(message));
        await ReceiptStore.Tell(sql, head, message.SenderId, WatermarkKind.Read, message.Sequence, message.Timestamp);
    }
}
