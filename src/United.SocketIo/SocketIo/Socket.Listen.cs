using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>What comes from this client.</summary>
public sealed partial class Socket
{
    private Func<SocketEvent, ValueTask<Refusal?>>[]? _middlewares;
    private Func<string, Task>[]? _onDisconnecting;
    private Func<string, Task>[]? _onDisconnect;
    private Action<SocketError>[]? _onError;
    private Handlers? _outgoing;

    private Handlers Listeners => _handlers ?? Interlocked.CompareExchange(ref _handlers, new Handlers(), null) ?? _handlers;

    private Handlers Outgoing => _outgoing ?? Interlocked.CompareExchange(ref _outgoing, new Handlers(), null) ?? _outgoing;

    /// <inheritdoc/>
    public IDisposable On(string name, Func<SocketEvent, Task> handler)
    {
        ReservedEvents.Refuse(name);
        return Listeners.Add(name, handler);
    }

    /// <summary>Removes all of this socket's handlers of one event; those of its namespace stay.</summary>
    public void Off(string name) => _handlers?.Remove(name);

    /// <summary>Called for every event, before the handlers of its name.</summary>
    /// <inheritdoc cref="IEventSource.On"/>
    public IDisposable OnAny(Func<SocketEvent, Task> handler) => Listeners.AddAny(handler, first: false);

    /// <summary>The same, before all that were added until now.</summary>
    /// <inheritdoc cref="IEventSource.On"/>
    public IDisposable PrependAny(Func<SocketEvent, Task> handler) => Listeners.AddAny(handler, first: true);

    /// <summary>Removes all that <see cref="OnAny"/> and <see cref="PrependAny"/> added.</summary>
    public void OffAny() => _handlers?.RemoveAny();

    /// <summary>Told of each event that is sent to this client. <see cref="SocketEvent.Ack"/> means nothing here.</summary>
    public IDisposable OnAnyOutgoing(Action<SocketEvent> listener) => Outgoing.AddAny(Completed(listener), first: false);

    /// <inheritdoc cref="OnAnyOutgoing"/>
    public IDisposable PrependAnyOutgoing(Action<SocketEvent> listener) => Outgoing.AddAny(Completed(listener), first: true);

    public void OffAnyOutgoing() => _outgoing?.RemoveAny();

    /// <summary>Asked before each event is handled. A refusal goes to <see cref="OnError"/>; the client is told nothing.</summary>
    public void Use(Func<SocketEvent, ValueTask<Refusal?>> middleware)
    {
        lock (_gate) _middlewares = [.. _middlewares ?? [], middleware];
    }

    /// <summary>Before the rooms are left.</summary>
    /// <param name="handler">Gets one of <see cref="EngineIo.CloseReasons"/>.</param>
    public void OnDisconnecting(Func<string, Task> handler)
    {
        lock (_gate) _onDisconnecting = [.. _onDisconnecting ?? [], handler];
    }

    /// <summary>After the rooms have been left.</summary>
    /// <param name="handler">Gets one of <see cref="EngineIo.CloseReasons"/>.</param>
    public void OnDisconnect(Func<string, Task> handler)
    {
        lock (_gate) _onDisconnect = [.. _onDisconnect ?? [], handler];
    }

    /// <summary>What came of this client's events and could not be handled. Where nobody listens it is logged.</summary>
    public void OnError(Action<SocketError> handler)
    {
        lock (_gate) _onError = [.. _onError ?? [], handler];
    }

    internal void Received(string name, Arguments args, long? ackId)
    {
        if (_closed) return;
        var e = new SocketEvent(this, name, args, ackId);
        if (_middlewares is { } middlewares) Track(AskThenHandle(middlewares, e));
        else Handle(e);
    }

    internal void Report(SocketError error)
    {
        if (_onError is not { } listeners)
        {
            SocketIoLog.SocketError(Namespace.Server.Log, error.Message, error.Exception);
            return;
        }
        foreach (var listener in listeners)
        {
            try
            {
                listener(error);
            }
            catch (Exception e)
            {
                SocketIoLog.HandlerFailed(Namespace.Server.Log, e);
            }
        }
    }

    private void NotifyOutgoing(EngineMessage message)
    {
        if (_outgoing is not { Any: { Length: > 0 } listeners }) return;
        var payload = Payload.Of(message);
        if (!Arguments.TryReadEvent(payload.Json.ToArray(), payload.Attachments.ToArray(), Namespace.Server.Options.Json, out var name, out var args)) return;
        StartAll(listeners, new SocketEvent(this, name, args, null));
    }

    private async Task AskThenHandle(Func<SocketEvent, ValueTask<Refusal?>>[] middlewares, SocketEvent e)
    {
        foreach (var middleware in middlewares)
        {
            if (await middleware(e) is not { } refusal) continue;
            Report(new SocketError(refusal.Message));
            return;
        }
        Handle(e);
    }

    private void Handle(SocketEvent e)
    {
        StartAll(Namespace.Handlers.Any, e);
        if (_handlers is { } own) StartAll(own.Any, e);
        StartAll(Namespace.Handlers.For(e.Name), e);
        if (_handlers is { } named) StartAll(named.For(e.Name), e);
    }

    private void StartAll(Func<SocketEvent, Task>[] handlers, SocketEvent e)
    {
        foreach (var handler in handlers) Start(handler, e);
    }

    private void Start(Func<SocketEvent, Task> handler, SocketEvent e)
    {
        try
        {
            Track(handler(e));
        }
        catch (Exception error)
        {
            Report(new SocketError(error.Message, error));
        }
    }

    private void Track(Task handling)
    {
        if (handling.IsCompletedSuccessfully) return;
        _connection.HandlerStarted();
        _ = Observe(handling);
    }

    /// <summary>The edge: whatever a handler throws ends here, and concerns this socket only.</summary>
    private async Task Observe(Task handling)
    {
        try
        {
            await handling;
        }
        catch (Exception e)
        {
            if (e is not (OperationCanceledException or SocketDisconnectedException) || !_closed) Report(new SocketError(e.Message, e));
        }
        finally
        {
            _connection.HandlerEnded();
        }
    }

    /// <summary>For what is no event of the client: connection and disconnection.</summary>
    internal void StartEach<T>(T[] handlers, Func<T, Task> start)
    {
        foreach (var handler in handlers)
        {
            try
            {
                Track(start(handler));
            }
            catch (Exception e)
            {
                Report(new SocketError(e.Message, e));
            }
        }
    }

    private static Func<SocketEvent, Task> Completed(Action<SocketEvent> listener) => e =>
    {
        listener(e);
        return Task.CompletedTask;
    };
}
