using United.Core.Media;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// One's own account: profile and settings, password, identity key, deletion. What changes who one is to others, or ends sessions,
/// is announced to every node before it is answered.
/// </summary>
public sealed class Accounts(
    Database database, Passwords passwords, LogIns logIns, Challenges challenges, Control control, TimeProvider time)
{
    public Task<Result<User>> Me(Caller caller, CancellationToken ct = default) => database.Read(sql => UserStore.Get(sql, caller.UserId), ct);

    public async Task<Result<User>> Change(Caller caller, ChangeProfile change, CancellationToken ct = default)
    {
        string? name = null;
        if (change.DisplayName is { } wanted && !NameRules.DisplayName(wanted).TryGet(out name, out var refusal)) return refusal;
        if (change.Bio is { } bio && NameRules.Bio(bio) is { } wrong) return wrong;
        var changed = await database.Write<Result<User>>(async sql =>
        {
            if (change.Avatar is { } avatar && await ReplaceAvatar(sql, caller.UserId, avatar.MediaId) is { } notOwn) return notOwn;
            await sql.Execute(
                """
                update users set display_name = coalesce(@name, display_name), bio = coalesce(@bio, bio),
                    messaging_access = coalesce(@access, messaging_access), read_receipts = coalesce(@receipts, read_receipts)
                where id = @id
                """,
                ("name", name), ("bio", change.Bio), ("access", (int?)change.MessagingAccess), ("receipts", change.ReadReceipts), ("id", caller.UserId));
            return await UserStore.Get(sql, caller.UserId);
        }, ct);
        if (changed.Ok) await control.Announce(new ControlChange.UserChanged(caller.UserId), CancellationToken.None);
        return changed;
    }

    /// <summary>Ends all other sessions.</summary>
    public async Task<Result<Done>> ChangePassword(Caller caller, ChangePassword request, Visitor visitor, CancellationToken ct = default)
    {
        if (PasswordRules.Choose(request.New, caller.Username, "new") is { } weak) return weak;
        if (await Unproved(caller, request, visitor, ct) is { } unproved) return unproved;
        if (!(await passwords.Hash(request.New, ct)).TryGet(out var hash, out var refusal)) return refusal;
        await database.Write(async sql =>
        {
            await sql.Execute("update users set password_hash = @hash where id = @id", ("hash", hash), ("id", caller.UserId));
            await SessionStore.EndAll(sql, caller.UserId, caller.SessionId, "password_changed", Now);
            await Audit.Write(sql, time, caller.UserId, "account.password_changed", caller.UserId);
        }, ct);
        await control.Announce(new ControlChange.SessionsEnded(caller.UserId, null, caller.SessionId, "password_changed"), CancellationToken.None);
        return default(Done);
    }

    /// <summary>
    /// Publishes an identity key, or replaces it: the old one signs the same bytes, or an owner has allowed the reset.
    /// </summary>
    public async Task<Result<User>> ChangeKey(Caller caller, ChangeKey request, Visitor visitor, CancellationToken ct = default)
    {
        if (!(await challenges.Redeem(request.Key, visitor, ct)).TryGet(out var proof, out var refusal)) return refusal;
        var changed = await database.Write<Result<User>>(async sql =>
        {
            await AccountLock.Take(sql);
            var (old, resetUntil) = await sql.One("select public_key, key_reset_until from users where id = @id",
                row => (row.BytesOrNull(0), row.Int64OrNull(1)), ("id", caller.UserId));
            var allowed = old is null || resetUntil > Now || (request.OldSignature is { } signature && Ed25519.Verify(old, proof.Signed, signature));
            if (!allowed) return new Refusal(Fault.SignatureInvalid, "old_signature");
            if (await sql.Exists("select 1 from users where public_key = @key and id <> @id", ("key", proof.PublicKey), ("id", caller.UserId)))
                return new Refusal(Fault.PublicKeyTaken, "public_key");
            await sql.Execute("update users set public_key = @key, key_reset_until = null where id = @id", ("key", proof.PublicKey), ("id", caller.UserId));
            await Audit.Write(sql, time, caller.UserId, "account.key_changed", caller.UserId, PublicKeys.Hex(proof.PublicKey));
            return await UserStore.Get(sql, caller.UserId);
        }, ct);
        if (changed.Ok) await control.Announce(new ControlChange.UserChanged(caller.UserId), CancellationToken.None);
        return changed;
    }

    /// <summary>
    /// Takes away everything that says who somebody was. What they wrote stays, by "deleted account": its numbers are others' too.
    /// The owner hands the server over first.
    /// </summary>
    public async Task<Result<Done>> Delete(Caller caller, CancellationToken ct = default)
    {
        var deleted = await database.Write(async sql =>
        {
            await AccountLock.Take(sql);
            if (!await Anonymise(sql, caller.UserId)) return false;
            await SessionStore.EndAll(sql, caller.UserId, null, "account_deleted", Now);
            await Invites.RevokeAllOf(sql, caller.UserId, Now);
            await sql.Execute("delete from role_members where user_id = @id", ("id", caller.UserId));
            await sql.Execute("delete from key_backups where user_id = @id", ("id", caller.UserId));
            await sql.Execute("delete from dm_public_keys where user_id = @id", ("id", caller.UserId));
            await sql.Execute("delete from dm_offline_queue where recipient_id = @id", ("id", caller.UserId));
            await MediaRows.ReleaseAllOf(sql, caller.UserId);
            await sql.Execute("delete from blocks where user_id = @id or blocked_id = @id", ("id", caller.UserId));
            await Audit.Write(sql, time, caller.UserId, "account.deleted", caller.UserId);
            return true;
        }, ct);
        if (!deleted) return new Refusal(Fault.Conflict, Reason: "The owner hands the server over first.");
        await control.Announce(new ControlChange.UserChanged(caller.UserId), CancellationToken.None);
        await control.Announce(new ControlChange.SessionsEnded(caller.UserId, null, null, "account_deleted"), CancellationToken.None);
        return default(Done);
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    // The account's row first, so that of two changes the later one sees, and lets go, what the first one set.
    private static async Task<Refusal?> ReplaceAvatar(Sql sql, Guid userId, Guid? mediaId)
    {
        var old = await sql.One("select avatar_media_id from users where id = @id" + (sql.IsPostgres ? " for no key update" : ""), row => row.UuidOrNull(0), ("id", userId));
        if (old == mediaId) return null;
        if (mediaId is { } wanted && await MediaRows.Hold(sql, userId, [wanted]) is not [{ Type: MediaType.Image }]) return Refusal.Invalid("avatar_media_id", "is not an image of yours");
        await sql.Execute("update users set avatar_media_id = @media where id = @id", ("media", mediaId), ("id", userId));
        if (old is { } replaced) await MediaRows.Release(sql, replaced);
        return null;
    }

    private async Task<Refusal?> Unproved(Caller caller, ChangePassword request, Visitor visitor, CancellationToken ct)
    {
        if (request.Key is { } answer)
        {
            if (caller.PublicKey.Length == 0) return Fault.NoIdentityKey;
            if (answer.PublicKey != caller.PublicKey) return new Refusal(Fault.SignatureInvalid, "public_key");
            return (await challenges.Redeem(answer, visitor, ct)).Refusal;
        }
        if (request.Current is not { } current) return Refusal.Invalid("current", "is missing");
        var stored = await database.Read(sql => sql.One("select password_hash from users where id = @id", row => row.TextOrNull(0), ("id", caller.UserId)), ct);
        if (!(await logIns.Verify(RateLimits.Subject(caller.Username), current, stored, ct)).TryGet(out var verdict, out var refusal)) return refusal;
        return verdict.Matches ? null : new Refusal(Fault.InvalidCredentials, "current");
    }

    // The freed name can be taken again; the one in its place can't, it is longer than any that may be chosen.
    private async Task<bool> Anonymise(Sql sql, Guid id) => await sql.Execute(
        """
        update users set username = @name, display_name = @display, public_key = null, password_hash = null, avatar_media_id = null, bio = '',
            role = 0, presence = 0, last_seen_at = null, key_reset_until = null, deleted_at = @now
        where id = @id and role <> 2 and deleted_at is null
        """,
        ("name", "deleted-" + id.ToString("N")), ("display", UserStore.DeletedName), ("now", Now), ("id", id)) == 1;
}

/// <summary>What is null stays as it is.</summary>
public sealed record ChangeProfile(
    string? DisplayName = null, string? Bio = null, MessagingAccess? MessagingAccess = null, bool? ReadReceipts = null, ChangeAvatar? Avatar = null);

/// <param name="MediaId">An image of one's own uploads; null: none any more.</param>
public sealed record ChangeAvatar(Guid? MediaId);

/// <summary>Proved by the present password, or by the identity key (a challenge for it).</summary>
public sealed record ChangePassword(string New, string? Current = null, ChallengeAnswer? Key = null);

/// <param name="Key">The answer to a challenge for the new key.</param>
/// <param name="OldSignature">The old key's signature over the same bytes.</param>
public sealed record ChangeKey(ChallengeAnswer Key, byte[]? OldSignature = null);
