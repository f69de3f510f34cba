namespace United.SocketIo;

/// <summary>What events can be listened for on: a socket, or a namespace for all its sockets (which costs each of them nothing).</summary>
public interface IEventSource
{
    /// <summary>
    /// Handlers of one client are started in the order in which its events come, and are not awaited. What one throws goes to the
    /// socket's <see cref="Socket.OnError"/>.
    /// </summary>
    /// <returns>Disposing it removes the handler.</returns>
    IDisposable On(string name, Func<SocketEvent, Task> handler);
}

/// <summary>Handlers with typed arguments. The types have to be known to <see cref="SocketIoOptions.Json"/>.</summary>
public static class TypedHandlers
{
    public static IDisposable On(this IEventSource source, string name, Action<SocketEvent> handler) => source.On(name, e =>
    {
        handler(e);
        return Task.CompletedTask;
    });

    public static IDisposable On<T>(this IEventSource source, string name, Action<Socket, T?> handler) => source.On(name, e =>
    {
        handler(e.Socket, e.Args.Get<T>(0));
        return Task.CompletedTask;
    });

    public static IDisposable On<T>(this IEventSource source, string name, Func<Socket, T?, CancellationToken, Task> handler) =>
        source.On(name, e => handler(e.Socket, e.Args.Get<T>(0), e.CancellationToken));

    public static IDisposable On<T1, T2>(this IEventSource source, string name, Func<Socket, T1?, T2?, CancellationToken, Task> handler) =>
        source.On(name, e => handler(e.Socket, e.Args.Get<T1>(0), e.Args.Get<T2>(1), e.CancellationToken));

    /// <summary>What the handler returns is the acknowledgement.</summary>
    public static IDisposable On<T, TReply>(this IEventSource source, string name, Func<Socket, T?, CancellationToken, Task<TReply>> handler) =>
        source.On(name, async e => e.Ack(await handler(e.Socket, e.Args.Get<T>(0), e.CancellationToken)));

    /// <summary>Handles the event once.</summary>
    public static IDisposable Once(this IEventSource source, string name, Func<SocketEvent, Task> handler)
    {
        var handled = 0;
        IDisposable? registration = null;
        registration = source.On(name, e =>
        {
            if (Interlocked.Exchange(ref handled, 1) != 0) return Task.CompletedTask;
            registration?.Dispose();
            return handler(e);
        });
        return registration;
    }
}
