using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// What time makes useless: challenges, sessions that nobody used for too long, those that ended long ago, invitations, old keys of access
/// tokens. Each step is small and harmless to repeat, so every node may run it.
/// </summary>
public sealed class IdentityUpkeep(Database database, TokenKeys keys, Control control, TimeProvider time)
{
    private const int Step = 1_000;

    private static readonly TimeSpan KeysRotate = TimeSpan.FromDays(30);
    private static readonly TimeSpan EndedKept = TimeSpan.FromDays(30);

    public async Task Run(CancellationToken ct = default)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var old = now - (long)EndedKept.TotalMilliseconds;
        await Delete("delete from auth_challenges where id in (select id from auth_challenges where expires_at < @at limit @step)", now, ct);
        await EndExpired(now, ct);
        await Delete("delete from sessions where id in (select id from sessions where coalesce(ended_at, expires_at) < @at limit @step)", old, ct);
        await Delete("delete from invites where id in (select id from invites where coalesce(revoked_at, expires_at) < @at limit @step)", old, ct);
        await keys.RotateAfter(KeysRotate, control, ct);
    }

    // Nobody does anything when time ends a session, so it is announced from here: else a socket that it opened would go on hearing.
    private async Task EndExpired(long now, CancellationToken ct)
    {
        List<(Guid Id, Guid UserId)> ended;
        do
        {
            ended = await database.Write(sql => SessionStore.EndExpired(sql, now, Step), ct);
            foreach (var (id, userId) in ended)
                await control.Announce(new ControlChange.SessionsEnded(userId, id, null, SessionStore.Expired), CancellationToken.None);
        }
        while (ended.Count == Step);
    }

    private async Task Delete(string text, long at, CancellationToken ct)
    {
        while (await database.Write(sql => sql.Execute(text, ("at", at), ("step", Step)), ct) == Step)
        {
        }
    }
}
