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
    /// stamped with <see cref="ConversationHead.NextRevision"/>, and every revision is told by exactly one event
    /// (<see cref="ConversationHead.Tell"/>). May run several times; only the last run counts.
    /// </summary>
    public abstract Task<Result<T>> Apply(Sql sql, ConversationHead head);
}

public abstract class Change(Guid conversationId)
{
    public Guid ConversationId { get; } = conversationId;

    /// <summary>Bytes that it brings, for the bound on a batch.</summary>
    public virtual int Size => 200;
}
