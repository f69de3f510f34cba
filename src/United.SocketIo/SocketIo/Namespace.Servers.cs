namespace United.SocketIo;

/// <summary>What nodes say to each other.</summary>
public sealed partial class Namespace
{
    private readonly Lock _serverGate = new();
    private Dictionary<string, Action<ServerEvent>> _serverHandlers = new(StringComparer.Ordinal);

    /// <summary>How many nodes the cluster has, this one included.</summary>
    public Task<int> ServerCount() => Adapter.ServerCount();

    /// <summary>Emits to the other nodes, not to clients.</summary>
    public void ServerSideEmit(string name, params ReadOnlySpan<object?> args)
    {
        using var payload = EncodeForServers(name, args);
        Adapter.ServerSideEmit(payload);
    }

    /// <summary>The answer of each other node.</summary>
    /// <exception cref="AckTimeoutException">Not all have answered in time; carries the answers of those who have.</exception>
    public Task<IReadOnlyList<Argument>> ServerSideEmitWithAck(string name, params ReadOnlySpan<object?> args)
    {
        using var payload = EncodeForServers(name, args);
        return Adapter.ServerSideEmitWithAck(payload);
    }

    /// <summary>Hears what another node emits. One handler for a name.</summary>
    public void OnServerSideEmit(string name, Action<ServerEvent> handler)
    {
        lock (_serverGate) _serverHandlers = new(_serverHandlers, StringComparer.Ordinal) { [name] = handler };
    }

    internal void HearServer(string name, Arguments args, Action<object?>? answer)
    {
        if (!_serverHandlers.TryGetValue(name, out var handler)) return;
        try
        {
            handler(new ServerEvent(name, args, answer));
        }
        catch (Exception e)
        {
            SocketIoLog.HandlerFailed(Server.Log, e);
        }
    }

    private Payload EncodeForServers(string name, ReadOnlySpan<object?> args) => name is "connection" or "new_namespace"
        ? throw new ArgumentException($"\"{name}\" is a reserved event name", nameof(name))
        : Encode(name, args);
}

/// <summary>An event from another node.</summary>
public sealed class ServerEvent
{
    private Action<object?>? _answer;

    internal ServerEvent(string name, Arguments args, Action<object?>? answer) => (Name, Args, _answer) = (name, args, answer);

    public string Name { get; }

    public Arguments Args { get; }

    /// <summary>Answers the node that asked, once; where none asked, nobody.</summary>
    public void Ack(object? value) => Interlocked.Exchange(ref _answer, null)?.Invoke(value);
}
