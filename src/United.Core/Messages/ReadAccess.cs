using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>What somebody may read of a conversation: what lies above the part that they have hidden for themself.</summary>
internal sealed record ReadAccess(ConversationKind Kind, long HiddenSequence)
{
    private const string Select = """
        select c.id, c.kind, coalesce(m.hidden_sequence, 0)
        from conversations c left join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        where c.deleted_at is null and (c.open or m.state = 1)
        """;

    /// <returns>Null for what does not exist and for what the user may not know of: nobody can tell the two apart.</returns>
    public static Task<ReadAccess?> Of(Sql sql, Guid userId, Guid conversationId) =>
        sql.One(Select + " and c.id = @conversation", row => Map(row).Access, ("user", userId), ("conversation", conversationId));

    /// <returns>Those of the conversations that the user may read.</returns>
    public static async Task<Dictionary<Guid, ReadAccess>> Of(Sql sql, Guid userId, Guid[] conversationIds) =>
        (await sql.All(Select + " and c.id = any(@conversations)", Map, ("user", userId), ("conversations", conversationIds)))
        .ToDictionary(found => found.Id, found => found.Access);

    /// <returns>All that the user may read, except encrypted conversations.</returns>
    public static async Task<Dictionary<Guid, ReadAccess>> Searchable(Sql sql, Guid userId) =>
        (await sql.All(Select + """
             and c.kind <> 4 and c.id in (
                select conversation_id from conversation_members where user_id = @user and state = 1
                union select id from conversations where open and deleted_at is null)
            """, Map, ("user", userId)))
        .ToDictionary(found => found.Id, found => found.Access);

    /// <summary>Whether everybody may read it, with or without an account.</summary>
    public static Task<bool> IsOpen(Sql sql, Guid conversationId) =>
        sql.Exists("select 1 from conversations where id = @conversation and open and deleted_at is null", ("conversation", conversationId));

    private static (Guid Id, ReadAccess Access) Map(SqlRow row) => (row.Uuid(0), new ReadAccess((ConversationKind)row.Int32(1), row.Int64(2)));
}
