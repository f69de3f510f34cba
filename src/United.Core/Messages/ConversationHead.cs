using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// The head of a conversation's log while its row is locked: what the changes of one batch number and stamp with. Read after the
/// lock was taken, written back by the log before the commit. Revisions are dense, and each is told by exactly one event, or
/// readers would wait for one that never comes: both are enforced here.
/// </summary>
public sealed class ConversationHead(Conversation stored, bool isNew)
{
    private readonly List<Event> _events = [];
    private long _told = stored.Revision;

    /// <summary>The row as it stands now, changes of this batch included.</summary>
    public Conversation Conversation { get; private set; } = stored;

    /// <summary>There is no row yet: the change at hand starts the conversation.</summary>
    public bool IsNew { get; private set; } = isNew;

    public bool Deleted => DeletedAt is not null;

    internal long? DeletedAt { get; private set; }

    public long LastSequence => Conversation.LastSequence;

    public long Revision => Conversation.Revision;

    public bool Open => Conversation.Open;

    /// <summary>To be published after the commit, in this order.</summary>
    public IReadOnlyList<Event> Events => _events;

    /// <summary>Revision of the last membership change, if it has to be written.</summary>
    internal long? MemberRevision { get; private set; }

    /// <summary>Revision of the last change of the row itself (name, topic, ...), if it has to be written.</summary>
    internal long? OwnRevision { get; private set; }

    internal bool Changed { get; private set; }

    /// <summary>The stamp for a changed message or reaction.</summary>
    public long NextRevision()
    {
        Conversation = Conversation with { Revision = Revision + 1 };
        Changed = true;
        return Revision;
    }

    /// <summary>The stamp for a changed member row.</summary>
    public long NextMemberRevision()
    {
        MemberRevision = NextRevision();
        return Revision;
    }

    /// <summary>The number of a new message, which needs a revision besides.</summary>
    public long NextSequence(Guid messageId, long timestamp)
    {
        Conversation = Conversation with { LastSequence = LastSequence + 1, LastMessageId = messageId, LastMessageAt = timestamp };
        return LastSequence;
    }

    /// <summary>Takes over a change of the row itself (name, topic, open, ...) and stamps it. The log writes it.</summary>
    public long Replace(Conversation changed)
    {
        Conversation = changed;
        OwnRevision = NextRevision();
        return Revision;
    }

    /// <summary>The beginning of the conversation, stamped: the first step, after its checks, of a change that starts one.</summary>
    /// <exception cref="InvalidOperationException">It exists already.</exception>
    public long Start() => IsNew ? Replace(Conversation) : throw new InvalidOperationException("The conversation exists.");

    /// <summary>The end of the conversation, stamped. The log writes it, and refuses whatever comes after as not found.</summary>
    public long Delete(long at)
    {
        DeletedAt = at;
        return Replace(Conversation);
    }

    /// <exception cref="InvalidOperationException">Not the event of the next revision that has not been told.</exception>
    public void Tell(ConversationEvent committed)
    {
        if (committed.Revision != _told + 1 || committed.Revision > Revision)
            throw new InvalidOperationException($"{committed.GetType().Name} tells revision {committed.Revision}, after {_told} of {Revision}.");
        _told = committed.Revision;
        _events.Add(committed);
    }

    public void Tell(StaffEvent committed) => _events.Add(committed);

    public void Tell(UserEvent committed) => _events.Add(committed);

    public void Tell(Hint committed) => _events.Add(committed);

    /// <exception cref="InvalidOperationException">A change took a revision and told nobody.</exception>
    internal void EnsureTold()
    {
        if (_told != Revision) throw new InvalidOperationException($"Revision {Revision} was taken, but only {_told} told.");
    }

    internal void Written() => (IsNew, OwnRevision, MemberRevision, Changed) = (false, null, null, false);
}
