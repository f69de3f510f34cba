using United.Core.Media;

namespace United.Core.Messages;

/// <summary>Kinds of messages. Stored: values are frozen.</summary>
public enum MessageType
{
    Text = 0,
    Media = 1,
    Voice = 2,
    SharedPost = 3,
    System = 4,

    /// <summary>Of an encrypted conversation: it has a <see cref="Message.Sealed"/> body and no content.</summary>
    Encrypted = 5,
}

/// <summary>A message in its present state, with its author's present name. The same for every reader.</summary>
public sealed record Message
{
    public required Guid Id { get; init; }
    public required Guid ConversationId { get; init; }
    public required long Sequence { get; init; }
    public required long Revision { get; init; }
    public required Guid SenderId { get; init; }
    public required string SenderDisplayName { get; init; }

    /// <summary>Lower-case hex, "" without an identity key.</summary>
    public required string SenderPublicKey { get; init; }

    public MessageType Type { get; init; }

    /// <summary>Empty once it is deleted.</summary>
    public required string Content { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long Timestamp { get; init; }

    public string? ClientId { get; init; }
    public Guid? ReplyToId { get; init; }

    /// <summary>What it shows of the message that it answers; null where the reader has hidden that.</summary>
    public ReplyPreview? ReplyTo { get; init; }

    public Guid? SharedPostId { get; init; }

    /// <summary>What it shows of the shared post; null where the reader may not see that.</summary>
    public ReplyPreview? SharedPost { get; init; }

    /// <summary>Of encrypted messages, where their reader gets it: lists of conversations leave it out.</summary>
    public SealedBody? Sealed { get; init; }

    public IReadOnlyList<MessageMedia> Media { get; init; } = [];
    public IReadOnlyList<Guid> MentionUserIds { get; init; } = [];
    public IReadOnlyList<Guid> MentionRoleIds { get; init; } = [];
    public bool MentionsEveryone { get; init; }
    public byte[]? Signature { get; init; }
    public long? EditedAt { get; init; }
    public bool Deleted { get; init; }
    public bool Late { get; init; }

    /// <summary>For moderators' eyes only.</summary>
    public bool Flagged { get; init; }

    /// <summary>Those that stand, the oldest first.</summary>
    public IReadOnlyList<Reaction> Reactions { get; init; } = [];
}

/// <summary>What a reply shows of the message that it answers.</summary>
/// <param name="Excerpt">At most 140 characters.</param>
public sealed record ReplyPreview(Guid Id, long Sequence, Guid SenderId, string Excerpt, bool Deleted);

public sealed record Reaction(
    Guid MessageId, Guid ConversationId, Guid UserId, string UserPublicKey, string Emoji, long Timestamp, long Revision);
