using System.Collections.Frozen;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// Who asks, at every dispatch: an account with its rights, through a session that stands. Kept in memory until a
/// <see cref="ControlChange"/> says that it changed; since those are applied before their author is answered, an ended session,
/// a suspension or a lost right holds at once.
/// </summary>
public sealed class Callers
{
    private const int MostKept = 50_000;

    private readonly Kept<Known> _known;
    private readonly Endings _endings;
    private readonly AccessTokens _tokens;
    private readonly TimeProvider _time;

    public Callers(Database database, AccessTokens tokens, TimeProvider time)
    {
        (_tokens, _time, _endings) = (tokens, time, new Endings(time));
        _known = new Kept<Known>((id, ct) => database.Read(sql => Load(sql, id, _endings.Last), ct), MostKept);
    }

    /// <summary>Who bears an access token.</summary>
    public ValueTask<Result<Caller>> Of(string accessToken, CancellationToken ct = default) =>
        _tokens.Verify(accessToken) is { } token ? Resolve(token.UserId, token.SessionId, ct) : new(Fault.Unauthorized);

    public async ValueTask<Result<Caller>> Resolve(Guid userId, Guid sessionId, CancellationToken ct = default)
    {
        var known = await _known.Get(userId, ct);
        if (known.Find(sessionId, Now) is { } caller) return caller;
        if (known == Known.Nobody) return Fault.SessionEnded;
        // A session that was opened after this was read: nothing tells of new ones.
        known = await _known.Reload(userId, ct);
        return known.Find(sessionId, Now) is { } late ? late : Fault.SessionEnded;
    }

    /// <summary>Whether no session or right of theirs has ended since they were resolved. Who fails is to be resolved anew.</summary>
    public bool Stands(Caller caller) => !_endings.Since(caller.AsOf, caller.UserId);

    public void Apply(ControlChange change)
    {
        switch (change)
        {
            case ControlChange.SessionsEnded ended: Forget(ended.UserId); break;
            case ControlChange.UserChanged changed: Forget(changed.UserId); break;
            case ControlChange.RolesChanged: ForgetAll(); break;
        }
    }

    // Noted first: what is read from here on is newer than the ending.
    private void Forget(Guid userId)
    {
        _endings.Note(userId);
        _known.Forget(userId);
    }

    private void ForgetAll()
    {
        _endings.NoteAll();
        _known.ForgetAll();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static async Task<Known> Load(Sql sql, Guid userId, long asOf)
    {
        if (await UserStore.Find(sql, userId) is not { SuspendedAt: null } user) return Known.Nobody;
        var sessions = await sql.All(
            "select id, expires_at from sessions where user_id = @user and ended_at is null", row => (Id: row.Uuid(0), ExpiresAt: row.Int64(1)), ("user", userId));
        return new Known(sessions.ToFrozenDictionary(session => session.Id, session => new Session(CallerOf(user, session.Id, asOf), session.ExpiresAt)));
    }

    private static Caller CallerOf(User user, Guid sessionId, long asOf) =>
        new(user.Id, sessionId, user.Username, user.DisplayName, user.PublicKey, user.Role, user.Permissions) { AsOf = asOf };

    private sealed record Session(Caller Caller, long ExpiresAt);

    private sealed class Known(FrozenDictionary<Guid, Session> sessions)
    {
        public static Known Nobody { get; } = new(FrozenDictionary<Guid, Session>.Empty);

        public Caller? Find(Guid sessionId, long now) => sessions.TryGetValue(sessionId, out var session) && session.ExpiresAt > now ? session.Caller : null;
    }
}
