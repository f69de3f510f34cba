namespace United.Core.Realtime;

/// <summary>A user with at least one session on this node. Who may read is a matter of users, so they subscribe, and not their sessions.</summary>
internal sealed class Listener(Guid userId)
{
    private Dictionary<Guid, long>? _revoked = [];

    public Guid UserId { get; } = userId;

    public List<Session> Sessions { get; } = new(1);

    /// <summary>Of which it is a reader.</summary>
    public List<Topic> Topics { get; } = [];

    /// <summary>Completes when the subscriptions stand. Shared by the sessions that come meanwhile.</summary>
    public Task Admission { get; set; } = Task.CompletedTask;

    public bool Admitted => _revoked is null;

    /// <summary>
    /// Remembers a removal that passes while the memberships are being read: what is read may be older than it, and the removal does not
    /// pass a second time.
    /// </summary>
    public void NoteRevoked(Guid conversationId, long revision)
    {
        if (_revoked is not null) _revoked[conversationId] = Math.Max(revision, _revoked.GetValueOrDefault(conversationId));
    }

    public bool RevokedSince(Guid conversationId, long head) => _revoked?.GetValueOrDefault(conversationId) > head;

    public void Admit() => (_revoked, Admission) = (null, Task.CompletedTask);

    /// <summary>How many of the sessions have their client with them.</summary>
    public int Present
    {
        get
        {
            var present = 0;
            foreach (var session in Sessions) present += session.Present ? 1 : 0;
            return present;
        }
    }

    public void Push(EncodedEvent told)
    {
        foreach (var session in Sessions)
            if (session.Listens) session.Deliver(told);
    }

    public void Joined(Guid conversationId)
    {
        foreach (var session in Sessions)
            if (session.Listens) session.Joined(conversationId);
    }

    public void Left(Guid conversationId)
    {
        foreach (var session in Sessions)
            if (session.Listens) session.Left(conversationId);
    }
}

/// <summary>Who hears of a conversation, and from which revision on (that one not included).</summary>
internal readonly record struct Reader(Listener Listener, long From);
