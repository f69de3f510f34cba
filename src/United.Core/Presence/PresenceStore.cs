using United.Core.Identity;
using United.Core.Storage;

namespace United.Core.Presence;

/// <summary>What of presence outlives a connection: the status set by hand, and when somebody was last seen.</summary>
internal static class PresenceStore
{
    public static Task Set(Sql sql, Guid userId, PresenceStatus status) => sql.Execute(
        "update users set presence = @status where id = @id", ("status", status == PresenceStatus.Online ? 0 : (int)status), ("id", userId));

    public static Task Seen(Sql sql, Guid userId, long at) => sql.Execute(
        "update users set last_seen_at = @at where id = @id and deleted_at is null and (last_seen_at is null or last_seen_at < @at)", ("at", at), ("id", userId));

    /// <returns>The status of those who are connected, and their keys.</returns>
    public static async Task<Dictionary<Guid, (PresenceStatus Status, string PublicKey)>> Of(Sql sql, Guid[] userIds) =>
        (await sql.All("select id, presence, public_key from users where id = any(@ids)", row => (
            Id: row.Uuid(0),
            Status: row.Int32(1) is var byHand && byHand == 0 ? PresenceStatus.Online : (PresenceStatus)byHand,
            Key: row.BytesOrNull(2) is { } key ? PublicKeys.Hex(key) : ""), ("ids", userIds)))
        .ToDictionary(row => row.Id, row => (row.Status, row.Key));

    /// <returns>Those who share a conversation with the user that is not open to everybody, the user included.</returns>
    public static Task<List<Guid>> Acquainted(Sql sql, Guid userId) => sql.All(
        """
        select @user union
        select other.user_id from conversation_members mine
            join conversations c on c.id = mine.conversation_id and not c.open and c.deleted_at is null
            join conversation_members other on other.conversation_id = mine.conversation_id and other.state = 1
        where mine.user_id = @user and mine.state = 1
        """, row => row.Uuid(0), ("user", userId));
}
