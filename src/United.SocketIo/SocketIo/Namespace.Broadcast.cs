namespace United.SocketIo;

/// <summary>What goes to many, here and on the other nodes.</summary>
public sealed partial class Namespace
{
    public BroadcastOperator Volatile => Everybody.Volatile;

    public BroadcastOperator Local => Everybody.Local;

    private BroadcastOperator Everybody => new(this, Target.Everybody, EmitFlags.None);

    public BroadcastOperator To(params ReadOnlySpan<string> rooms) => Everybody.To(rooms);

    public BroadcastOperator In(params ReadOnlySpan<string> rooms) => Everybody.To(rooms);

    public BroadcastOperator Except(params ReadOnlySpan<string> rooms) => Everybody.Except(rooms);

    public BroadcastOperator Compress(bool compress) => Everybody.Compress(compress);

    public BroadcastOperator Timeout(TimeSpan timeout) => Everybody.Timeout(timeout);

    /// <summary>To everybody in the namespace, on all nodes.</summary>
    /// <inheritdoc cref="BroadcastOperator.Emit"/>
    public void Emit(string name, params ReadOnlySpan<object?> args) => Broadcast(Target.Everybody, EmitFlags.None, name, args);

    /// <summary>Encodes an event that the application hands to each receiver itself, with <see cref="Socket.Emit(PreparedEvent)"/>. It is not kept for recovery.</summary>
    public PreparedEvent Prepare(string name, params ReadOnlySpan<object?> args)
    {
        var payload = Encode(name, args);
        return new PreparedEvent(new Delivery(payload.ToEvent(this), name, payload));
    }

    /// <summary>The same, kept for recovery. Events have to be handed out in the order in which they were prepared.</summary>
    /// <param name="rooms">A client that comes back is given it if it is in one of them then.</param>
    public PreparedEvent PrepareFor(IReadOnlyList<string> rooms, string name, params ReadOnlySpan<object?> args)
    {
        if (Recovery is null) return Prepare(name, args);
        var payload = Encode(name, args);
        lock (Rooms.Gate) return new PreparedEvent(Recorded(new Target(rooms, []), name, payload));
    }

    /// <summary>Emits the event <c>message</c>.</summary>
    public void Send(params ReadOnlySpan<object?> args) => Emit("message", args);

    /// <inheritdoc cref="BroadcastOperator.EmitWithAck"/>
    public Task<IReadOnlyList<Argument>> EmitWithAck(string name, params ReadOnlySpan<object?> args) => Everybody.EmitWithAck(name, args);

    /// <inheritdoc cref="BroadcastOperator.FetchSockets"/>
    public Task<IReadOnlyList<RemoteSocket>> FetchSockets(CancellationToken ct = default) => Everybody.FetchSockets(ct);

    public void SocketsJoin(params ReadOnlySpan<string> rooms) => Everybody.SocketsJoin(rooms);

    public void SocketsLeave(params ReadOnlySpan<string> rooms) => Everybody.SocketsLeave(rooms);

    public void DisconnectSockets(bool close = false) => Everybody.DisconnectSockets(close);

    internal void Broadcast(Target target, EmitFlags flags, string name, ReadOnlySpan<object?> args)
    {
        var payload = Encode(name, args);
        DeliverHere(target, flags, name, payload);
        if (!flags.Local) Adapter.Broadcast(target, flags, payload);
    }

    internal void DeliverHere(Target target, EmitFlags flags, string name, Payload payload)
    {
        if (Recovery is null || flags.Volatile) Rooms.Deliver(target, new Delivery(payload.ToEvent(this), name, payload, flags.Volatile));
        else Rooms.Deliver(target, () => Recorded(target, name, payload));
    }

    private Delivery Recorded(Target target, string name, Payload payload)
    {
        var numbered = Recovery!.Record(payload, target, this, out var message, out var number);
        return new Delivery(message, name, numbered, Number: number);
    }

    internal async Task<IReadOnlyList<Argument>> BroadcastWithAck(Target target, EmitFlags flags, string name, Payload payload)
    {
        var acks = new CollectedAcks();
        var timeout = flags.Timeout ?? Server.Options.AckTimeout;
        using var asked = DeliverWithAckHere(target, name, payload, acks);
        acks.Expect(asked.Count);
        if (flags.Local) acks.ExpectServers(1);
        else await Adapter.BroadcastWithAck(target, flags with { Timeout = timeout }, payload, acks);
        return await acks.Within(timeout, Server.Time);
    }

    /// <returns>Who was asked. Disposing it ends the waiting.</returns>
    internal AskedSockets DeliverWithAckHere(Target target, string name, Payload payload, AckWaiter waiter)
    {
        var id = NextAckId();
        var delivery = new Delivery(payload.ToEvent(this, id), name, payload, IsVolatile: false);
        var asked = Rooms.Select(target).Where(socket => socket.TryAwaitAck(id, waiter)).ToArray();
        foreach (var socket in asked) socket.Deliver(delivery);
        return new AskedSockets(asked, id);
    }

    internal async Task<IReadOnlyList<RemoteSocket>> FetchSockets(Target target, EmitFlags flags, CancellationToken ct)
    {
        var here = Rooms.Select(target).Select(SocketDescription.Of);
        return flags.Local ? [.. here] : [.. here, .. await Adapter.FetchSockets(target, ct)];
    }

    internal void SocketsJoin(Target target, EmitFlags flags, string[] rooms)
    {
        JoinHere(target, rooms);
        if (!flags.Local) Adapter.Join(target, rooms);
    }

    internal void SocketsLeave(Target target, EmitFlags flags, string[] rooms)
    {
        LeaveHere(target, rooms);
        if (!flags.Local) Adapter.Leave(target, rooms);
    }

    internal void DisconnectSockets(Target target, EmitFlags flags, bool close)
    {
        DisconnectHere(target, close);
        if (!flags.Local) Adapter.Disconnect(target, close);
    }

    internal void JoinHere(Target target, string[] rooms)
    {
        foreach (var socket in Rooms.Select(target)) socket.Join(rooms);
    }

    internal void LeaveHere(Target target, string[] rooms)
    {
        foreach (var socket in Rooms.Select(target)) socket.Leave(rooms);
    }

    internal void DisconnectHere(Target target, bool close)
    {
        foreach (var socket in Rooms.Select(target)) socket.Disconnect(close);
    }
}

/// <summary>The sockets that a broadcast awaits acknowledgements of.</summary>
internal readonly struct AskedSockets(Socket[] sockets, long ackId) : IDisposable
{
    public int Count => sockets.Length;

    public void Dispose()
    {
        foreach (var socket in sockets) socket.ForgetAck(ackId);
    }
}
