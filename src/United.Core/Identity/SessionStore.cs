using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>The SQL of sessions. A session is one family of refresh tokens: at any time one of them is live.</summary>
internal static class SessionStore
{
    private const int MostPerUser = 100;

    /// <summary>Why a session ended: it was not used for so long, or is so old.</summary>
    public static readonly string Expired = Fault.SessionEnded.Code;

    public static readonly TimeSpan Sliding = TimeSpan.FromDays(30);
    public static readonly TimeSpan Absolute = TimeSpan.FromDays(90);

    /// <returns>The first refresh token, and the sessions that had to end because there were too many.</returns>
    public static async Task<(RefreshToken Token, List<Guid> Ended)> Open(Sql sql, Guid userId, Guid sessionId, Visitor visitor, long now)
    {
        var token = RefreshToken.First(sessionId);
        var agent = visitor.UserAgent.Length > 200 ? visitor.UserAgent[..200] : visitor.UserAgent;
        await sql.Execute(
            """
            insert into sessions (id, user_id, created_at, last_used_at, expires_at, user_agent, address, refresh_hash, refresh_rotated_at)
            values (@id, @user, @now, @now, @until, @agent, @address, @hash, @now)
            """,
            ("id", sessionId), ("user", userId), ("now", now), ("until", now + (long)Sliding.TotalMilliseconds),
            ("agent", agent), ("address", visitor.Address.ToString()), ("hash", token.Hash));
        return (token, await EndSurplus(sql, userId, now));
    }

    public static Task<SessionRow?> Lock(Sql sql, Guid id) => sql.One(
        """
        select user_id, created_at, expires_at, ended_at, refresh_counter, refresh_hash, refresh_rotated_at from sessions where id = @id
        """ + (sql.IsPostgres ? " for update" : ""),
        row => new SessionRow(row.Uuid(0), row.Int64(1), row.Int64(2), row.Int64OrNull(3), row.Int32(4), row.Bytes(5), row.Int64(6)), ("id", id));

    public static Task Rotate(Sql sql, RefreshToken next, SessionRow row, Visitor visitor, long now) => sql.Execute(
        """
        update sessions set refresh_counter = @counter, refresh_hash = @hash, refresh_rotated_at = @now, last_used_at = @now,
            expires_at = @until, address = @address where id = @id
        """,
        ("counter", next.Counter), ("hash", next.Hash), ("now", now), ("address", visitor.Address.ToString()), ("id", next.SessionId),
        ("until", Math.Min(now + (long)Sliding.TotalMilliseconds, row.CreatedAt + (long)Absolute.TotalMilliseconds)));

    /// <returns>Whether it stood until now.</returns>
    public static async Task<bool> End(Sql sql, Guid userId, Guid id, string reason, long now) => await sql.Execute(
        "update sessions set ended_at = @now, end_reason = @reason where id = @id and user_id = @user and ended_at is null",
        ("now", now), ("reason", reason), ("id", id), ("user", userId)) > 0;

    public static Task EndAll(Sql sql, Guid userId, Guid? except, string reason, long now) => sql.Execute(
        "update sessions set ended_at = @now, end_reason = @reason where user_id = @user and ended_at is null and id <> @except",
        ("now", now), ("reason", reason), ("user", userId), ("except", except ?? Guid.Empty));

    /// <summary>
    /// Ends sessions that nobody can renew any more; they ended when their time was over. One that is being renewed at this moment is looked at again
    /// once that is done.
    /// </summary>
    public static Task<List<(Guid Id, Guid UserId)>> EndExpired(Sql sql, long now, int most) => sql.All(
        """
        update sessions set ended_at = expires_at, end_reason = @reason
        where ended_at is null and expires_at <= @now and id in (select id from sessions where ended_at is null and expires_at <= @now limit @most)
        returning id, user_id
        """,
        row => (row.Uuid(0), row.Uuid(1)), ("now", now), ("most", most), ("reason", Expired));

    public static Task<List<OwnSession>> Standing(Sql sql, Guid userId, Guid current, long now) => sql.All(
        """
        select id, created_at, last_used_at, expires_at, user_agent, address from sessions
        where user_id = @user and ended_at is null and expires_at > @now order by last_used_at desc, id
        """,
        row => new OwnSession(row.Uuid(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Text(4), row.Text(5), row.Uuid(0) == current), ("user", userId), ("now", now));

    private static Task<List<Guid>> EndSurplus(Sql sql, Guid userId, long now) => sql.All(
        """
        update sessions set ended_at = @now, end_reason = 'too_many' where id in (
            select id from sessions where user_id = @user and ended_at is null order by last_used_at desc, id desc limit 1000 offset @most)
        returning id
        """,
        row => row.Uuid(0), ("now", now), ("user", userId), ("most", MostPerUser));
}

internal sealed record SessionRow(Guid UserId, long CreatedAt, long ExpiresAt, long? EndedAt, int Counter, byte[] RefreshHash, long RotatedAt);

/// <summary>A device of one's own. Times are Unix milliseconds.</summary>
public sealed record OwnSession(Guid Id, long CreatedAt, long LastUsedAt, long ExpiresAt, string UserAgent, string Address, bool IsCurrent);
