using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>Reads accounts with their community roles.</summary>
internal static class UserStore
{
    /// <summary>The name shown for somebody who deleted their account, also as the author of what they wrote.</summary>
    public const string DeletedName = "deleted account";

    private const string Columns =
        "id, username, display_name, public_key, role, bio, avatar_media_id, created_at, last_seen_at, suspended_at, messaging_access, read_receipts, password_hash is not null";

    /// <returns>Null for somebody who does not exist, or deleted their account.</returns>
    public static async Task<User?> Find(Sql sql, Guid id)
    {
        var user = await sql.One($"select {Columns} from users where id = @id and deleted_at is null", Map, ("id", id));
        return user is null ? null : (await WithRoles(sql, [user]))[0];
    }

    /// <returns>Not found for somebody who does not exist, or deleted their account.</returns>
    public static async Task<Result<User>> Get(Sql sql, Guid id) => await Find(sql, id) is { } user ? user : Fault.NotFound;

    public static async Task<List<User>> WithRoles(Sql sql, List<User> users)
    {
        var given = await sql.All(
            """
            select m.user_id, r.id, r.permissions from role_members m join roles r on r.id = m.role_id
            where m.user_id = any(@ids) order by r.position desc, r.id
            """,
            row => (User: row.Uuid(0), Role: row.Uuid(1), Permissions: (Permissions)row.Int32(2)), ("ids", users.ConvertAll(user => user.Id).ToArray()));
        var byUser = given.ToLookup(entry => entry.User);
        return users.ConvertAll(user => user with
        {
            RoleIds = [.. byUser[user.Id].Select(entry => entry.Role)],
            Permissions = byUser[user.Id].Aggregate(Of(user.Role), (all, entry) => all | entry.Permissions),
        });
    }

    public static string Select(string where) => $"select {Columns} from users where {where}";

    public static User Map(SqlRow row) => new()
    {
        Id = row.Uuid(0),
        Username = row.Text(1),
        DisplayName = row.Text(2),
        PublicKey = PublicKeys.Hex(row.BytesOrNull(3)),
        Role = (Role)row.Int32(4),
        Bio = row.Text(5),
        AvatarMediaId = row.UuidOrNull(6),
        CreatedAt = row.Int64(7),
        LastSeenAt = row.Int64OrNull(8),
        SuspendedAt = row.Int64OrNull(9),
        Settings = new UserSettings((MessagingAccess)row.Int32(10), row.Bool(11), row.Bool(12)),
    };

    private static Permissions Of(Role role) => role >= Role.Admin ? Permissions.All : Permissions.None;
}
