using United.Core.Moderation;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// Signing in, by password or by identity key. An account that does not exist, has no password, or is suspended answers like a
/// wrong password: the same refusal after the same work.
/// </summary>
public sealed class LogIns(
    Database database, Passwords passwords, Challenges challenges, Sessions sessions, RateLimits limits, WrongPasswords wrong)
{
    public async Task<Result<SignedIn>> WithPassword(string username, string password, Visitor visitor, CancellationToken ct = default)
    {
        var name = NameRules.Username(username).TryGet(out var valid, out _) ? valid : "";
        if (await limits.Ask(Limit.LogInByAddress, RateLimits.Subject(visitor.Address)) is { } tooOften) return tooOften;
        var account = await database.Read(sql => sql.One(
            "select id, password_hash from users where username = @name and suspended_at is null and deleted_at is null",
            row => new Account(row.Uuid(0), row.TextOrNull(1)), ("name", name)), ct);
        if (!(await Verify(RateLimits.Subject(name.Length > 0 ? name : username), password, account?.PasswordHash, ct)).TryGet(out var verdict, out var refusal)) return refusal;
        if (!verdict.Matches || account is null) return Fault.InvalidCredentials;
        var hash = verdict.Outdated ? await Rehash(account, password, ct) : account.PasswordHash!;
        return await sessions.Open(account.Id, "password_hash = @proof", hash, visitor, ct);
    }

    public async Task<Result<SignedIn>> WithKey(ChallengeAnswer answer, Visitor visitor, CancellationToken ct = default)
    {
        if (await limits.Ask(Limit.LogInByAddress, RateLimits.Subject(visitor.Address)) is { } tooOften) return tooOften;
        if (!(await challenges.Redeem(answer, visitor, ct)).TryGet(out var proof, out var refusal)) return refusal;
        var account = await database.Read(sql => sql.One(
            "select id from users where public_key = @key", row => (Guid?)row.Uuid(0), ("key", proof.PublicKey)), ct);
        return account is { } id ? await sessions.Open(id, "public_key = @proof", proof.PublicKey, visitor, ct) : Fault.InvalidCredentials;
    }

    /// <summary>The one way to a verdict on a password, limits included, for every door that asks for one.</summary>
    /// <param name="subject">The account, or the name that was given for one.</param>
    internal async Task<Result<Passwords.Verdict>> Verify(Guid subject, string password, string? stored, CancellationToken ct)
    {
        if (await limits.Ask(Limit.LogInByAccount, subject) is { } tooOften) return tooOften;
        if (wrong.Begin(subject) is { } tooSoon) return tooSoon;
        var result = await passwords.Verify(password, stored, ct);
        if (!result.Ok || !result.Value.Matches) return result;
        wrong.WasRight(subject);
        limits.GiveBack(Limit.LogInByAccount, subject);
        return result;
    }

    private async Task<string> Rehash(Account account, string password, CancellationToken ct)
    {
        if (!(await passwords.Hash(password, ct)).TryGet(out var hash, out _)) return account.PasswordHash!;
        var replaced = await database.Write(sql => sql.Execute("update users set password_hash = @new where id = @id and password_hash = @old",
            ("new", hash), ("id", account.Id), ("old", account.PasswordHash)), ct);
        return replaced == 1 ? hash : account.PasswordHash!;
    }

    private sealed record Account(Guid Id, string? PasswordHash);
}
