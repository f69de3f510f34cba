using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// Community roles. Nobody makes, changes, gives or takes away a role with a permission that they lack. Every change is in force on
/// all nodes before it is answered.
/// </summary>
public sealed class Roles(Database database, Control control, TimeProvider time)
{
    private const int MostRoles = 250;
    private const int MostPosition = 10_000;

    private const string Columns = "select id, name, colour, position, permissions from roles";

    /// <summary>The highest first.</summary>
    public Task<List<CommunityRole>> List(CancellationToken ct = default) =>
        database.Read(sql => sql.All(Columns + " order by position desc, id", Map), ct);

    /// <summary>Who holds a permission: owner, administrators, and those with a role that grants it.</summary>
    public async Task<IReadOnlyCollection<Guid>> HoldersOf(Permissions needed, CancellationToken ct = default) =>
        await database.Read(
            sql => sql.All(
                """
                select id from users where role > 0 and suspended_at is null and deleted_at is null
                union
                select m.user_id from roles r join role_members m on m.role_id = r.id join users u on u.id = m.user_id
                where (r.permissions & @needed) = @needed and u.suspended_at is null and u.deleted_at is null
                """,
                row => row.Uuid(0), ("needed", (int)needed)),
            ct);

    public async Task<Result<CommunityRole>> Create(Caller caller, CreateRole request, CancellationToken ct = default)
    {
        var role = new CommunityRole(Ids.New(time), request.Name, request.Colour, request.Position, request.Permissions);
        if (!Allowed(caller, role.Permissions)) return Fault.Forbidden;
        if (!Clean(role).TryGet(out role, out var refusal)) return refusal;
        return await Acted<CommunityRole>(caller, async (sql, author) =>
        {
            if (!Allowed(author, role.Permissions)) return Fault.Forbidden;
            if (await sql.Count("select count(*) from roles") >= MostRoles) return Fault.TooMany;
            var made = await sql.Execute(
                """
                insert into roles (id, name, name_key, colour, position, permissions) values (@id, @name, @key, @colour, @position, @permissions)
                on conflict (name_key) do nothing
                """,
                Values(role));
            if (made == 0) return new Refusal(Fault.NameTaken, "name");
            await Audit.Write(sql, time, caller.UserId, "role.created", role.Id);
            return role;
        }, ct);
    }

