using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Channels;

/// <summary>Members of a private channel, as the changes of this slice write them.</summary>
internal static class ChannelMembers
{
    // Who joins reads the whole history, and starts with nothing unread.
    private const string Join = """
        insert into conversation_members as m (conversation_id, user_id, state, joined_at, last_read_sequence, last_delivered_sequence, revision)
        values (@channel, @user, 1, @at, @sequence, @sequence, @revision)
        on conflict (conversation_id, user_id) do update set state = 1, role = 0, joined_at = excluded.joined_at,
            last_read_sequence = greatest(m.last_read_sequence, excluded.last_read_sequence),
            last_delivered_sequence = greatest(m.last_delivered_sequence, excluded.last_delivered_sequence), revision = excluded.revision
        """;

    private const string Part = """
        update conversation_members set state = @state, revision = @revision where conversation_id = @channel and user_id = @user
        """;

    public static Task<bool> Has(Sql sql, Guid channelId, Guid userId) =>
        sql.Exists("select 1 from conversation_members where conversation_id = @channel and user_id = @user and state = 1", ("channel", channelId), ("user", userId));

    /// <returns>Whether all of them have accounts.</returns>
    public static async Task<bool> Exist(Sql sql, Guid[] userIds) =>
        await sql.Count("select count(*) from users where id = any(@ids) and deleted_at is null", ("ids", userIds)) == userIds.Length;

    /// <summary>Lets somebody in who is no member now.</summary>
    /// <param name="read">What counts as read: all there is for a newcomer.</param>
    public static async Task Let(Sql sql, ConversationHead head, Guid userId, long at, long read)
    {
        await sql.Execute(Join, ("channel", head.Conversation.Id), ("user", userId), ("at", at), ("sequence", read), ("revision", head.NextMemberRevision()));
        await Tell(sql, head, userId);
    }

    /// <returns>The revision as of which they may no longer read it.</returns>
    public static async Task<long> End(Sql sql, ConversationHead head, Guid userId, MemberState state)
    {
        var revision = head.NextMemberRevision();
        await sql.Execute(Part, ("channel", head.Conversation.Id), ("user", userId), ("state", (int)state), ("revision", revision));
        await Tell(sql, head, userId);
        return revision;
    }

    private static async Task Tell(Sql sql, ConversationHead head, Guid userId)
    {
        var member = await sql.One($"select {MemberRows.Columns} from conversation_members m {MemberRows.Joins} where m.conversation_id = @channel and m.user_id = @user",
            MemberRows.Map, ("channel", head.Conversation.Id), ("user", userId));
        head.Tell(new MemberChanged(member!, head.Open));
    }
}
