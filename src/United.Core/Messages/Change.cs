using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// One change of one conversation, on its way through the log. A slice defines its own changes; the log runs them, many in one
/// transaction, with the conversation's row locked. Holds plain values only, so that it could be run by another node.
/// </summary>
public abstract class Change<T>(Guid conversationId) : Change(conversationId)
{
    /// <summary>
    /// Checks, then writes. Checks everything before the first write: a refusal must leave nothing behind. Every changed row is
    /// stamped with a revision of <paramref name="head"/>, and every revision is told by exactly one event
    /// (<see cref="ConversationHead.Tell(Realtime.ConversationEvent)"/>). May run several times; only the last run counts.
    /// </summary>
    /// <remarks>
    /// The conversation exists and is not deleted, else the log refuses as not found and does not come here; a change that starts one
    /// finds <see cref="ConversationHead.IsNew"/>. Only <paramref name="sql"/> may be awaited. A value that collides with a
    /// unique index (a name taken by another node in this very moment) may be left to the index: the change runs again, and
    /// its check then sees what it collided with.
    /// </remarks>
    public abstract Task<Result<T>> Apply(Sql sql, ConversationHead head);
}

public abstract class Change(Guid conversationId)
{
    public Guid ConversationId { get; } = conversationId;

    /// <summary>Bytes that it brings, for the bound on a batch.</summary>
    public virtual int Size => 200;

    /// <summary>
    /// The conversation that this change starts, with revision and sequence 0; null for a change of one that exists. If there
    /// is no row of this id, <c>Apply</c> gets a head of it, checks, calls <see cref="ConversationHead.Start"/> and tells the
    /// creation; the log inserts the row right after (the foreign key of member rows is checked at the commit).
    /// </summary>
    public virtual Conversation? Starts => null;

    /// <summary>Whose member rows it may write, so that they are locked in key order before anything is read.</summary>
    public virtual IReadOnlyList<Guid> MemberIds => [];

    /// <summary>
    /// Of a change that starts a conversation of two: the pair, whose row is unique. PostgreSQL applies the starts of a transaction in the
    /// order of their pairs, so that two writers who make the same ones don't wait for each other in a circle.
    /// </summary>
    internal virtual string? Pair => null;

    /// <summary>Those of one sort PostgreSQL writes many at a time; null: one after the other.</summary>
    internal virtual BatchSort? Sort => null;

    /// <summary>It leaves the queue; from now on it must not change.</summary>
    internal virtual void Begin()
    {
    }
}
