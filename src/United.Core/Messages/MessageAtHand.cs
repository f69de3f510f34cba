using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>A message that somebody wants to change, and where they stand towards its conversation.</summary>
internal sealed record MessageAtHand(Guid Id, long Sequence, Guid SenderId, MessageType Type, bool Flagged, MemberRole? Role)
{
    /// <param name="anywhere">Also where the user may not know of it.</param>
    /// <returns>Null for what does not exist, is deleted, lies in another conversation, or may not be known of.</returns>
    public static async Task<MessageAtHand?> Find(Sql sql, ConversationHead head, Guid messageId, Guid userId, bool anywhere = false)
    {
        // The conversation is compared here: in the statement it would offer a second index, and the plan might walk the conversation.
        var (found, place) = await sql.One("""
            select x.id, x.server_sequence, x.sender_id, x.type, x.flagged, m.role, x.conversation_id
            from messages x left join conversation_members m on m.conversation_id = @conversation and m.user_id = @user and m.state = 1
            where x.id = @id and not x.deleted
            """,
            row => (Map(row), row.Uuid(6)), ("id", messageId), ("conversation", head.Conversation.Id), ("user", userId));
        return place != head.Conversation.Id || (!anywhere && found.Role is null && !head.Open) ? null : found;
    }

    /// <summary>Written by this user, and not by the server in their name.</summary>
    public bool IsBy(Guid userId) => SenderId == userId && Type != MessageType.System;

    private static MessageAtHand Map(SqlRow row) => new(
        row.Uuid(0), row.Int64(1), row.Uuid(2), (MessageType)row.Int32(3), row.Bool(4), row.IsNull(5) ? null : (MemberRole)row.Int32(5));
}
