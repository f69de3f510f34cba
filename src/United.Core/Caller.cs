namespace United.Core;

public enum Role
{
    Member = 0,
    Admin = 1,
    Owner = 2,
}

/// <summary>Rights of a community role. Owner and admin hold all of them. Stored as a number: values are frozen.</summary>
[Flags]
public enum Permissions
{
    None = 0,
    ManageChannels = 1,
    ManageMessages = 2,
    ManageMembers = 4,
    ManageRoles = 8,
    ManageServer = 16,
    MentionEveryone = 32,
    All = ManageChannels | ManageMessages | ManageMembers | ManageRoles | ManageServer | MentionEveryone,
}

/// <summary>
/// Who asks, as of this very request: resolved at every dispatch (never kept from when a connection opened), so that
/// suspension, log-out and lost rights hold at once. First argument of every slice action.
/// </summary>
public sealed record Caller(
    Guid UserId,
    Guid SessionId,
    string Username,
    string DisplayName,
    string PublicKey,
    Role Role,
    Permissions Permissions)
{
    /// <summary>The last ending of sessions that was known when this was read (<c>Callers.Stands</c>).</summary>
    public long AsOf { get; init; }

    public bool May(Permissions needed) => (Permissions & needed) == needed;
}
