using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// The head of a conversation's log while its row is locked: what the changes of one batch number and stamp with. Read after the
/// lock was taken, written back by the log before the commit.
/// </summary>
public sealed class ConversationHead(Conversation stored, bool deleted)
{
    private readonly List<ConversationEvent> _events = [];

    /// <summary>The row as it stands now, changes of this batch included.</summary>
    public Conversation Conversation { get; private set; } = stored;

    /// <summary>The conversation has been deleted: every change but its creation is refused as not found.</summary>
    public bool Deleted { get; private set; } = deleted;

    public long LastSequence => Conversation.LastSequence;

    public long Revision => Conversation.Revision;

    public bool Open => Conversation.Open;

    /// <summary>Committed events, to be published in this order.</summary>
    public IReadOnlyList<ConversationEvent> Events => _events;

    public long NextRevision()
    {
        Conversation = Conversation with { Revision = Revision + 1 };
        return Revision;
    }

    public long NextSequence(Guid messageId, long timestamp)
    {
        Conversation = Conversation with { LastSequence = LastSequence + 1, LastMessageId = messageId, LastMessageAt = timestamp };
        return LastSequence;
    }

    /// <summary>Takes over a change of the row itself (name, topic, open, ...). The log writes it.</summary>
    public void Replace(Conversation changed) => Conversation = changed;

    public void Delete() => Deleted = true;

    public void Tell(ConversationEvent committed) => _events.Add(committed);
}
