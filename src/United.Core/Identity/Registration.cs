using United.Core.Moderation;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// New accounts. The first one becomes the owner, with the token of the set-up link or from this machine itself; after it the
/// registration mode holds. Who comes first, and whether a name, a key or an invitation is still free, is decided under
/// <see cref="AccountLock"/>, so of two that race exactly one wins, and whoever is refused has used nothing up.
/// </summary>
public sealed class Registration(
    Database database, Passwords passwords, Challenges challenges, Sessions sessions, ServerSettings settings, SetupLink setupLink,
    RateLimits limits, TimeProvider time)
{
    public Task<bool> SetupNeeded(CancellationToken ct = default) => database.Read(async sql => !await ServerIdentity.HasOwner(sql), ct);

    public async Task<Result<SignedIn>> Register(Register request, Visitor visitor, CancellationToken ct = default)
    {
        if (!Clean(request).TryGet(out var clean, out var refusal)) return refusal;
        if (await Counted(visitor) is { } tooOften) return tooOften;
        var result = await Admit(clean, visitor, ct);
        // Only accounts that came to be count, and invitations that were guessed at.
        if (!result.Ok) limits.GiveBack(Limit.Register, RateLimits.Subject(visitor.Address));
        if (result.Ok || result.Refusal!.Fault != Fault.InviteInvalid) limits.GiveBack(Limit.InviteProbe, RateLimits.Subject(visitor.Address));
        return result;
    }

    /// <summary>An account made by the operator, at the machine: no invitation is asked for.</summary>
    public async Task<Result<User>> CreateByOperator(Register request, Role role, CancellationToken ct = default)
    {
        if (!Clean(request).TryGet(out var clean, out var refusal)) return refusal;
        if (clean.Password is not { } password) return Refusal.Invalid("password", "is missing");
        if (!(await passwords.Hash(password, ct)).TryGet(out var hash, out refusal)) return refusal;
        return await database.Write<Result<User>>(async sql =>
        {
            await AccountLock.Take(sql);
            if (role == Role.Owner && await ServerIdentity.HasOwner(sql)) return Fault.SetupDone;
            if (await Taken(sql, clean, null) is { } taken) return taken;
            if (role == Role.Owner) await ServerIdentity.SpendSetupToken(sql);
            return await Insert(sql, clean, new Credentials(hash, null), role);
        }, ct);
    }

    private async Task<Result<SignedIn>> Admit(Register request, Visitor visitor, CancellationToken ct)
    {
        // Before anything is hashed or spent: most refusals are known by now. All of it is asked again under the lock.
        var early = await database.Snapshot(sql => Admitted(sql, request, visitor, null), ct);
        if (!early.TryGet(out _, out var refusal)) return refusal;
        if (!(await Prove(request, visitor, ct)).TryGet(out var credentials, out refusal)) return refusal;
        var result = await database.Write<Result<Sessions.Opened>>(async sql =>
        {
            await AccountLock.Take(sql);
            if (!(await Admitted(sql, request, visitor, credentials.PublicKey)).TryGet(out var role, out var refused)) return refused;
            if (role == Role.Owner) await ServerIdentity.SpendSetupToken(sql);
            else if (request.InviteCode is { } code && !await Invites.Consume(sql, code, Now)) return Fault.InviteInvalid;
            return await sessions.Open(sql, await Insert(sql, request, credentials, role), visitor);
        }, ct);
        if (!result.TryGet(out var opened, out refusal)) return refusal;
        if (opened.SignedIn.User.Role == Role.Owner) setupLink.Remove();
        return opened.SignedIn;
    }

    private static Result<Register> Clean(Register request)
    {
        if (!NameRules.Username(request.Username).TryGet(out var username, out var refusal)) return refusal;
        if (!NameRules.DisplayName(request.DisplayName).TryGet(out var displayName, out refusal)) return refusal;
        if (request.Password is null && request.Key is null) return Refusal.Invalid("password", "is missing, and there is no public key either");
        if (request.Password is { } password && PasswordRules.Choose(password, username) is { } weak) return weak;
        return request with { Username = username, DisplayName = displayName };
    }

    private async ValueTask<Refusal?> Counted(Visitor visitor)
    {
        var subject = RateLimits.Subject(visitor.Address);
        if (await limits.Ask(Limit.Register, subject) is { } tooMany) return tooMany;
        if (await limits.Ask(Limit.InviteProbe, subject) is not { } tooOften) return null;
        limits.GiveBack(Limit.Register, subject);
        return tooOften;
    }

    private async Task<Result<Credentials>> Prove(Register request, Visitor visitor, CancellationToken ct)
    {
        byte[]? key = null;
        string? hash = null;
        if (request.Key is { } answer)
        {
            if (!(await challenges.Redeem(answer, visitor, ct)).TryGet(out var proof, out var refusal)) return refusal;
            key = proof.PublicKey;
        }
        if (request.Password is { } password)
        {
            if (!(await passwords.Hash(password, ct)).TryGet(out hash, out var refusal)) return refusal;
        }
        return new Credentials(hash, key);
    }

    /// <returns>The role that the account would get.</returns>
    private async Task<Result<Role>> Admitted(Sql sql, Register request, Visitor visitor, byte[]? key)
    {
        if (!await ServerIdentity.HasOwner(sql))
        {
            var mayOwn = request.SetupToken is { } token ? await ServerIdentity.IsSetupToken(sql, token) : visitor.IsLocal;
            if (!mayOwn) return Fault.SetupTokenInvalid;
            return await Taken(sql, request, key) is { } ownerTaken ? ownerTaken : Role.Owner;
        }
        if (request.SetupToken is not null) return Fault.SetupDone;
        var mode = settings.Current.Registration;
        if (mode == RegistrationMode.Closed) return Fault.RegistrationClosed;
        if (mode == RegistrationMode.Invite && request.InviteCode is null) return Fault.InviteInvalid;
        var role = request.InviteCode is { } code ? await Invites.RoleOf(sql, code, Now) : Role.Member;
        if (role is null) return Fault.InviteInvalid;
        if (settings.Current.MaxAccounts is { } most && await sql.Count("select count(*) from users where deleted_at is null") >= most) return Fault.RegistrationClosed;
        return await Taken(sql, request, key) is { } taken ? taken : role.Value;
    }

    private static async Task<Refusal?> Taken(Sql sql, Register request, byte[]? key)
    {
        if (await sql.Exists("select 1 from users where username = @name", ("name", request.Username))) return new Refusal(Fault.UsernameTaken, "username");
        if (key is not null && await sql.Exists("select 1 from users where public_key = @key", ("key", key))) return new Refusal(Fault.PublicKeyTaken, "public_key");
        return null;
    }

    private async Task<User> Insert(Sql sql, Register request, Credentials credentials, Role role)
    {
        var id = Ids.New(time);
        await sql.Execute(
            """
            insert into users (id, username, display_name, public_key, password_hash, role, created_at)
            values (@id, @username, @display, @key, @hash, @role, @now)
            """,
            ("id", id), ("username", request.Username), ("display", request.DisplayName), ("key", credentials.PublicKey),
            ("hash", credentials.PasswordHash), ("role", (int)role), ("now", Now));
        // A newcomer may read the whole history of the open channels, and has nothing unread. These rows only hold watermarks (nobody is a member
        // of an open channel): they change nothing that others see, so they take no revision and no lock on the conversations.
        await sql.Execute(
            """
            insert into conversation_members (conversation_id, user_id, state, joined_at, last_read_sequence, last_delivered_sequence)
            select id, @user, 0, @now, last_sequence, last_sequence from conversations where open and deleted_at is null
            """,
            ("user", id), ("now", Now));
        await Audit.Write(sql, time, id, "account.registered", id, RoleNames.Of(role));
        return (await UserStore.Find(sql, id))!;
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Credentials(string? PasswordHash, byte[]? PublicKey);
}

/// <summary>A new account, with a password, an identity key, or both.</summary>
/// <param name="Key">The answer to a challenge for the key that it publishes.</param>
public sealed record Register(
    string Username, string DisplayName, string? Password = null, ChallengeAnswer? Key = null, string? InviteCode = null, string? SetupToken = null);
