using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Member rows, as the changes of the slices write them: stamped, and told.</summary>
internal static class MemberStore
{
    // Who joins reads the whole history, and starts with nothing unread.
    private const string Join = $"""
        insert into conversation_members (conversation_id, user_id, role, state, joined_at, last_read_sequence, last_delivered_sequence, revision)
        values (@conversation, @user, @role, 1, @at, @sequence, @sequence, @revision)
        on conflict (conversation_id, user_id) do update set state = 1, role = excluded.role, joined_at = excluded.joined_at,
            last_read_sequence = greatest(conversation_members.last_read_sequence, excluded.last_read_sequence),
            last_delivered_sequence = greatest(conversation_members.last_delivered_sequence, excluded.last_delivered_sequence), revision = excluded.revision
        returning {Written}
        """;

    private const string Part =
        $"update conversation_members set state = @state, role = 0, revision = @revision where conversation_id = @conversation and user_id = @user returning {Written}";

    private const string Promote =
        $"update conversation_members set role = @role, revision = @revision where conversation_id = @conversation and user_id = @user returning {Written}";

    // As MemberRows, of the row that was written just now.
    private const string Written =
        "conversation_id, user_id, coalesce((select display_name from users where id = user_id), ''), role, state, joined_at, revision";

    public static Task<bool> Has(Sql sql, Guid conversationId, Guid userId) =>
        sql.Exists("select 1 from conversation_members where conversation_id = @conversation and user_id = @user and state = 1", ("conversation", conversationId), ("user", userId));

    /// <returns>Null: no member.</returns>
    public static Task<MemberRole?> RoleOf(Sql sql, Guid conversationId, Guid userId) =>
        sql.One("select role from conversation_members where conversation_id = @conversation and user_id = @user and state = 1",
            row => (MemberRole?)row.Int32(0), ("conversation", conversationId), ("user", userId));

    /// <summary>Besides this user: one who is not suspended, and so can act.</summary>
    public static Task<bool> HasOtherAdmin(Sql sql, Guid conversationId, Guid userId) => sql.Exists("""
        select 1 from conversation_members m join users u on u.id = m.user_id and u.suspended_at is null and u.deleted_at is null
        where m.conversation_id = @conversation and m.state = 1 and m.role = 1 and m.user_id <> @user limit 1
        """, ("conversation", conversationId), ("user", userId));

    public static Task<long> Count(Sql sql, Guid conversationId) =>
        sql.Count("select count(*) from conversation_members where conversation_id = @conversation and state = 1", ("conversation", conversationId));

    /// <returns>Whether all of them have accounts.</returns>
    public static async Task<bool> Exist(Sql sql, Guid[] userIds) =>
        await sql.Count("select count(*) from users where id = any(@ids) and deleted_at is null", ("ids", userIds)) == userIds.Length;

    /// <summary>Lets somebody in who is no member now.</summary>
    /// <param name="read">What counts as read: all there is for a newcomer.</param>
    public static Task Let(Sql sql, ConversationHead head, Guid userId, long at, long read, MemberRole role = MemberRole.Member) =>
        Write(sql, head, Join, roleOnly: false, ("user", userId), ("role", (int)role), ("at", at), ("sequence", read));

    /// <returns>The revision as of which they may no longer read it.</returns>
    public static Task<long> End(Sql sql, ConversationHead head, Guid userId, MemberState state) =>
        Write(sql, head, Part, roleOnly: false, ("user", userId), ("state", (int)state));

    public static Task SetRole(Sql sql, ConversationHead head, Guid userId, MemberRole role) =>
        Write(sql, head, Promote, roleOnly: true, ("user", userId), ("role", (int)role));

    private static async Task<long> Write(Sql sql, ConversationHead head, string text, bool roleOnly, params (string Name, object? Value)[] values)
    {
        var revision = head.NextMemberRevision();
        var member = await sql.One(text, MemberRows.Map, [.. values, ("conversation", head.Conversation.Id), ("revision", revision)]);
        head.Tell(new MemberChanged(member!, head.Conversation, roleOnly));
        return revision;
    }
}
