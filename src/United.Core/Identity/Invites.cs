using System.Security.Cryptography;
using System.Text;
using United.Core.Moderation;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// Invitations: 128 random bits of which only the hash is kept, shown once to who made them, in hex: a code that began with a dash
/// would be an option on a command line. Whether one is good, and its use, is one statement. They are good as long as their maker
/// could make them: not suspended, and with the right to invite.
/// </summary>
public sealed class Invites(Database database, RateLimits limits, TimeProvider time)
{
    private const int MostStanding = 500;
    private const int MostUses = 100_000;
    private const int CodeBytes = 16;

    private static readonly TimeSpan ShortestLife = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(366);

    private const string Select = "select id, created_by, created_at, expires_at, max_uses, uses, role from invites where ";
    private const string Standing = "revoked_at is null and (expires_at is null or expires_at > @now) and (max_uses is null or uses < max_uses)";

    public async Task<Result<NewInvite>> Create(Caller caller, CreateInvite request, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageMembers)) return Fault.Forbidden;
        if (Check(request) is { } wrong) return wrong;
        // Nobody gives a role above their own, nor rights that they lack: an admin holds all of them.
        if (request.Role > caller.Role || request.Role == Role.Owner) return new Refusal(Fault.Forbidden, "role");
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(CodeBytes));
        var now = Now;
        var invite = new Invite(Ids.New(time), caller.UserId, now, now + (long?)request.Lifetime?.TotalMilliseconds, request.MaxUses, 0, request.Role);
        return await database.Write<Result<NewInvite>>(async sql =>
        {
            if (!(await Author.Judge(sql, caller, Permissions.ManageMembers)).TryGet(out var author, out var refusal)) return refusal;
            if (request.Role > author.Role) return new Refusal(Fault.Forbidden, "role");
            if (await sql.Count("select count(*) from invites where " + Standing, ("now", now)) >= MostStanding) return Fault.TooMany;
            await Insert(sql, invite, code);
            await Audit.Write(sql, time, caller.UserId, "invite.created", invite.Id, RoleNames.Of(request.Role));
            return new NewInvite(invite, code);
        }, ct);
    }

    /// <summary>Those that stand, the newest first.</summary>
    /// <param name="before">The id after which the page begins.</param>
    public async Task<Result<List<Invite>>> List(Caller caller, Guid? before, int limit, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageMembers)) return Fault.Forbidden;
        return await database.Read(sql => sql.All(
            Select + Standing + " and id < @before order by id desc limit @limit",
            Map, ("now", Now), ("before", before ?? Guid.AllBitsSet), ("limit", limit)), ct);
    }

    /// <param name="codeOrId">The code itself, or the id that the list shows.</param>
    public async Task<Result<Done>> Revoke(Caller caller, string codeOrId, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageMembers)) return Fault.Forbidden;
        var id = Ids.TryParse(codeOrId, out var known) ? known : Guid.Empty;
        return await database.Write<Result<Done>>(async sql =>
        {
            if (!(await Author.Judge(sql, caller, Permissions.ManageMembers)).TryGet(out _, out var refusal)) return refusal;
            var found = await sql.One("update invites set revoked_at = @now where (id = @id or code_hash = @hash) and " + Standing + " returning id",
                row => (Guid?)row.Uuid(0), ("now", Now), ("id", id), ("hash", Hash(codeOrId)));
            if (found is null) return Fault.NotFound;
            await Audit.Write(sql, time, caller.UserId, "invite.revoked", found);
            return default(Done);
        }, ct);
    }

    /// <summary>Who invites. For visitors, so guesses are counted.</summary>
    public async Task<Result<Invitation>> Preview(string code, Visitor visitor, CancellationToken ct = default)
    {
        var subject = RateLimits.Subject(visitor.Address);
        if (await limits.Ask(Limit.InviteProbe, subject) is { } tooOften) return tooOften;
        if (await database.Read(sql => Find(sql, code, Now), ct) is not { } found) return Fault.NotFound;
        limits.GiveBack(Limit.InviteProbe, subject);
        return new Invitation(found.Maker.DisplayName, found.Invite.ExpiresAt);
    }

    /// <returns>Null where the code is not good.</returns>
    internal static async Task<Role?> RoleOf(Sql sql, string code, long now) => (await Find(sql, code, now))?.Invite.Role;

    /// <returns>False where the code is not good, or used up.</returns>
    internal static async Task<bool> Consume(Sql sql, string code, long now) => await sql.Execute(
        "update invites set uses = uses + 1 where code_hash = @hash and " + Standing, ("hash", Hash(code)), ("now", now)) == 1;

    /// <summary>For good: they don't come back with a suspension that is lifted.</summary>
    internal static Task RevokeAllOf(Sql sql, Guid userId, long now) => sql.Execute(
        "update invites set revoked_at = @now where created_by = @user and revoked_at is null", ("now", now), ("user", userId));

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static Refusal? Check(CreateInvite request)
    {
        if (request.MaxUses is < 1 or > MostUses) return Refusal.Invalid("max_uses", $"must be 1 to {MostUses}");
        if (request.Lifetime is { } life && (life < ShortestLife || life > LongestLife)) return Refusal.Invalid("expires_in", $"must be {ShortestLife.TotalSeconds} to {LongestLife.TotalSeconds} seconds");
        return null;
    }

    private static Task<int> Insert(Sql sql, Invite invite, string code) => sql.Execute(
        """
        insert into invites (id, code_hash, created_by, created_at, expires_at, max_uses, role)
        values (@id, @hash, @by, @at, @until, @most, @role)
        """,
        ("id", invite.Id), ("hash", Hash(code)), ("by", invite.CreatedBy), ("at", invite.CreatedAt), ("until", invite.ExpiresAt),
        ("most", invite.MaxUses), ("role", (int)invite.Role));

    // Good as long as its maker could make it today.
    private static async Task<(Invite Invite, User Maker)?> Find(Sql sql, string code, long now)
    {
        var invite = await sql.One(Select + "code_hash = @hash and " + Standing, Map, ("hash", Hash(code)), ("now", now));
        var maker = invite is null ? null : await UserStore.Find(sql, invite.CreatedBy);
        return maker is { SuspendedAt: null } && maker.Role >= invite!.Role && maker.Permissions.HasFlag(Permissions.ManageMembers) ? (invite, maker) : null;
    }

    private static Invite Map(SqlRow row) => new(
        row.Uuid(0), row.Uuid(1), row.Int64(2), row.Int64OrNull(3), row.IsNull(4) ? null : row.Int32(4), row.Int32(5), (Role)row.Int32(6));

    private static byte[] Hash(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}

/// <param name="Lifetime">Null: until it is revoked.</param>
/// <param name="MaxUses">Null: any number.</param>
public sealed record CreateInvite(TimeSpan? Lifetime = null, int? MaxUses = null, Role Role = Role.Member);

/// <param name="ExpiresAt">Unix milliseconds; null: never.</param>
public sealed record Invite(Guid Id, Guid CreatedBy, long CreatedAt, long? ExpiresAt, int? MaxUses, int Uses, Role Role);

/// <param name="Code">Shown this once.</param>
public sealed record NewInvite(Invite Invite, string Code);

/// <summary>What somebody who holds a code may know before they register.</summary>
public sealed record Invitation(string InviterName, long? ExpiresAt);
