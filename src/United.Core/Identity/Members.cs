using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// What is done to other people's accounts: suspension, role, name, hand-over. Nobody acts on the owner, on an equal, or on
/// somebody with rights that they lack. A suspension ends every session and connection before it is answered.
/// </summary>
public sealed class Members(Database database, Passwords passwords, Control control, TimeProvider time)
{
    // Time enough to reach somebody by other means, and too short to be forgotten open.
    private static readonly TimeSpan KeyResetOpen = TimeSpan.FromHours(24);

    public async Task<Result<Done>> Suspend(Caller caller, Guid userId, CancellationToken ct = default)
    {
        var done = await Act<Done>(caller, userId, async (sql, _, user) =>
        {
            if (user.SuspendedAt is not null) return default(Done);
            await sql.Execute("update users set suspended_at = @now where id = @id", ("now", Now), ("id", userId));
            await SessionStore.EndAll(sql, userId, null, "suspended", Now);
            await Invites.RevokeAllOf(sql, userId, Now);
            await Audit.Write(sql, time, caller.UserId, "member.suspended", userId);
            return default(Done);
        }, ct);
        if (done.Ok) await control.Announce(new ControlChange.SessionsEnded(userId, null, null, "suspended"), CancellationToken.None);
        return done;
    }

    public Task<Result<Done>> Unsuspend(Caller caller, Guid userId, CancellationToken ct = default) =>
        Act<Done>(caller, userId, async (sql, _, _) =>
        {
            await sql.Execute("update users set suspended_at = null where id = @id", ("id", userId));
            await Audit.Write(sql, time, caller.UserId, "member.unsuspended", userId);
            return default(Done);
        }, ct);

    public async Task<Result<User>> Change(Caller caller, Guid userId, ChangeMember change, CancellationToken ct = default)
    {
        string? name = null;
        if (change.DisplayName is { } wanted && !NameRules.DisplayName(wanted).TryGet(out name, out var refusal)) return refusal;
        return await Act<User>(caller, userId, async (sql, author, _) =>
        {
            // An admin holds every right, so only who is one gives that role; the owner's is handed over, never given.
            if (change.Role is { } role && (author.Role < Role.Admin || role > author.Role || role == Role.Owner)) return new Refusal(Fault.Forbidden, "role");
            await sql.Execute("update users set display_name = coalesce(@name, display_name), role = coalesce(@role, role) where id = @id",
                ("name", name), ("role", (int?)change.Role), ("id", userId));
            var after = (await UserStore.Find(sql, userId))!;
            await Audit.Write(sql, time, caller.UserId, "member.changed", userId, RoleNames.Of(after.Role));
            return after;
        }, ct);
    }

    /// <summary>Lets somebody who lost their identity key publish another one, for a day. The owner alone may.</summary>
    public Task<Result<Done>> AllowKeyReset(Caller caller, Guid userId, CancellationToken ct = default) =>
        caller.Role != Role.Owner ? Task.FromResult<Result<Done>>(Fault.Forbidden) : database.Write<Result<Done>>(async sql =>
        {
            if (!(await Author.Judge(sql, caller, Permissions.None, userId)).TryGet(out var author, out var refusal)) return refusal;
            if (author.Role != Role.Owner) return Fault.Forbidden;
            if (await UserStore.Find(sql, userId) is null) return Fault.NotFound;
            await sql.Execute("update users set key_reset_until = @until where id = @id", ("until", Now + (long)KeyResetOpen.TotalMilliseconds), ("id", userId));
            await Audit.Write(sql, time, caller.UserId, "member.key_reset_allowed", userId);
            return default(Done);
        }, ct);

