using United.SocketIo.EngineIo;

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
        using var payload = Encode(name, args);
        return new PreparedEvent(new Delivery(payload.ToEvent(this)));
    }

    /// <summary>The same, kept for recovery. Events have to be handed out in the order in which they were prepared.</summary>
    /// <param name="rooms">A client that comes back is given it if it is in one of them then.</param>
    public PreparedEvent PrepareFor(IReadOnlyList<string> rooms, string name, params ReadOnlySpan<object?> args)
    {
        if (Recovery is null) return Prepare(name, args);
        using var payload = Encode(name, args);
        lock (Rooms.Gate) return new PreparedEvent(Recovery.Record(payload, new Target(rooms, []), this));
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
        using var payload = Encode(name, args);
        DeliverHere(target, flags, payload);
        if (!flags.Local) Adapter.Broadcast(target, flags, payload);
    }

    internal void DeliverHere(Target target, EmitFlags flags, Payload payload)
    {
        if (Recovery is null || flags.Volatile) Rooms.Choose(target).Deliver(new Delivery(payload.ToEvent(this), flags.Volatile));
        else Record(payload, target, out var delivery).Deliver(delivery);
    }

    /// <summary>In one step with the choice of the receivers: see <see cref="SocketIo.Recovery"/>.</summary>
    private Receivers Record(Payload payload, Target target, out Delivery delivery)
    {
        lock (Rooms.Gate)
        {
            delivery = Recovery!.Record(payload, target, this);
            return Rooms.Choose(target);
        }
    }

    internal Task<IReadOnlyList<Argument>> BroadcastWithAck(Target target, EmitFlags flags, string name, ReadOnlySpan<object?> args)
    {
        using var payload = Encode(name, args);
        var id = NextAckId();
        return Ask(target, flags with { Timeout = flags.Timeout ?? Server.Options.AckTimeout }, payload.ToEvent(this, id), id);
    }

    private async Task<IReadOnlyList<Argument>> Ask(Target target, EmitFlags flags, EngineMessage question, long id)
    {
        var acks = new CollectedAcks();
        using var asked = AskHere(target, question, id, acks);
        acks.Expect(asked.Count);
        if (flags.Local) acks.ExpectServers(1);
        else await Adapter.BroadcastWithAck(target, flags, question, acks);
        return await acks.Within(flags.Timeout!.Value, Server.Time);
    }

    /// <returns>Who was asked. Disposing it ends the waiting.</returns>
    internal AskedSockets AskHere(Target target, Payload payload, AckWaiter waiter)
    {
        var id = NextAckId();
        return AskHere(target, payload.ToEvent(this, id), id, waiter);
    }

    private AskedSockets AskHere(Target target, EngineMessage question, long id, AckWaiter waiter)
    {
        var delivery = new Delivery(question);
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
