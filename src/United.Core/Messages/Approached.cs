using United.Core.Identity;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Somebody whom another wants to begin with, alone or in a group. Which reason they have to refuse is told to nobody.</summary>
/// <param name="Blocked">One has blocked the other.</param>
/// <param name="TakesNobody">This one hears from nobody but those with whom messages were exchanged already.</param>
internal sealed record Approached(Guid UserId, bool Blocked, bool TakesNobody)
{
    private const string Select = """
        select u.id, u.messaging_access = @nobody,
            exists (select 1 from blocks b where b.user_id = u.id and b.blocked_id = @by)
            or exists (select 1 from blocks b where b.user_id = @by and b.blocked_id = u.id)
        from users u where u.id = any(@ids) and u.deleted_at is null
        """;

    public bool RefusesGroup => Blocked || TakesNobody;

    /// <returns>Those who have accounts.</returns>
    public static Task<List<Approached>> By(Sql sql, Guid userId, Guid[] ids) => sql.All(Select,
        row => new Approached(row.Uuid(0), Blocked: row.Bool(2), TakesNobody: row.Bool(1)),
        ("nobody", (int)MessagingAccess.Nobody), ("by", userId), ("ids", ids));

    /// <summary>Whether <paramref name="userId"/> may not open a conversation of two with this one.</summary>
    public async Task<bool> RefusesPair(Sql sql, Guid userId) =>
        Blocked || (TakesNobody && await PairRows.Written(sql, userId, UserId, except: Guid.Empty) == 0);
}
