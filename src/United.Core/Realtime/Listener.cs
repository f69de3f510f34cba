namespace United.Core.Realtime;

/// <summary>A user with at least one session on this node. Who may read is a matter of users, so they subscribe, and not their sessions.</summary>
internal sealed class Listener(Guid userId)
{
    private Dictionary<Guid, long>? _revoked = [];

    public Guid UserId { get; } = userId;

    public List<Session> Sessions { get; } = new(1);

    /// <summary>In no order.</summary>
    public List<Subscription> Subscriptions { get; } = [];

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

    /// <summary>Found among the user's conversations or the conversation's readers, whichever are fewer: most of either are few, and a table of them is most of what a user costs.</summary>
    public Subscription? SubscriptionTo(Topic topic)
    {
        foreach (var one in Subscriptions.Count < topic.Readers.Count ? Subscriptions : topic.Readers)
            if (one.Topic == topic && one.Listener == this) return one;
        return null;
    }

    public void Add(Subscription subscription)
    {
        subscription.Rank = Subscriptions.Count;
        Subscriptions.Add(subscription);
    }

    public void Remove(Subscription subscription)
    {
        var last = Subscriptions[^1];
        Subscriptions[subscription.Rank] = last;
        last.Rank = subscription.Rank;
        Subscriptions.RemoveAt(Subscriptions.Count - 1);
    }

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
internal sealed class Subscription(Topic topic, Listener listener, long from)
{
    public Topic Topic { get; } = topic;

    public Listener Listener { get; } = listener;

    public long From { get; } = from;

    /// <summary>Where it stands among the topic's readers.</summary>
    public int Place { get; set; }

    /// <summary>Where it stands among the listener's subscriptions.</summary>
    public int Rank { get; set; }
}
