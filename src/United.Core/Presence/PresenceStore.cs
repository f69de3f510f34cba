using United.Core.Identity;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Presence;

/// <summary>What of presence outlives a connection: the status set by hand, and when somebody was last seen.</summary>
internal static class PresenceStore
{
    // Where both have asked, one yes holds for both.
    private const string Unanswered = """
        r.state <> 1 and not exists (
            select 1 from message_requests a where a.requester_id = r.recipient_id and a.recipient_id = r.requester_id and a.state = 1)
        """;

    public static Task<bool> IsSet(Sql sql, Guid userId, PresenceStatus status) => sql.Exists(
        "select 1 from users where id = @id and presence = @status", ("status", ByHand(status)), ("id", userId));

    public static Task Set(Sql sql, Guid userId, PresenceStatus status) => sql.Execute(
        "update users set presence = @status where id = @id", ("status", ByHand(status)), ("id", userId));

    /// <summary>In the order of their ids: two nodes must not wait for each other's rows.</summary>
    public static async Task Seen(Sql sql, IEnumerable<PresenceChanged> gone)
    {
        foreach (var one in gone.OrderBy(one => one.UserId))
            await sql.Execute(
                "update users set last_seen_at = @at where id = @id and deleted_at is null and (last_seen_at is null or last_seen_at < @at)",
                ("at", one.At), ("id", one.UserId));
    }

    /// <returns>The status of those who are connected, and their keys.</returns>
    public static async Task<Dictionary<Guid, (PresenceStatus Status, string PublicKey)>> Of(Sql sql, Guid[] userIds) =>
        (await sql.All("select id, presence, public_key from users where id = any(@ids)", row => (
            Id: row.Uuid(0),
            Status: row.Int32(1) is var byHand && byHand == 0 ? PresenceStatus.Online : (PresenceStatus)byHand,
            Key: PublicKeys.Hex(row.BytesOrNull(2))), ("ids", userIds)))
        .ToDictionary(row => row.Id, row => (row.Status, row.Key));

    /// <summary>Of those who have been here: when they were last seen.</summary>
    public static async Task<Dictionary<Guid, PresenceChanged>> Absent(Sql sql, Guid[] userIds) =>
        (await sql.All("select id, public_key, last_seen_at from users where id = any(@ids) and last_seen_at is not null", row => new PresenceChanged(
            row.Uuid(0), PublicKeys.Hex(row.BytesOrNull(1)), PresenceStatus.Offline, row.Int64(2)), ("ids", userIds)))
        .ToDictionary(one => one.UserId);

    /// <summary>Who asked to write to one of the users and has no yes yet: they hear nothing of them, wherever else they meet.</summary>
    public static async Task<Dictionary<Guid, HashSet<Guid>>> Requesters(Sql sql, Guid[] userIds) =>
        (await sql.All($"select r.recipient_id, r.requester_id from message_requests r where r.recipient_id = any(@ids) and {Unanswered}",
            row => (User: row.Uuid(0), Requester: row.Uuid(1)), ("ids", userIds)))
        .GroupBy(row => row.User, row => row.Requester).ToDictionary(group => group.Key, group => group.ToHashSet());

    /// <returns>Those to whom somebody asked to write, without a yes yet.</returns>
    public static async Task<HashSet<Guid>> Asked(Sql sql, Guid userId) =>
        [.. await sql.All($"select r.recipient_id from message_requests r where r.requester_id = @user and {Unanswered}", row => row.Uuid(0), ("user", userId))];

    /// <returns>Of each user the conversations with few members in which the others may know of them.</returns>
    public static async Task<ILookup<Guid, Guid>> Circles(Sql sql, Guid[] userIds, int mostMembers)
    {
        var memberships = await sql.All(
            $"""
            select m.user_id, c.id from conversation_members m
            join conversations c on c.id = m.conversation_id and not c.open and c.deleted_at is null
            where m.user_id = any(@users) and m.state = 1 and {ReceiptRules.ToldOf}
            """, row => (User: row.Uuid(0), Conversation: row.Uuid(1)), ("users", userIds));
        var small = await Small(sql, [.. memberships.Select(one => one.Conversation).Distinct()], mostMembers);
        return memberships.Where(one => small.Contains(one.Conversation)).ToLookup(one => one.User, one => one.Conversation);
    }

    // A question of its own: joined to the other, it would be asked for each pair where the planner takes the table for a small one.
    private static async Task<HashSet<Guid>> Small(Sql sql, Guid[] conversationIds, int mostMembers) => [.. await sql.All(
        """
        select c.id from conversations c where c.id = any(@ids) and (select count(*) from
            (select 1 from conversation_members x where x.conversation_id = c.id and x.state = 1 limit @most + 1) members) <= @most
        """, row => row.Uuid(0), ("ids", conversationIds), ("most", mostMembers))];

    // Who wants to be found as they are has set nothing.
    private static int ByHand(PresenceStatus status) => status == PresenceStatus.Online ? 0 : (int)status;
}
