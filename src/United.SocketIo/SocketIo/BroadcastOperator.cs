namespace United.SocketIo;

/// <summary>Whom to, and how. Each step makes a new one; nothing is sent before the last.</summary>
public sealed class BroadcastOperator
{
    private readonly Namespace _ns;
    private readonly Target _target;
    private readonly EmitFlags _flags;

    internal BroadcastOperator(Namespace ns, Target target, EmitFlags flags) => (_ns, _target, _flags) = (ns, target, flags);

    /// <summary>Dropped for whoever cannot be written to at once.</summary>
    public BroadcastOperator Volatile => With(_flags with { Volatile = true });

    /// <summary>This node only.</summary>
    public BroadcastOperator Local => With(_flags with { Local = true });

    /// <summary>Members of any of the rooms, each once.</summary>
    public BroadcastOperator To(params ReadOnlySpan<string> rooms) => new(_ns, _target.To(rooms), _flags);

    /// <inheritdoc cref="To"/>
    public BroadcastOperator In(params ReadOnlySpan<string> rooms) => To(rooms);

    /// <summary>But not members of any of these rooms.</summary>
    public BroadcastOperator Except(params ReadOnlySpan<string> rooms) => new(_ns, _target.But(rooms), _flags);

    /// <summary>Only handed on to other nodes: this server never compresses WebSocket messages.</summary>
    public BroadcastOperator Compress(bool compress) => With(_flags with { Compress = compress });

    /// <summary>How long acknowledgements may take; <see cref="SocketIoOptions.AckTimeout"/> unless it is given.</summary>
    public BroadcastOperator Timeout(TimeSpan timeout) => With(_flags with { Timeout = timeout });

    /// <summary>Never waits: what a client cannot take yet is queued, up to <see cref="EngineIo.EngineOptions.MaxQueuedBytes"/>.</summary>
    /// <exception cref="ArgumentException">The name is reserved, or there are more binary parts than <see cref="SocketIoOptions.MaxAttachments"/>.</exception>
    /// <exception cref="NotSupportedException">An argument is of a type that <see cref="SocketIoOptions.Json"/> does not know.</exception>
    public void Emit(string name, params ReadOnlySpan<object?> args) => _ns.Broadcast(_target, _flags, name, args);

    /// <summary>The first value of each client's acknowledgement, in the order in which they came.</summary>
    /// <exception cref="AckTimeoutException">Not all have answered in time; carries the answers of those who have.</exception>
    public Task<IReadOnlyList<Argument>> EmitWithAck(string name, params ReadOnlySpan<object?> args) => _ns.BroadcastWithAck(_target, _flags, name, args);

    /// <summary>The sockets on all nodes.</summary>
    /// <exception cref="TimeoutException">A node does not answer.</exception>
    public Task<IReadOnlyList<RemoteSocket>> FetchSockets(CancellationToken ct = default) => _ns.FetchSockets(_target, _flags, ct);

    /// <summary>Has them join rooms, on whichever node they are.</summary>
    public void SocketsJoin(params ReadOnlySpan<string> rooms) => _ns.SocketsJoin(_target, _flags, rooms.ToArray());

    /// <summary>Has them leave rooms, on whichever node they are.</summary>
    public void SocketsLeave(params ReadOnlySpan<string> rooms) => _ns.SocketsLeave(_target, _flags, rooms.ToArray());

    /// <summary>Disconnects them, on whichever node they are.</summary>
    /// <param name="close">Whether each leaves every namespace, and its connection is closed.</param>
    public void DisconnectSockets(bool close = false) => _ns.DisconnectSockets(_target, _flags, close);

    private BroadcastOperator With(EmitFlags flags) => new(_ns, _target, flags);
}
