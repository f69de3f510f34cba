using United.Core.Realtime;

namespace United.Core.DirectMessages;

/// <summary>An encrypted conversation of two identity keys, A being the smaller one. Both stay, whatever keys the two have later.</summary>
/// <param name="UnreadCount">The reader's own, up to 999.</param>
/// <param name="ExpiredCount">How many messages the offline queue gave up for the reader; they are still in the history. 0 once they have been read.</param>
public sealed record DmConversation(
    Guid Id, DmParticipant A, DmParticipant B, long CreatedAt, long? LastMessageAt = null, long LastSequence = 0, int UnreadCount = 0, long ExpiredCount = 0);

/// <param name="PublicKey">The identity key, lower-case hex.</param>
/// <param name="DisplayName">The present one.</param>
public sealed record DmParticipant(Guid UserId, string PublicKey, string DisplayName);

/// <summary>There is a new encrypted conversation: told to both.</summary>
public sealed record DmConversationCreated(Guid UserId, DmConversation Conversation) : UserEvent(UserId);
