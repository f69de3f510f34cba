using United.Core.Realtime;

namespace United.Core.Messages;

public sealed record ConversationCreated(Conversation Conversation) : ConversationEvent(Conversation.Id, Conversation.Revision, Conversation.Open);

/// <summary>Name, topic, place, read-only, or whether it is open changed.</summary>
public sealed record ConversationUpdated(Conversation Conversation) : ConversationEvent(Conversation.Id, Conversation.Revision, Conversation.Open);

/// <summary>It is gone for everybody. The last event of a conversation.</summary>
public sealed record ConversationRemoved(Guid ConversationId, long Revision, bool Open) : ConversationEvent(ConversationId, Revision, Open)
{
    public override bool Last => true;
}

/// <summary>Somebody was let in, left, was removed, or has another role: see the member's state.</summary>
public sealed record MemberChanged(Member Member, bool Open) : ConversationEvent(Member.ConversationId, Member.Revision, Open)
{
    public override MembershipChange? Membership => new(Member.UserId, Member.State == MemberState.Member);
}
