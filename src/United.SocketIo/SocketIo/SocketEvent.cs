using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>One event from a client.</summary>
public sealed class SocketEvent
{
    private readonly long? _ackId;
    private int _acknowledged;

    internal SocketEvent(Socket socket, string name, Arguments args, long? ackId) => (Socket, Name, Args, _ackId) = (socket, name, args, ackId);

    public Socket Socket { get; }

    public string Name { get; }

    public Arguments Args { get; }

    /// <summary>The client waits for an acknowledgement.</summary>
    public bool WantsAck => _ackId is not null;

    /// <summary>Ends when the socket disconnects.</summary>
    public CancellationToken CancellationToken => Socket.Disconnected;

    /// <summary>Answers the client. Only the first call counts; where no answer is wanted none is sent.</summary>
    public void Ack(params ReadOnlySpan<object?> args)
    {
        if (_ackId is not { } id || Interlocked.Exchange(ref _acknowledged, 1) != 0) return;
        Socket.SendAck(id, args);
    }
}

/// <summary>Why an event came to nothing: a middleware refused it, or a handler failed, or the client broke the protocol.</summary>
public sealed record SocketError(string Message, Exception? Exception = null);

/// <summary>What a middleware answers in place of letting something pass.</summary>
/// <param name="Message">Goes to the client that tries to connect.</param>
/// <param name="Data">Goes with it, where set.</param>
public sealed record Refusal(string Message, object? Data = null);

/// <summary>What is known of the connection and of how this socket joined its namespace.</summary>
public sealed class Handshake
{
    internal Handshake(EngineHandshake engine, Argument? auth) => (Engine, Auth) = (engine, auth ?? NoAuth);

    private static readonly Argument NoAuth = new("{}"u8.ToArray(), []);

    /// <summary>Headers, query, address of the request that opened the connection.</summary>
    public EngineHandshake Engine { get; }

    /// <summary>What the client said when it joined, an object; <c>{}</c> where it said nothing.</summary>
    public Argument Auth { get; private set; }

    internal void Forget()
    {
        Engine.Forget();
        Auth = NoAuth;
    }
}
