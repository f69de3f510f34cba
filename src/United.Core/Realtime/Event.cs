namespace United.Core.Realtime;

/// <summary>
/// Whatever a session may hear. Events are immutable, carry the present state of what changed, and are the same for all
/// receivers: nothing in them depends on who looks.
/// </summary>
public abstract record Event;

/// <summary>
/// A committed change of a conversation, exactly one per revision. Hearing it twice harms nobody. Goes to those who may read the
/// conversation as of this revision: every member of the server if it is open, else its members.
/// </summary>
/// <param name="Open">Whether the conversation is open to every member of the server, as of this revision.</param>
public abstract record ConversationEvent(Guid ConversationId, long Revision, bool Open) : Event
{
    /// <summary>Set where the change lets somebody in or shuts somebody out; the hub moves its subscriptions by it.</summary>
    public virtual MembershipChange? Membership => null;

    /// <summary>What somebody hears first who is let in by this.</summary>
    public virtual Event? Welcome => null;

    /// <summary>The conversation is gone: nothing follows.</summary>
    public virtual bool Last => false;

    /// <summary>Bytes that it takes in memory, roughly: for the bound on what may wait.</summary>
    public virtual int Weight => 512;
}

/// <param name="OfChannel">Whether it is about a channel, which clients list apart from other conversations.</param>
public readonly record struct MembershipChange(Guid UserId, bool Joined, bool OfChannel);

/// <summary>Something for all sessions of one user (watermarks, unread counts). Takes no revision; never stored.</summary>
public abstract record UserEvent(Guid UserId) : Event;

/// <summary>
/// For the sessions of somebody who may no longer read a conversation: the last that they hear of it. The hub's own.
/// </summary>
public sealed record ReadingEnded(Guid UserId, Guid ConversationId, bool OfChannel = true) : UserEvent(UserId);

/// <summary>
/// A hint that is worth telling now or never: typing, presence. Goes to those who may read the conversation, or to every session
/// where there is none. Takes no revision; never stored.
/// </summary>
public abstract record Hint(Guid? ConversationId) : Event;

/// <summary>Something for all sessions whose user holds a permission (flags for moderators). Never stored.</summary>
/// <param name="Within">Set: only for those of them who may read this conversation, once it has been told up to this revision.</param>
public abstract record StaffEvent(Permissions Needed, Head? Within = null) : Event;
