using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>What goes to this client, and to others in its name.</summary>
public sealed partial class Socket
{
    private Dictionary<long, AckWaiter>? _acks;

    /// <summary>Everybody else in the namespace.</summary>
    public BroadcastOperator Broadcast => new(Namespace, Target.Everybody.But([Id]), EmitFlags.None);

    /// <summary>Everybody else on this node.</summary>
    public BroadcastOperator Local => Broadcast.Local;

    /// <summary>What is emitted is dropped unless the client can be written to at once.</summary>
    public SocketEmitter Volatile => new(this, new EmitFlags(Volatile: true));

    /// <summary>The others in any of these rooms.</summary>
    public BroadcastOperator To(params ReadOnlySpan<string> rooms) => Broadcast.To(rooms);

    /// <inheritdoc cref="To"/>
    public BroadcastOperator In(params ReadOnlySpan<string> rooms) => Broadcast.To(rooms);

    /// <summary>The others who are in none of these rooms.</summary>
    public BroadcastOperator Except(params ReadOnlySpan<string> rooms) => Broadcast.Except(rooms);

    /// <summary>How long the client's answer may take.</summary>
    public SocketEmitter Timeout(TimeSpan timeout) => new(this, new EmitFlags(Timeout: timeout));

    /// <inheritdoc cref="BroadcastOperator.Compress"/>
    public SocketEmitter Compress(bool compress) => new(this, new EmitFlags(Compress: compress));

    /// <summary>To this client alone.</summary>
    /// <inheritdoc cref="BroadcastOperator.Emit"/>
    public void Emit(string name, params ReadOnlySpan<object?> args) => Emit(name, EmitFlags.None, args);

    /// <summary>An event that was encoded before: see <see cref="Namespace.Prepare"/>.</summary>
    public void Emit(PreparedEvent prepared) => Deliver(prepared.Delivery);

    /// <summary>Emits the event <c>message</c>.</summary>
    public void Send(params ReadOnlySpan<object?> args) => Emit("message", args);

    /// <summary>Emits, and waits for the client's answer for <see cref="SocketIoOptions.AckTimeout"/> at most.</summary>
    /// <exception cref="AckTimeoutException">There was no answer in time.</exception>
    /// <exception cref="SocketDisconnectedException">The client has gone.</exception>
    /// <exception cref="InvalidOperationException">The client owes <see cref="SocketIoOptions.MaxPendingAcks"/> answers already.</exception>
    public Task<Arguments> EmitWithAck(string name, params ReadOnlySpan<object?> args) => EmitWithAck(name, EmitFlags.None, args);

    internal void Emit(string name, EmitFlags flags, ReadOnlySpan<object?> args)
    {
        using var payload = Namespace.Encode(name, args);
        if (Namespace.Recovery is not null) Namespace.DeliverHere(new Target([Id], []), flags, payload);
        else Deliver(new Delivery(payload.ToEvent(Namespace), flags.Volatile));
    }

    internal Task<Arguments> EmitWithAck(string name, EmitFlags flags, ReadOnlySpan<object?> args)
    {
        using var payload = Namespace.Encode(name, args);
        var id = Namespace.NextAckId();
        var waiter = new SingleAck();
        if (!TryAwaitAck(id, waiter)) return Task.FromException<Arguments>(_closed ? new SocketDisconnectedException() : new InvalidOperationException("MaxPendingAcks acknowledgements are awaited from this socket"));
        Deliver(new Delivery(payload.ToEvent(Namespace, id), flags.Volatile));
        return AnswerTo(id, waiter, flags.Timeout ?? Namespace.Server.Options.AckTimeout);
    }

    internal void Deliver(in Delivery delivery)
    {
        // Before the question whether it is closed: what did not get out any more must not pass as sent when the session is remembered.
        if (delivery.Number > 0) LastSent = delivery.Number;
        if (_closed) return;
        NotifyOutgoing(delivery.Message);
        _connection.Engine.Send(delivery.Message, delivery.IsVolatile);
    }

    internal void SendAck(long id, ReadOnlySpan<object?> args)
    {
        if (_closed) return;
        using var payload = Namespace.Encode(null, args);
        _connection.Engine.Send(payload.ToAck(Namespace, id));
    }

    internal bool TryAwaitAck(long id, AckWaiter waiter)
    {
        lock (_gate)
        {
            _acks ??= [];
            if (_closed || _acks.Count >= Namespace.Server.Options.MaxPendingAcks) return false;
            _acks.Add(id, waiter);
            return true;
        }
    }

    internal void ForgetAck(long id)
    {
        lock (_gate) _acks?.Remove(id);
    }

    /// <summary>An acknowledgement that nobody waits for, or no longer, is ignored.</summary>
    internal void Answered(long? id, Arguments answer)
    {
        AckWaiter? waiter = null;
        lock (_gate)
        {
            if (id is { } known) _acks?.Remove(known, out waiter);
        }
        waiter?.Answered(answer);
    }

    private async Task<Arguments> AnswerTo(long id, SingleAck waiter, TimeSpan timeout)
    {
        try
        {
            return await waiter.Within(timeout, Namespace.Server.Time);
        }
        finally
        {
            ForgetAck(id);
        }
    }

    private void LoseAcks()
    {
        AckWaiter[] waiters;
        lock (_gate) waiters = _acks is null ? [] : [.. _acks.Values];
        foreach (var waiter in waiters) waiter.Lost();
    }
}

/// <summary>A socket with flags for what is emitted next.</summary>
public readonly struct SocketEmitter
{
    private readonly Socket _socket;
    private readonly EmitFlags _flags;

    internal SocketEmitter(Socket socket, EmitFlags flags) => (_socket, _flags) = (socket, flags);

    public SocketEmitter Volatile => new(_socket, _flags with { Volatile = true });

    public SocketEmitter Timeout(TimeSpan timeout) => new(_socket, _flags with { Timeout = timeout });

    public SocketEmitter Compress(bool compress) => new(_socket, _flags with { Compress = compress });

    public void Emit(string name, params ReadOnlySpan<object?> args) => _socket.Emit(name, _flags, args);

    /// <inheritdoc cref="Socket.EmitWithAck(string, ReadOnlySpan{object?})"/>
    public Task<Arguments> EmitWithAck(string name, params ReadOnlySpan<object?> args) => _socket.EmitWithAck(name, _flags, args);
}