    /// <summary>Makes somebody else the owner; who was it becomes an admin.</summary>
    public async Task<Result<Done>> HandOver(Caller caller, Guid userId, CancellationToken ct = default)
    {
        if (caller.Role != Role.Owner) return Fault.Forbidden;
        if (caller.UserId == userId) return Refusal.Invalid("user_id", "is the owner already");
        var done = await database.Write<Result<Done>>(async sql =>
        {
            await AccountLock.Take(sql);
            if (await UserStore.Find(sql, userId) is not { SuspendedAt: null }) return Fault.NotFound;
            // In this order: there is never more than one owner. Who lost the role since then changes nothing.
            if (await sql.Execute("update users set role = 1 where id = @id and role = 2", ("id", caller.UserId)) == 0) return Fault.Forbidden;
            await sql.Execute("update users set role = 2 where id = @id", ("id", userId));
            await Audit.Write(sql, time, caller.UserId, "server.handed_over", userId);
            return default(Done);
        }, ct);
        if (!done.Ok) return done;
        await control.Announce(new ControlChange.UserChanged(caller.UserId), CancellationToken.None);
        await control.Announce(new ControlChange.UserChanged(userId), CancellationToken.None);
        return done;
    }

    /// <summary>By the operator, at the machine. To the role of the owner: who was it becomes an admin.</summary>
    public async Task<Result<User>> PromoteByOperator(string username, Role role, CancellationToken ct = default)
    {
        var promoted = await database.Write(async sql =>
        {
            await AccountLock.Take(sql);
            if (await Named(sql, username) is not { } id) return Fault.NotFound;
            if (role == Role.Owner)
            {
                await sql.Execute("update users set role = 1 where role = 2 and id <> @id", ("id", id));
                await ServerIdentity.SpendSetupToken(sql);
            }
            await sql.Execute("update users set role = @role where id = @id", ("role", (int)role), ("id", id));
            await Audit.Write(sql, time, null, "member.changed", id, RoleNames.Of(role));
            return await UserStore.Get(sql, id);
        }, ct);
        if (promoted.TryGet(out var user, out _)) await control.Announce(new ControlChange.UserChanged(user.Id), CancellationToken.None);
        return promoted;
    }

    /// <summary>By the operator, at the machine. Ends all sessions; keys are untouched.</summary>
    public async Task<Result<Done>> ResetPasswordByOperator(string username, string password, CancellationToken ct = default)
    {
        if (PasswordRules.Choose(password, username.ToLowerInvariant()) is { } weak) return weak;
        if (!(await passwords.Hash(password, ct)).TryGet(out var hash, out var refusal)) return refusal;
        var id = await database.Write(async sql =>
        {
            if (await Named(sql, username) is not { } found) return (Guid?)null;
            await sql.Execute("update users set password_hash = @hash where id = @id", ("hash", hash), ("id", found));
            await SessionStore.EndAll(sql, found, null, "password_changed", Now);
            await Audit.Write(sql, time, null, "account.password_changed", found);
            return found;
        }, ct);
        if (id is not { } userId) return Fault.NotFound;
        await control.Announce(new ControlChange.SessionsEnded(userId, null, null, "password_changed"), CancellationToken.None);
        return default(Done);
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<Result<T>> Act<T>(Caller caller, Guid userId, Func<Sql, Caller, User, Task<Result<T>>> act, CancellationToken ct)
    {
        if (!caller.May(Permissions.ManageMembers)) return Fault.Forbidden;
        var result = await database.Write(async sql =>
        {
            if (!(await Author.Judge(sql, caller, Permissions.ManageMembers, userId)).TryGet(out var author, out var refusal)) return refusal;
            if (await UserStore.Find(sql, userId) is not { } user) return Fault.NotFound;
            return user.IsBelow(author) ? await act(sql, author, user) : Fault.Forbidden;
        }, ct);
        if (result.Ok) await control.Announce(new ControlChange.UserChanged(userId), CancellationToken.None);
        return result;
    }

    private static Task<Guid?> Named(Sql sql, string username) => sql.One(
        "select id from users where username = @name and deleted_at is null", row => (Guid?)row.Uuid(0), ("name", username.ToLowerInvariant()));
}

/// <summary>What is null stays as it is.</summary>
public sealed record ChangeMember(Role? Role = null, string? DisplayName = null);
