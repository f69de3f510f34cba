namespace United.SocketIo;

/// <summary>What an application has hung on a namespace. A child begins with a copy of its parent's.</summary>
internal sealed class NamespaceHooks
{
    private readonly Lock _gate = new();

    public Handlers Handlers { get; } = new();

    public Func<Socket, ValueTask<Refusal?>>[] Middlewares { get; private set; } = [];

    public Func<Admission, ValueTask<Refusal?>>? Admit { get; set; }

    public Func<Socket, Task>[] Connected { get; private set; } = [];

    public Func<Socket, string, Task>[] Disconnected { get; private set; } = [];

    public void Use(Func<Socket, ValueTask<Refusal?>> middleware)
    {
        lock (_gate) Middlewares = [.. Middlewares, middleware];
    }

    public void OnConnection(Func<Socket, Task> handler)
    {
        lock (_gate) Connected = [.. Connected, handler];
    }

    public void OnConnection(Action<Socket> handler) => OnConnection(socket =>
    {
        handler(socket);
        return Task.CompletedTask;
    });

    public void OnDisconnect(Func<Socket, string, Task> handler)
    {
        lock (_gate) Disconnected = [.. Disconnected, handler];
    }

    public IDisposable On(string name, Func<SocketEvent, Task> handler)
    {
        ReservedEvents.Refuse(name);
        return Handlers.Add(name, handler);
    }

    public NamespaceHooks Copy()
    {
        lock (_gate)
        {
            var copy = new NamespaceHooks { Middlewares = Middlewares, Admit = Admit, Connected = Connected, Disconnected = Disconnected };
            Handlers.CopyTo(copy.Handlers);
            return copy;
        }
    }
}
