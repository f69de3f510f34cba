using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>One client in one namespace.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing that has to be freed; handlers may ask for its token at any time.")]
public sealed partial class Socket : IEventSource
{
    private readonly Lock _gate;
    private readonly Connection _connection;
    private Handlers? _handlers;
    private Socket[]? _alone;
    private ConcurrentDictionary<string, object?>? _data;
    private CancellationTokenSource? _disconnected;
    private bool _closed;

    internal Socket(Namespace ns, Connection connection, Handshake handshake, RestoredSession? restored)
    {
        Namespace = ns;
        _connection = connection;
        _gate = connection.Engine.Gate;
        Handshake = handshake;
        Recovered = restored is not null;
        Id = restored?.Session.Id ?? Sid.New();
        PrivateId = restored?.Session.PrivateId ?? (ns.Recovery is null ? null : Sid.New());
        _data = restored?.Session.Data;
    }

    /// <summary>Public: other clients may know it. It is also the name of a room in which only this socket is.</summary>
    public string Id { get; private set; }

    public Namespace Namespace { get; }

    public Handshake Handshake { get; }

    /// <summary>The client came back in time, and has been given what it missed.</summary>
    public bool Recovered { get; private set; }

    /// <summary>Anything that belongs to this socket. Other nodes see it as JSON, so its values have to be of types that <see cref="SocketIoOptions.Json"/> knows.</summary>
    public ConcurrentDictionary<string, object?> Data => _data ?? Interlocked.CompareExchange(ref _data, new(StringComparer.Ordinal), null) ?? _data;

    /// <summary>What the application keeps beside it: unlike <see cref="Data"/> it costs nothing, and is neither shown to other nodes nor kept for recovery.</summary>
    public object? State { get; set; }

    /// <summary>The rooms it is in, its own included.</summary>
    public IReadOnlyCollection<string> Rooms => Namespace.Rooms.RoomsOf(this);

    public bool Connected => !_closed;

    /// <summary>Polling or, from the moment of the upgrade, WebSocket.</summary>
    public EngineTransports Transport => _connection.Engine.IsPolling ? EngineTransports.Polling : EngineTransports.WebSocket;

    /// <summary>Ends when the socket does.</summary>
    public CancellationToken Disconnected
    {
        get
        {
            lock (_gate)
            {
                if (_disconnected is null)
                {
                    _disconnected = new CancellationTokenSource();
                    if (_closed) _disconnected.Cancel();
                }
                return _disconnected.Token;
            }
        }
    }

    /// <summary>Named rooms; guarded by the namespace's <see cref="SocketIo.Rooms"/>.</summary>
    internal Room[] Joined { get; set; } = [];

    internal string? PrivateId { get; private set; }

    /// <summary>Offset of the last event that it was sent.</summary>
    internal long LastSent { get; set; }

    internal ConcurrentDictionary<string, object?>? DataOrNull => _data;

    internal Socket[] Alone => _alone ??= [this];

    internal EngineSocket Engine => _connection.Engine;

    public void Join(params ReadOnlySpan<string> rooms) => Namespace.Rooms.Join(this, rooms);

    public void Leave(params ReadOnlySpan<string> rooms) => Namespace.Rooms.Leave(this, rooms);

    /// <summary>Leaves the namespace, or, with <paramref name="close"/>, every namespace, and closes the connection.</summary>
    public void Disconnect(bool close = false)
    {
        if (_closed) return;
        if (close)
        {
            _connection.Disconnect();
            return;
        }
        _connection.Engine.Send(ConnectPackets.Disconnected(Namespace));
        Close(CloseReasons.ServerNamespaceDisconnect);
    }

    /// <summary>What still waits is dropped; the client hears this event, and is disconnected, and does not come back by itself.</summary>
    public void End(string name, params ReadOnlySpan<object?> args)
    {
        if (_closed) return;
        using var payload = Namespace.Encode(name, args);
        Engine.SendLast(payload.ToEvent(Namespace));
        _connection.Disconnect();
    }

    /// <summary>Cuts the connection without a word, as a broken network would: the client comes back by itself.</summary>
    public void Drop() => Engine.CloseNow(CloseReasons.TransportClose);

    /// <summary>
    /// After its connection broke: its client can no longer go on where it left off, and nothing is kept for that. For an application that sets
    /// bounds of its own, such as one for each user.
    /// </summary>
    public void Forget()
    {
        if (PrivateId is not null) Namespace.Recovery!.Forget(PrivateId);
    }

    /// <summary>It does not go on where another left off: nobody has seen its ids yet.</summary>
    internal void BeginAnew()
    {
        (Id, PrivateId, Recovered, _data) = (Sid.New(), Namespace.Recovery is null ? null : Sid.New(), false, null);
    }

    internal void Close(string reason)
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
        }
        StartEach(_onDisconnecting ?? [], handler => handler(reason));
        Namespace.Remember(this, reason);
        Namespace.Rooms.Remove(this);
        _connection.Remove(this);
        LoseAcks();
        CancelDisconnected();
        StartEach(_onDisconnect ?? [], handler => handler(reason));
        Namespace.Left(this, reason);
    }

    internal bool TryAttach() => _connection.TryAdd(this);

    private void CancelDisconnected()
    {
        CancellationTokenSource? source;
        lock (_gate) source = _disconnected;
        source?.Cancel();
    }
}
