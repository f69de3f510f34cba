using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>A message in its present state: new, or (after a repair) one that the receiver may know in an older state.</summary>
public sealed record MessagePosted(Message Message, bool Open) : ConversationEvent(Message.ConversationId, Message.Revision, Open)
{
    public override int Weight => 1024 + (2 * Message.Content.Length) + (Message.Sealed?.Payload.Length ?? 0);
}

public sealed record MessageEdited(
    Guid ConversationId, long Revision, bool Open, Guid MessageId, string NewContent, long EditedAt,
    IReadOnlyList<Guid> MentionUserIds, IReadOnlyList<Guid> MentionRoleIds) : ConversationEvent(ConversationId, Revision, Open);

public sealed record MessageDeleted(Guid ConversationId, long Revision, bool Open, Guid MessageId, long Sequence)
    : ConversationEvent(ConversationId, Revision, Open);

public sealed record ReactionAdded(Reaction Reaction, bool Open) : ConversationEvent(Reaction.ConversationId, Reaction.Revision, Open);

public sealed record ReactionRemoved(
    Guid ConversationId, long Revision, bool Open, Guid MessageId, Guid UserId, string UserPublicKey, string Emoji)
    : ConversationEvent(ConversationId, Revision, Open);

/// <summary>The user's own watermark moved, and the counts with it: for the user's other devices.</summary>
public sealed record UnreadChanged(Guid UserId, Guid ConversationId, long LastRead, int UnreadCount, int MentionCount) : UserEvent(UserId);

/// <summary>
/// A message waits for the moderators: for all of them where somebody reported it, else for those who may read its conversation
/// (docs/decisions/0014), as with the queue of <see cref="FlaggedMessages"/>.
/// </summary>
/// <param name="Revision">Of the change by which it matched the word list; null: it was reported.</param>
public sealed record MessageFlagged(Guid ConversationId, Guid MessageId, long? Revision)
    : StaffEvent(Permissions.ManageMessages, Revision is { } revision ? new Head(ConversationId, revision) : null);
