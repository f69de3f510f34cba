namespace United.SocketIo;

/// <summary>The main namespace's words, said of the server: <c>io.Emit</c> is <c>io.Of("/").Emit</c>.</summary>
public sealed partial class SocketIoServer
{
    private readonly Namespace _main;

    public BroadcastOperator Volatile => _main.Volatile;

    public BroadcastOperator Local => _main.Local;

    /// <inheritdoc cref="Namespace.Use"/>
    public void Use(Func<Socket, ValueTask<Refusal?>> middleware) => _main.Use(middleware);

    /// <inheritdoc cref="Namespace.OnConnection(Func{Socket, Task})"/>
    public void OnConnection(Func<Socket, Task> handler) => _main.OnConnection(handler);

    public void OnConnection(Action<Socket> handler) => _main.OnConnection(handler);

    /// <inheritdoc cref="Namespace.OnDisconnect"/>
    public void OnDisconnect(Func<Socket, string, Task> handler) => _main.OnDisconnect(handler);

    /// <inheritdoc/>
    public IDisposable On(string name, Func<SocketEvent, Task> handler) => _main.On(name, handler);

    /// <inheritdoc cref="Namespace.OnAny"/>
    public IDisposable OnAny(Func<SocketEvent, Task> handler) => _main.OnAny(handler);

    public BroadcastOperator To(params ReadOnlySpan<string> rooms) => _main.To(rooms);

    public BroadcastOperator In(params ReadOnlySpan<string> rooms) => _main.To(rooms);

    public BroadcastOperator Except(params ReadOnlySpan<string> rooms) => _main.Except(rooms);

    public BroadcastOperator Compress(bool compress) => _main.Compress(compress);

    public BroadcastOperator Timeout(TimeSpan timeout) => _main.Timeout(timeout);

    public void Emit(string name, params ReadOnlySpan<object?> args) => _main.Emit(name, args);

    /// <inheritdoc cref="Namespace.Send"/>
    public void Send(params ReadOnlySpan<object?> args) => _main.Send(args);

    /// <inheritdoc cref="BroadcastOperator.EmitWithAck"/>
    public Task<IReadOnlyList<Argument>> EmitWithAck(string name, params ReadOnlySpan<object?> args) => _main.EmitWithAck(name, args);

    /// <inheritdoc cref="BroadcastOperator.FetchSockets"/>
    public Task<IReadOnlyList<RemoteSocket>> FetchSockets(CancellationToken ct = default) => _main.FetchSockets(ct);

    public void SocketsJoin(params ReadOnlySpan<string> rooms) => _main.SocketsJoin(rooms);

    public void SocketsLeave(params ReadOnlySpan<string> rooms) => _main.SocketsLeave(rooms);

    public void DisconnectSockets(bool close = false) => _main.DisconnectSockets(close);

    /// <inheritdoc cref="Namespace.ServerSideEmit"/>
    public void ServerSideEmit(string name, params ReadOnlySpan<object?> args) => _main.ServerSideEmit(name, args);

    /// <inheritdoc cref="Namespace.ServerSideEmitWithAck"/>
    public Task<IReadOnlyList<Argument>> ServerSideEmitWithAck(string name, params ReadOnlySpan<object?> args) => _main.ServerSideEmitWithAck(name, args);

    /// <inheritdoc cref="Namespace.OnServerSideEmit"/>
    public void OnServerSideEmit(string name, Action<ServerEvent> handler) => _main.OnServerSideEmit(name, handler);
}
