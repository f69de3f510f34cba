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

    // Reads of those who tell nobody what they read are not recorded.
    private const string Record = $"""
        insert into receipt_events (conversation_id, user_id, kind, sequence, at)
        select m.conversation_id, m.user_id, @kind, @sequence, @at
        from conversation_members m join conversations c on c.id = m.conversation_id join users u on u.id = m.user_id
        where m.conversation_id = @conversation and m.user_id = @user and (u.read_receipts or @kind = 2) and {Told}
        on conflict do nothing
        """;

    /// <summary>The conversation c is one whose receipts are told to others: of two people, or a group of up to 256.</summary>
    internal const string Told = """
        (c.kind in (3, 4) or (c.kind = 2 and (select count(*) from
            (select 1 from conversation_members x where x.conversation_id = c.id and x.state = 1 limit 257) members) <= 256))
        """;

    /// <returns>Whether it moved.</returns>
    public static async Task<bool> Move(Sql sql, WatermarkKind kind, ConversationHead head, Guid userId, long sequence, long at)
    {
        var reached = Math.Min(sequence, head.LastSequence);
        if (reached == 0) return false;
        var moved = await sql.Execute(kind == WatermarkKind.Read ? MoveRead : MoveDelivered,
            ("user", userId), ("at", at), ("sequence", reached), ("conversation", head.Conversation.Id)) > 0;
        if (moved && head.Conversation.Kind != ConversationKind.Channel) await Receipt(sql, kind, head.Conversation.Id, userId, reached, at);
        return moved;
    }

    /// <summary>Whoever writes has read what stands above. Only where they passed over words of others is that a receipt.</summary>
    public static async Task Sent(Sql sql, ConversationKind kind, Message message, long lastRead)
    {
        await sql.Execute(MoveSender, ("conversation", message.ConversationId), ("user", message.SenderId), ("at", message.Timestamp), ("sequence", message.Sequence));
        if (kind != ConversationKind.Channel && lastRead < message.Sequence - 1)
            await Receipt(sql, WatermarkKind.Read, message.ConversationId, message.SenderId, message.Sequence, message.Timestamp);
    }

    private static Task<int> Receipt(Sql sql, WatermarkKind kind, Guid conversationId, Guid userId, long sequence, long at) =>
        sql.Execute(Record, ("kind", (int)kind), ("sequence", sequence), ("at", at), ("conversation", conversationId), ("user", userId));
}
