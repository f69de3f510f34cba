using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// A reader's own settings of conversations, in their member rows. They take no revision, for they are nobody else's business: as
/// watermarks they carry the time at which they changed. In an open channel the first one makes the row, which makes nobody a member.
/// </summary>
internal static class SettingsRows
{
    // What is hidden is hidden up to here; -1 hides one in which nothing was said yet.
    public static readonly string Hide = Set("hidden_sequence", "case when c.last_sequence = 0 then -1 else c.last_sequence end");
    public static readonly string Mute = Set("muted_until", "cast(@value as bigint)");
    public static readonly string Notify = Set("notifications", "cast(@value as bigint)");

    /// <returns>Whether the user may read the conversation, and so has settings there.</returns>
    public static async Task<bool> Write(Sql sql, string text, Guid conversationId, Guid userId, long at, long? value) =>
        await sql.Execute(text, ("conversation", conversationId), ("user", userId), ("at", at), ("value", value)) > 0;

    /// <summary>What the settings follow from has changed for these members.</summary>
    public static Task Touch(Sql sql, Guid conversationId, Guid[] userIds, long at) => sql.Execute(
        "update conversation_members set settings_at = @at where conversation_id = @conversation and user_id = any(@users)",
        ("at", at), ("conversation", conversationId), ("users", userIds));

    public static Task<List<Guid>> ChangedSince(Sql sql, Guid userId, long since) => sql.All(
        "select conversation_id from conversation_members where user_id = @user and settings_at >= @since",
        row => row.Uuid(0), ("user", userId), ("since", Math.Max(0, since - ReceiptRows.Overlap)));

    private static string Set(string column, string value) => $"""
        insert into conversation_members (conversation_id, user_id, state, joined_at, {column}, settings_at)
        select c.id, @user, 0, @at, {value}, @at
        from conversations c left join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        where c.id = @conversation and c.deleted_at is null and (c.open or m.state = 1)
        on conflict (conversation_id, user_id) do update set {column} = excluded.{column}, settings_at = excluded.settings_at
        """;
}
