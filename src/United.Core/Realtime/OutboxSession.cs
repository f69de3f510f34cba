namespace United.Core.Realtime;

/// <summary>
/// A session that leaves by an outbox. The outbox is the connection's from its opening (it answers before sign-in too); the session
/// begins with sign-in.
/// </summary>
/// <param name="greeting">The first that its client hears as a signed-in one.</param>
public sealed class OutboxSession(Guid userId, Guid sessionId, IWireEncoder<byte[]> wire, Outbox outbox, byte[]? greeting = null) : Session(userId, sessionId)
{
    public Outbox Outbox { get; } = outbox;

    public override CloseReason? Closed => Outbox.Closed;

    public override void Close(CloseReason reason) => Outbox.Close(reason);

    protected internal override bool Begin(IEnumerable<Guid> conversations) => greeting is null || Outbox.Add(greeting);

    protected internal override void Deliver(EncodedEvent told)
    {
        var bytes = told.For(wire);
        if (bytes.Length > 0) Outbox.Add(bytes);
    }
}
