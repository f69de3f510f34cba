using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// Somebody asked to write to somebody, by writing: one per requester and recipient, of their direct conversation and their encrypted
/// one together.
/// </summary>
/// <param name="ConversationId">The one in which it was asked.</param>
/// <param name="CreatedAt">Unix milliseconds.</param>
public sealed record MessageRequest(Guid Id, Guid RequesterId, Guid RecipientId, Guid ConversationId, RequestState State, long CreatedAt)
{
    public Guid Other(Guid userId) => RequesterId == userId ? RecipientId : RequesterId;
}

/// <summary>Stored: values are frozen.</summary>
public enum RequestState
{
    Pending = 0,
    Accepted = 1,

    /// <summary>For the requester nothing tells it from pending.</summary>
    Declined = 2,
}

/// <summary>Told to the recipient.</summary>
public sealed record RequestReceived(Guid UserId, MessageRequest Request, Conversation Conversation) : UserEvent(UserId);

/// <summary>The recipient accepted it, or wrote back. Told to both.</summary>
public sealed record RequestAccepted(Guid UserId, MessageRequest Request, Conversation Conversation) : UserEvent(UserId);

/// <summary>For the recipient's own devices; the requester never learns.</summary>
public sealed record RequestDeclined(Guid UserId, MessageRequest Request) : UserEvent(UserId);
