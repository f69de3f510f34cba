using United.Core.Identity;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Somebody whom another wants to begin with, alone or in a group.</summary>
/// <param name="LeaveAlone">One has blocked the other, or this one hears from nobody. Which of them is told to nobody.</param>
internal sealed record Approached(Guid UserId, bool LeaveAlone)
{
    private const string Select = """
        select u.id, u.messaging_access = @nobody
            or exists (select 1 from blocks b where b.user_id = u.id and b.blocked_id = @by)
            or exists (select 1 from blocks b where b.user_id = @by and b.blocked_id = u.id)
        from users u where u.id = any(@ids) and u.deleted_at is null
        """;

    /// <returns>Those who have accounts.</returns>
    public static Task<List<Approached>> By(Sql sql, Guid userId, Guid[] ids) => sql.All(
        Select, row => new Approached(row.Uuid(0), row.Bool(1)), ("nobody", (int)MessagingAccess.Nobody), ("by", userId), ("ids", ids));
}
