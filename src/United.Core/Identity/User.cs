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

    /// <summary>Whether the caller may act on this user as a moderator: nobody acts on the owner, on an equal, or on somebody with rights that they lack.</summary>
    internal bool IsBelow(Caller caller) =>
        caller.UserId != Id && (Role < caller.Role || (Role == Role.Member && caller.May(Permissions)));
}

/// <param name="HasPassword">False for somebody who signs in by key alone.</param>
public sealed record UserSettings(MessagingAccess MessagingAccess, bool ReadReceipts, bool HasPassword);

/// <summary>Who may start a direct conversation. Stored: values are frozen.</summary>
public enum MessagingAccess
{
    Everyone = 0,
    Requests = 1,
    Nobody = 2,
}
