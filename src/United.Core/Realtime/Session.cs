namespace United.Core.Realtime;

/// <summary>
/// One signed-in connection. The outbox is the connection's from its opening (it answers before sign-in too); a session begins
/// with sign-in and hears events from <see cref="Hub.Attach"/> to <see cref="Hub.Detach"/>.
/// </summary>
/// <param name="sessionId">Of the log-in; several connections may share it.</param>
public sealed class Session(Guid userId, Guid sessionId, IWireEncoder wire, Outbox outbox)
{
    public Guid UserId { get; } = userId;

    public Guid SessionId { get; } = sessionId;

    public Outbox Outbox { get; } = outbox;

    // Where it stands in the hub's list of all sessions; the hub's own.
    internal int Place { get; set; } = -1;

    /// <summary>From then on events are pushed. What was committed before, the client finds when it catches up.</summary>
    internal bool Listens { get; set; }

    internal void Push(EncodedEvent told)
    {
        if (!Listens) return;
        var bytes = told.For(wire);
        if (bytes.Length > 0) Outbox.Add(bytes);
    }
}
