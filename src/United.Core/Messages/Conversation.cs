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
    public Guid? AvatarMediaId { get; init; }
    public required long CreatedAt { get; init; }
    public required long LastSequence { get; init; }
    public required long Revision { get; init; }
    public Guid? LastMessageId { get; init; }
    public long? LastMessageAt { get; init; }

    /// <summary>As it is before it starts.</summary>
    internal static Conversation Draft(ConversationKind kind, Caller creator, TimeProvider time) => new()
    {
        Id = Ids.New(time),
        Kind = kind,
        Name = "",
        CreatorId = creator.UserId,
        CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        LastSequence = 0,
        Revision = 0,
    };

    /// <summary>Two people, and nobody else ever.</summary>
    public bool IsOfTwo => Kind is ConversationKind.Direct or ConversationKind.Dm;

    /// <summary>Whether it is in a member's lists: a conversation of two that the other one opened shows once it holds a message.</summary>
    public bool ShowsTo(Guid memberId) => !IsOfTwo || LastSequence > 0 || CreatorId == memberId;

    /// <summary>What is unique of a channel's name: its letters without regard to case and form.</summary>
    public static string NameKey(string name) => UnicodeForms.Nfkc(name).ToUpperInvariant().ToLowerInvariant();
}

/// <summary>The conversation that somebody asked for.</summary>
/// <param name="Created">It was made now, and was not there before.</param>
internal sealed record StartedConversation(Guid Id, bool Created);

/// <summary>A conversation as one reader sees it. Counts stop at 999.</summary>
/// <param name="LastMessage">Null where there is none, or the reader has hidden it.</param>
/// <param name="Settings">The reader's own.</param>
public sealed record ConversationView(
    Conversation Conversation, long LastRead, long LastDelivered, int UnreadCount, int MentionCount, Message? LastMessage, ConversationSettings Settings)
{
    /// <summary>The first of them, <see cref="ShownMembers.Most"/> at most; none of a channel.</summary>
    public IReadOnlyList<ShownMember> Members { get; init; } = [];

    /// <summary>0 for a channel.</summary>
    public int MemberCount { get; init; }

    /// <summary>The request that it began with; null where nobody had to ask. The requester sees a declined one as pending.</summary>
    public MessageRequest? Request { get; init; }
}

/// <summary>What a conversation is to one of its readers, and nobody else's business.</summary>
/// <param name="MutedUntil">Unix milliseconds.</param>
/// <param name="Hidden">Out of the reader's list until something new is said.</param>
/// <param name="HiddenSequence">Messages up to this one are hidden from the reader for good; 0: none.</param>
public sealed record ConversationSettings(MemberRole Role, long? MutedUntil, NotificationLevel Notifications, bool Hidden, long HiddenSequence);

/// <summary>What the reader wants to be notified of. Stored: values are frozen.</summary>
public enum NotificationLevel
{
    All = 0,
    Mentions = 1,
    None = 2,
}

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

/// <summary>A member with the watermarks that the reader may know of.</summary>
/// <param name="LastRead">As far as the reader was told; null where receipts are not told.</param>
/// <param name="LastDelivered">As far as the reader was told; null where receipts are not told.</param>
public sealed record ShownMember(Member Member, long? LastRead, long? LastDelivered);
