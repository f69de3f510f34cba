using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>Whom somebody does not want to hear from. Who is blocked is not told.</summary>
public sealed class Blocks(Database database, Control control, TimeProvider time)
{
    private const int Most = 10_000;

    /// <summary>Once this has returned, nothing more that the blocked one writes to the caller is taken.</summary>
    public async Task<Result<Done>> Block(Caller caller, Guid userId, CancellationToken ct = default)
    {
        if (caller.UserId == userId) return Refusal.Invalid("id", "is you");
        var blocked = await database.Write(sql => Insert(sql, caller.UserId, userId), ct);
        if (blocked.Ok) await control.Announce(new ControlChange.Blocked(caller.UserId, userId), CancellationToken.None);
        return blocked;
    }

    public async Task<Result<Done>> Unblock(Caller caller, Guid userId, CancellationToken ct = default)
    {
        var removed = await database.Write(sql => sql.Execute("delete from blocks where user_id = @me and blocked_id = @other", ("me", caller.UserId), ("other", userId)), ct);
        return removed == 1 ? default(Done) : Fault.NotFound;
    }

    /// <summary>By id of the blocked.</summary>
    /// <param name="after">The id after which the page begins.</param>
    public Task<List<Blocked>> List(Caller caller, Guid? after, int limit, CancellationToken ct = default) => database.Read(sql => sql.All(
        """
        select u.id, u.username, u.display_name, b.created_at from blocks b join users u on u.id = b.blocked_id
        where b.user_id = @me and b.blocked_id > @after order by b.blocked_id limit @limit
        """,
        row => new Blocked(row.Uuid(0), row.Text(1), row.Text(2), row.Int64(3)), ("me", caller.UserId), ("after", after ?? Guid.Empty), ("limit", limit)), ct);

    private async Task<Result<Done>> Insert(Sql sql, Guid userId, Guid blockedId)
    {
        if (await UserStore.Find(sql, blockedId) is null) return Fault.NotFound;
        if (await sql.Count("select count(*) from blocks where user_id = @me", ("me", userId)) >= Most) return Fault.TooMany;
        await sql.Execute("insert into blocks (user_id, blocked_id, created_at) values (@me, @other, @now) on conflict do nothing",
            ("me", userId), ("other", blockedId), ("now", time.GetUtcNow().ToUnixTimeMilliseconds()));
        return default(Done);
    }
}

public sealed record Blocked(Guid UserId, string Username, string DisplayName, long BlockedAt);
