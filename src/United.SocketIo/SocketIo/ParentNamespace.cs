namespace United.SocketIo;

/// <summary>
/// Namespaces that come to be when a client asks for them by a name that matches. Each child begins with the middlewares and handlers
/// that its parent has at that moment.
/// </summary>
public sealed class ParentNamespace : IEventSource
{
    private readonly SocketIoServer _server;
    private readonly Func<string, Argument?, ValueTask<bool>> _matches;

    internal ParentNamespace(SocketIoServer server, Func<string, Argument?, ValueTask<bool>> matches) => (_server, _matches) = (server, matches);

    internal NamespaceHooks Hooks { get; } = new();

    /// <summary>The children of this node.</summary>
    public IReadOnlyList<Namespace> Children => _server.ChildrenOf(this);

    /// <inheritdoc cref="Namespace.Use"/>
    public void Use(Func<Socket, ValueTask<Refusal?>> middleware) => Hooks.Use(middleware);

    /// <inheritdoc cref="Namespace.OnConnection(Func{Socket, Task})"/>
    public void OnConnection(Func<Socket, Task> handler) => Hooks.OnConnection(handler);

    public void OnConnection(Action<Socket> handler) => Hooks.OnConnection(handler);

    /// <inheritdoc cref="Namespace.OnDisconnect"/>
    public void OnDisconnect(Func<Socket, string, Task> handler) => Hooks.OnDisconnect(handler);

    /// <inheritdoc/>
    public IDisposable On(string name, Func<SocketEvent, Task> handler) => Hooks.On(name, handler);

    /// <summary>To everybody in every child.</summary>
    public void Emit(string name, params ReadOnlySpan<object?> args)
    {
        foreach (var child in Children) child.Emit(name, args);
    }

    internal ValueTask<bool> Matches(string name, Argument? auth) => _matches(name, auth);
}
