using United.Core.Realtime;

namespace United.Core.Presence;

/// <summary>Away and dnd are stored: values are frozen.</summary>
public enum PresenceStatus
{
    Online = 1,
    Away = 2,
    Dnd = 3,
    Offline = 4,
}

/// <summary>How somebody is to be found from now on.</summary>
/// <param name="At">Unix milliseconds; of somebody who is offline: when last seen.</param>
public sealed record PresenceChanged(Guid UserId, string UserPublicKey, PresenceStatus Status, long At) : Event;

/// <summary>Somebody is writing in a conversation, or was a moment ago.</summary>
/// <param name="At">Unix milliseconds.</param>
public sealed record UserTyping(Guid Conversation, Guid UserId, string UserPublicKey, string DisplayName, long At) : Hint(Conversation);

/// <summary>What one node's board tells the others'. Never leaves for a session.</summary>
public abstract record PresenceSignal(Guid UserId) : Event
{
    /// <summary>The user's first connection to a node.</summary>
    public sealed record Arrived(Guid UserId, int Node) : PresenceSignal(UserId);

    /// <summary>The user's last connection to a node ended.</summary>
    public sealed record Left(Guid UserId, int Node, long At) : PresenceSignal(UserId);

    /// <summary>A status was set by hand, and stands in the database.</summary>
    public sealed record Set(Guid UserId) : PresenceSignal(UserId);
}
