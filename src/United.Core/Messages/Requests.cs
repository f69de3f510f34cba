namespace United.Core.Messages;

/// <summary>Posts a message. Content and ids are checked by the log, not by the wire.</summary>
/// <param name="ClientId">1 to 64 printable ASCII characters; the same again answers with the first result.</param>
/// <param name="Type">Null: it follows from what the message brings.</param>
/// <param name="MediaIds">At most 10, of the caller's own uploads; a voice message has exactly one.</param>
/// <param name="SharedPostId">A channel message that the caller may read; for <see cref="MessageType.SharedPost"/> only.</param>
public sealed record PostMessage(
    Guid ConversationId, string Content, Guid? ReplyToId = null, string? ClientId = null, SignedOrigin? Origin = null,
    MessageType? Type = null, IReadOnlyList<Guid>? MediaIds = null, Guid? SharedPostId = null);

/// <summary>The author's own signature over the gossip envelope's bytes (specification 4, p2p).</summary>
public sealed record SignedOrigin(byte[] Signature, byte[] Payload, long Timestamp, long SequenceHint);

public sealed record EditMessage(Guid ConversationId, Guid MessageId, string Content);

public sealed record DeleteMessage(Guid ConversationId, Guid MessageId);

/// <param name="Toggle">Takes it back if it stands.</param>
public sealed record AddReaction(Guid MessageId, string Emoji, bool Toggle = false);

public sealed record RemoveReaction(Guid MessageId, string Emoji);

/// <summary>Moves a watermark forward; never back, never beyond the last message.</summary>
public sealed record MoveWatermark(Guid ConversationId, long Sequence);

/// <param name="Duplicate">The client_id had been stored before: this is the first result.</param>
/// <param name="Message">As it was stored just now, and as its sender sees it; null for a duplicate, which may have been changed since.</param>
public sealed record PostResult(Guid MessageId, long Sequence, long Revision, long Timestamp, string? ClientId, bool Duplicate, Message? Message = null);

/// <param name="Changed">False if it stood (or was gone) already.</param>
/// <param name="Reactions">All that stood on the message with it and have not been taken back since, the oldest first.</param>
public sealed record ReactionResult(bool Changed, bool Added, long Revision, IReadOnlyList<Reaction> Reactions);

public sealed record WatermarkResult(long Sequence, int UnreadCount, int MentionCount);
