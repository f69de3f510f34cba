namespace United.Core.Messages;

/// <summary>Stored: values are frozen.</summary>
public enum ConversationKind
{
    Channel = 1,
    Group = 2,
    Direct = 3,
    Dm = 4,
}

/// <summary>A conversation in its present state, the same for every reader.</summary>
public sealed record Conversation
{
    public required Guid Id { get; init; }
    public required ConversationKind Kind { get; init; }
    public required string Name { get; init; }
    public string Topic { get; init; } = "";
    public string Category { get; init; } = "";
    public int Position { get; init; }

    /// <summary>A channel that every member of the server reads.</summary>
    public bool Open { get; init; }

    public bool ReadOnly { get; init; }
    public Guid? CreatorId { get; init; }
    public required long CreatedAt { get; init; }
    public required long LastSequence { get; init; }
    public required long Revision { get; init; }
    public Guid? LastMessageId { get; init; }
    public long? LastMessageAt { get; init; }

    /// <summary>What is unique of a channel's name: its letters without regard to case and form.</summary>
    public static string NameKey(string name) => UnicodeForms.Nfkc(name).ToUpperInvariant().ToLowerInvariant();
}

/// <summary>A conversation as one reader sees it. Counts stop at 999.</summary>
public sealed record ConversationView(
    Conversation Conversation, long LastRead, long LastDelivered, int UnreadCount, int MentionCount, Message? LastMessage);

/// <summary>Stored: values are frozen.</summary>
public enum MemberState
{
    Left = 0,
    Member = 1,
    Removed = 2,
}

/// <summary>Stored: values are frozen.</summary>
public enum MemberRole
{
    Member = 0,
    Admin = 1,
}

public sealed record Member(
    Guid ConversationId, Guid UserId, string DisplayName, MemberRole Role, MemberState State, long JoinedAt, long Revision);
