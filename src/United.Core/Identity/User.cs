using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>An account, as other members may see it.</summary>
public sealed record User
{
    public required Guid Id { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }

    /// <summary>Lower-case hex, "" without an identity key.</summary>
    public required string PublicKey { get; init; }

    public required Role Role { get; init; }
    public string Bio { get; init; } = "";
    public Guid? AvatarMediaId { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long CreatedAt { get; init; }

    public long? LastSeenAt { get; init; }
    public long? SuspendedAt { get; init; }

    /// <summary>Community roles, the highest first.</summary>
    public IReadOnlyList<Guid> RoleIds { get; init; } = [];

    /// <summary>What they may do by role and community roles.</summary>
    public Permissions Permissions { get; init; }

    /// <summary>For the user's own eyes.</summary>
    public required UserSettings Settings { get; init; }

    /// <summary>Whether one may act on the other as a moderator: nobody acts on the owner, on equals, or on who has rights that they lack.</summary>
    internal bool IsBelow(Caller caller) =>
        caller.UserId != Id && (Role < caller.Role || (Role == Role.Member && caller.May(Permissions)));
}

/// <param name="HasPassword">False for who signs in by key alone.</param>
public sealed record UserSettings(MessagingAccess MessagingAccess, bool ReadReceipts, bool HasPassword);

/// <summary>Who may start a direct conversation. Stored: values are frozen.</summary>
public enum MessagingAccess
{
    Everyone = 0,
    Requests = 1,
    Nobody = 2,
}

/// <summary>How roles and permissions are written on the wires.</summary>
public static class RoleNames
{
    private static readonly (Permissions Permission, string Name)[] Names =
    [
        (Permissions.ManageChannels, "manage_channels"), (Permissions.ManageMessages, "manage_messages"), (Permissions.ManageMembers, "manage_members"),
        (Permissions.ManageRoles, "manage_roles"), (Permissions.ManageServer, "manage_server"), (Permissions.MentionEveryone, "mention_everyone"),
    ];

    public static string Of(Role role) => role switch
    {
        Role.Owner => "owner",
        Role.Admin => "admin",
        _ => "member",
    };

    public static Role? Parse(string name) => name switch
    {
        "owner" => Role.Owner,
        "admin" => Role.Admin,
        "member" => Role.Member,
        _ => null,
    };

    public static string[] Of(Permissions permissions) =>
        [.. Names.Where(entry => (permissions & entry.Permission) != 0).Select(entry => entry.Name)];

    /// <returns>Null where a name is unknown.</returns>
    public static Permissions? Parse(IEnumerable<string> names)
    {
        var all = Permissions.None;
        foreach (var name in names)
        {
            var at = Array.FindIndex(Names, entry => entry.Name == name);
            if (at < 0) return null;
            all |= Names[at].Permission;
        }
        return all;
    }
}

/// <summary>Reads accounts with their community roles.</summary>
internal static class UserStore
{
    /// <summary>Shown for who deleted their account; also the author's name of what they wrote.</summary>
    public const string DeletedName = "deleted account";

    private const string Columns =
        "id, username, display_name, public_key, role, bio, avatar_media_id, created_at, last_seen_at, suspended_at, messaging_access, read_receipts, password_hash is not null";

    /// <summary>Null for who does not exist, or deleted their account.</summary>
    public static async Task<User?> Find(Sql sql, Guid id)
    {
        var user = await sql.One($"select {Columns} from users where id = @id and deleted_at is null", Map, ("id", id));
        return user is null ? null : (await WithRoles(sql, [user]))[0];
    }

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
