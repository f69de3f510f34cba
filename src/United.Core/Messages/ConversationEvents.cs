using United.Core.Realtime;

namespace United.Core.Messages;

public sealed record ConversationCreated(Conversation Conversation) : ConversationEvent(Conversation.Id, Conversation.Revision, Conversation.Open);

/// <summary>Name, picture, topic, place, read-only, or whether it is open changed.</summary>
public sealed record ConversationUpdated(Conversation Conversation) : ConversationEvent(Conversation.Id, Conversation.Revision, Conversation.Open);

/// <summary>It is gone for everybody. The last event of a conversation.</summary>
public sealed record ConversationRemoved(Guid ConversationId, long Revision, bool Open, ConversationKind Kind = ConversationKind.Channel)
    : ConversationEvent(ConversationId, Revision, Open)
{
    public override bool Last => true;

    public bool OfChannel => Kind == ConversationKind.Channel;
}

/// <summary>Somebody was let in, left, was removed, or has another role: see the member's state.</summary>
/// <param name="Conversation">As it is now: whoever was let in has not heard of it before.</param>
/// <param name="RoleOnly">They were a member before, as is known where it happened; what is read later from the database does not tell.</param>
public sealed record MemberChanged(Member Member, Conversation Conversation, bool RoleOnly = false) : ConversationEvent(Member.ConversationId, Member.Revision, Conversation.Open)
{
    public override MembershipChange? Membership => new(Member.UserId, Member.State == MemberState.Member, Conversation.Kind == ConversationKind.Channel);

    // As of before: what follows from here on is new to whoever was let in.
    public override Event? Welcome => new ConversationEntered(Member.UserId, Conversation with { Revision = Revision - 1 });
}

/// <summary>For the sessions of somebody who was let into a conversation: the first that they hear of it. The hub's own.</summary>
public sealed record ConversationEntered(Guid UserId, Conversation Conversation) : UserEvent(UserId);

/// <summary>Somebody hid, muted or set what to be notified of: for their own devices.</summary>
public sealed record ConversationSettingsChanged(Guid UserId, Guid ConversationId, ConversationSettings Settings) : UserEvent(UserId);
