using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Where one reader stands in one conversation. Counts stop at <see cref="UnreadCounts.Most"/>.</summary>
/// <param name="LastRead">0 if they never read it.</param>
public sealed record ReadState(Guid ConversationId, long LastRead, long LastDelivered, int UnreadCount, int MentionCount, ConversationSettings Settings);

/// <summary>
/// Unread follows from the watermark and is stored nowhere: messages above it that are not one's own, not deleted and not of
/// type system. Mentions are those of them that mean the reader, one of their roles or everyone, or reply to the reader.
/// Whether the reader may know of the conversation is for the caller to check.
/// </summary>
internal static class UnreadCounts
{
    public const int Most = 999;

    // The inner limits bound what a reader who is far behind costs. Pinning the plan where statistics are missing: the order by
    // keeps PostgreSQL on the primary key, the cross join keeps SQLite on the index by target, and a scalar subquery is not turned
    // around into a walk over the messages. What readers have hidden for themselves does not count.
    private const string Select = $"""
        select c.id, coalesce(m.last_read_sequence, 0), coalesce(m.last_delivered_sequence, 0),
            (select count(*) from (
                select 1 from messages x
                where x.conversation_id = c.id
                    and x.server_sequence > greatest(coalesce(m.last_read_sequence, 0), coalesce(m.hidden_sequence, 0))
                    and x.sender_id <> @user and not x.deleted and x.type <> 4
                order by x.server_sequence limit 999) unread),
            (select count(*) from (
                select distinct n.server_sequence
                from (select @user as id union all select @everyone union all select role_id from role_members where user_id = @user) target
                cross join mentions n
                where n.target_id = target.id and n.conversation_id = c.id
                    and n.server_sequence > greatest(coalesce(m.last_read_sequence, 0), coalesce(m.hidden_sequence, 0))
                    and (select x.sender_id <> @user and not x.deleted and x.type <> 4 from messages x
                        where x.conversation_id = n.conversation_id and x.server_sequence = n.server_sequence)
                limit 999) mentioned),
            coalesce(m.role, 0), m.muted_until, coalesce(m.notifications, 0), {ConversationRows.Hidden},
            greatest(coalesce(m.hidden_sequence, 0), 0)
        from conversations c left join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        """;

    /// <returns>Zeros for a conversation that does not exist.</returns>
    public static async Task<ReadState> Of(Sql sql, Guid userId, Guid conversationId) =>
        await sql.One(Select + " where c.id = @conversation", Map,
            ("user", userId), ("everyone", Guid.Empty), ("conversation", conversationId))
        ?? new ReadState(conversationId, 0, 0, 0, 0, new ConversationSettings(MemberRole.Member, null, NotificationLevel.All, Hidden: false, HiddenSequence: 0));

    /// <summary>All in one statement. Conversations that do not exist are left out.</summary>
    public static async Task<Dictionary<Guid, ReadState>> Of(Sql sql, Guid userId, Guid[] conversationIds)
    {
        var states = await sql.All(Select + " where c.id = any(@conversations)", Map,
            ("user", userId), ("everyone", Guid.Empty), ("conversations", conversationIds));
        return states.ToDictionary(state => state.ConversationId);
    }

    private static ReadState Map(SqlRow row) => new(
        row.Uuid(0), row.Int64(1), row.Int64(2), row.Int32(3), row.Int32(4),
        new ConversationSettings((MemberRole)row.Int32(5), row.Int64OrNull(6), (NotificationLevel)row.Int32(7), row.Bool(8), row.Int64(9)));
}
