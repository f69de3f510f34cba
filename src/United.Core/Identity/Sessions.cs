using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// Sessions and their refresh tokens. All state is in the database; an end of a session is announced, and in force on every
/// node, before anybody is told that it ended.
/// </summary>
public sealed class Sessions(Database database, ServerIdentity server, AccessTokens tokens, Control control, RateLimits limits, TimeProvider time)
{
    /// <summary>A session ends when it was not used for so long.</summary>
    public static TimeSpan SlidingLifetime => SessionStore.Sliding;

    // A spent token may come back for honest reasons: its answer was lost, or a second tab sent it too. Only the last one, and only this long.
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Spends a refresh token for a new pair. One that was spent before ends the whole session: somebody else holds a copy.
    /// </summary>
    public async Task<Result<SignedIn>> Refresh(string refreshToken, Visitor visitor, CancellationToken ct = default)
    {
        if (RefreshToken.Parse(refreshToken) is not { } token) return Fault.SessionEnded;
        if (await limits.Ask(Limit.Refresh, token.SessionId) is { } tooOften) return tooOften;
        var turn = await database.Write(sql => Turn(sql, token, visitor), ct);
        if (turn.Reused is { } userId) await control.Announce(new ControlChange.SessionsEnded(userId, token.SessionId, null, "token_reused"), CancellationToken.None);
        return turn is { Next: { } next, User: { } user } ? SignedInAs(user, next) : Fault.SessionEnded;
    }

    public async Task<Result<Done>> LogOut(Caller caller) => await End(caller, caller.SessionId, "logged_out");

    public Task<Result<Done>> End(Caller caller, Guid sessionId) => End(caller, sessionId, "ended_by_user");

    public Task<List<OwnSession>> List(Caller caller, CancellationToken ct = default) =>
        database.Read(sql => SessionStore.Standing(sql, caller.UserId, caller.SessionId, Now), ct);

    /// <summary>
    /// Opens a session for an account whose owner was just proved. The proof is asked for again under the account's lock, so that
    /// neither a suspension nor a new password or key slips in between.
    /// </summary>
    /// <param name="stillProved">A condition on <c>users</c>, with its value <c>@proof</c>.</param>
    internal async Task<Result<SignedIn>> Open(Guid userId, string stillProved, object proof, Visitor visitor, CancellationToken ct)
    {
        var opened = await database.Write(async sql =>
        {
            var stands = await sql.Exists(
                "select 1 from users where id = @id and suspended_at is null and deleted_at is null and " + stillProved + (sql.IsPostgres ? " for share" : ""),
                ("id", userId), ("proof", proof));
            return stands && await UserStore.Find(sql, userId) is { } user ? await Open(sql, user, visitor) : null;
        }, ct);
        if (opened is null) return Fault.InvalidCredentials;
        await AnnounceSurplus(opened);
        return opened.SignedIn;
    }

    internal async Task<Opened> Open(Sql sql, User user, Visitor visitor)
    {
        var (token, ended) = await SessionStore.Open(sql, user.Id, Ids.New(time), visitor, Now);
        return new Opened(SignedInAs(user, token), ended);
    }

    internal async Task AnnounceSurplus(Opened opened)
    {
        foreach (var session in opened.Ended)
            await control.Announce(new ControlChange.SessionsEnded(opened.SignedIn.User.Id, session, null, "too_many"), CancellationToken.None);
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<Turned> Turn(Sql sql, RefreshToken token, Visitor visitor)
    {
        if (await SessionStore.Lock(sql, token.SessionId) is not { EndedAt: null } row || row.ExpiresAt <= Now) return default;
        if (await UserStore.Find(sql, row.UserId) is not { SuspendedAt: null } user) return default;
        if (!token.LeadsTo(row.Counter, row.RefreshHash, server.RefreshKey)) return default;
        var next = token.Next(server.RefreshKey);
        if (token.Counter == row.Counter)
        {
            await SessionStore.Rotate(sql, next, row, visitor, Now);
            return new Turned(user, next, null);
        }
        if (token.Counter == row.Counter - 1 && Now - row.RotatedAt <= Grace.TotalMilliseconds) return new Turned(user, next, null);
        await SessionStore.End(sql, row.UserId, token.SessionId, "token_reused", Now);
        await Audit.Write(sql, time, row.UserId, "session.token_reused", token.SessionId);
        return new Turned(null, null, row.UserId);
    }

    private async Task<Result<Done>> End(Caller caller, Guid sessionId, string reason)
    {
        if (!await database.Write(sql => SessionStore.End(sql, caller.UserId, sessionId, reason, Now))) return Fault.NotFound;
        await control.Announce(new ControlChange.SessionsEnded(caller.UserId, sessionId, null, reason));
        return default(Done);
    }

    private SignedIn SignedInAs(User user, RefreshToken token) =>
        new(user, token.SessionId, tokens.Issue(user, token.SessionId), token.ToString(), AccessTokens.Lifetime);

    internal sealed record Opened(SignedIn SignedIn, List<Guid> Ended);

    private readonly record struct Turned(User? User, RefreshToken? Next, Guid? Reused);
}

/// <summary>A session that was opened or renewed, with what its holder needs.</summary>
public sealed record SignedIn(User User, Guid SessionId, string AccessToken, string RefreshToken, TimeSpan ExpiresIn);
