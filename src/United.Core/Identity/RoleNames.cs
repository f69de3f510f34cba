namespace United.Core.Identity;

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
