using United.Core.Realtime;

namespace United.Core.Messages;

public sealed record ConversationCreated(Conversation Conversation) : ConversationEvent(Conversation.Id, Conversation.Revision, Conversation.Open);

/// <summary>Name, picture, topic, place, read-only, or whether it is open changed.</summary>
public sealed record ConversationUpdated(Conversation Conversation) : ConversationEvent(Conversation.Id, Conversation.Revision, Conversation.Open);

/// <summary>It is gone for everybody. The last event of a conversation.</summary>
public sealed record ConversationRemoved(Guid ConversationId, long Revision, bool Open) : ConversationEvent(ConversationId, Revision, Open)
{
    public override bool Last => true;
}

/// <summary>Somebody was let in, left, was removed, or has another role: see the member's state.</summary>
/// <param name="Conversation">As it is now: whoever was let in has not heard of it before.</param>
public sealed record MemberChanged(Member Member, Conversation Conversation) : ConversationEvent(Member.ConversationId, Member.Revision, Conversation.Open)
{
    public override MembershipChange? Membership => new(Member.UserId, Member.State == MemberState.Member);
}

/// <summary>Somebody hid, muted or set what to be notified of: for their own devices.</summary>
public sealed record ConversationSettingsChanged(Guid UserId, Guid ConversationId, ConversationSettings Settings) : UserEvent(UserId);