    public async Task<Result<CommunityRole>> Change(Caller caller, Guid id, ChangeRole change, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageRoles)) return Fault.Forbidden;
        return await Acted<CommunityRole>(caller, async (sql, author) =>
        {
            if (await Find(sql, id) is not { } old) return Fault.NotFound;
            var changed = old with
            {
                Name = change.Name ?? old.Name,
                Colour = change.Colour is { } colour ? colour.Length == 0 ? null : colour : old.Colour,
                Position = change.Position ?? old.Position,
                Permissions = change.Permissions ?? old.Permissions,
            };
            if (!Allowed(author, old.Permissions | changed.Permissions)) return Fault.Forbidden;
            if (!Clean(changed).TryGet(out changed, out var refusal)) return refusal;
            if (await sql.Exists("select 1 from roles where name_key = @key and id <> @id", ("key", Key(changed.Name)), ("id", id))) return new Refusal(Fault.NameTaken, "name");
            await sql.Execute("update roles set name = @name, name_key = @key, colour = @colour, position = @position, permissions = @permissions where id = @id", Values(changed));
            await Audit.Write(sql, time, caller.UserId, "role.changed", id);
            return changed;
        }, ct);
    }

    public Task<Result<Done>> Delete(Caller caller, Guid id, CancellationToken ct = default) =>
        OnRole(caller, id, async (sql, _) =>
        {
            await sql.Execute("delete from roles where id = @id", ("id", id));
            await Audit.Write(sql, time, caller.UserId, "role.deleted", id);
            return default(Done);
        }, ct);

    public Task<Result<Done>> Give(Caller caller, Guid id, Guid userId, CancellationToken ct = default) =>
        OnRole(caller, id, async (sql, _) =>
        {
            if (await UserStore.Find(sql, userId) is null) return Fault.NotFound;
            await sql.Execute("insert into role_members (role_id, user_id) values (@role, @user) on conflict do nothing", ("role", id), ("user", userId));
            await Audit.Write(sql, time, caller.UserId, "role.given", userId, id.ToString());
            return default(Done);
        }, ct);

    public Task<Result<Done>> Take(Caller caller, Guid id, Guid userId, CancellationToken ct = default) =>
        OnRole(caller, id, async (sql, _) =>
        {
            if (await sql.Execute("delete from role_members where role_id = @role and user_id = @user", ("role", id), ("user", userId)) == 0) return Fault.NotFound;
            await Audit.Write(sql, time, caller.UserId, "role.taken", userId, id.ToString());
            return default(Done);
        }, ct);

    private static bool Allowed(Caller caller, Permissions permissions) => caller.May(Permissions.ManageRoles | permissions);

    private static Result<CommunityRole> Clean(CommunityRole role)
    {
        if (!NameRules.DisplayName(role.Name, "name").TryGet(out var name, out var refusal)) return refusal;
        if (role.Colour is { } colour && !IsColour(colour)) return Refusal.Invalid("colour", "must be # and six lowercase hexadecimal digits");
        if (role.Position is < 0 or > MostPosition) return Refusal.Invalid("position", $"must be 0 to {MostPosition}");
        return role with { Name = name };
    }

    private static bool IsColour(string text) => text.Length == 7 && text[0] == '#' && text.Skip(1).All(char.IsAsciiHexDigitLower);

    private static string Key(string name) => UnicodeForms.Nfkc(name).ToLowerInvariant();

    private Task<Result<Done>> OnRole(Caller caller, Guid id, Func<Sql, CommunityRole, Task<Result<Done>>> act, CancellationToken ct) =>
        caller.May(Permissions.ManageRoles)
            ? Acted(caller, async (sql, author) => await Find(sql, id) is not { } role ? Fault.NotFound : Allowed(author, role.Permissions) ? await act(sql, role) : Fault.Forbidden, ct)
            : Task.FromResult<Result<Done>>(Fault.Forbidden);

    // Roles are few and change seldom: one change at a time, so that what is checked is what is changed.
    private async Task<Result<T>> Acted<T>(Caller caller, Func<Sql, Caller, Task<Result<T>>> act, CancellationToken ct)
    {
        var result = await database.Write(async sql =>
        {
            if (sql.IsPostgres) await sql.Execute("lock table roles in share row exclusive mode");
            return (await Author.Judge(sql, caller, Permissions.ManageRoles)).TryGet(out var author, out var refusal) ? await act(sql, author) : refusal;
        }, ct);
        if (result.Ok) await control.Announce(new ControlChange.RolesChanged(), CancellationToken.None);
        return result;
    }

    private static Task<CommunityRole?> Find(Sql sql, Guid id) => sql.One(Columns + " where id = @id", Map, ("id", id));

    private static CommunityRole Map(SqlRow row) =>
        new(row.Uuid(0), row.Text(1), row.TextOrNull(2), row.Int32(3), (Permissions)row.Int32(4));

    private static (string, object?)[] Values(CommunityRole role) =>
    [
        ("id", role.Id), ("name", role.Name), ("key", Key(role.Name)), ("colour", role.Colour), ("position", role.Position), ("permissions", (int)role.Permissions),
    ];
}

/// <param name="Colour"><c>#rrggbb</c>, or null.</param>
/// <param name="Position">The highest is shown first.</param>
public sealed record CommunityRole(Guid Id, string Name, string? Colour, int Position, Permissions Permissions);

public sealed record CreateRole(string Name, string? Colour = null, int Position = 0, Permissions Permissions = Permissions.None);

/// <summary>What is null stays as it is; an empty colour is none.</summary>
public sealed record ChangeRole(string? Name = null, string? Colour = null, int? Position = null, Permissions? Permissions = null);
