namespace United.Core.Realtime;

/// <summary>
/// One signed-in connection, whatever carries it. It hears events from <see cref="Hub.Attach"/> to <see cref="Hub.Detach"/>. What the hub
/// calls it calls from its mailbox, one thing after another: nothing in there may wait.
/// </summary>
/// <param name="sessionId">Of the log-in; several connections may share it.</param>
public abstract class Session(Guid userId, Guid sessionId)
{
    public Guid UserId { get; } = userId;

    public Guid SessionId { get; } = sessionId;

    /// <summary>Null while it is open.</summary>
    public abstract CloseReason? Closed { get; }

    /// <summary>The hub tells it of events: it was let in and is not gone yet.</summary>
    protected bool Attached => Place >= 0;

    // Where it stands in the hub's list of all sessions; the hub's own.
    internal int Place { get; set; } = -1;

    /// <summary>From then on events are delivered. What was committed before, the client finds when it catches up.</summary>
    internal bool Listens { get; set; }

    /// <summary>False while its client is away and may come back; the session goes on listening meanwhile (<see cref="Hub.Linger"/>).</summary>
    internal bool Present { get; set; } = true;

    /// <summary>The first reason stands. May be called from anywhere.</summary>
    public abstract void Close(CloseReason reason);

    /// <summary>It hears events from now on. What it tells its client in here comes before all of them.</summary>
    /// <param name="conversations">Those that its user may read, of the ones that are not open.</param>
    /// <returns>False: its client has gone.</returns>
    protected internal abstract bool Begin(IEnumerable<Guid> conversations);

    protected internal abstract void Deliver(EncodedEvent told);

    /// <summary>Its user may read a conversation that is not open, from now on.</summary>
    protected internal virtual void Joined(Guid conversationId)
    {
    }

    /// <summary>Its user may no longer read a conversation, or it is open or gone.</summary>
    protected internal virtual void Left(Guid conversationId)
    {
    }
}
