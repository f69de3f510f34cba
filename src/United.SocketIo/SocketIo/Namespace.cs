using System.Text;
using United.SocketIo.Adapters;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>Sockets that share a name, with the rooms they are in. Owns them; the adapter owns what other nodes have to do with it.</summary>
public sealed partial class Namespace : IEventSource
{
    private readonly NamespaceHooks _hooks;
    private long _ackIds;

    internal Namespace(SocketIoServer server, string name, NamespaceHooks hooks, bool isChild)
    {
        Server = server;
        Name = name;
        IsChild = isChild;
        _hooks = hooks;
        Utf8Name = Encoding.UTF8.GetBytes(name);
        PrefixText = name == "/" ? "" : name + ",";
        Prefix = Encoding.UTF8.GetBytes(PrefixText);
        if (server.Options.ConnectionStateRecovery is { } recovery) Recovery = new Recovery(recovery, server.Time, Rooms.Gate);
        Adapter = server.Adapters.For(this);
    }

    /// <summary>With its slash.</summary>
    public string Name { get; }

    public SocketIoServer Server { get; }

    /// <summary>The sockets of this node.</summary>
    public IReadOnlyList<Socket> Sockets => Rooms.Select(Target.Everybody);

    internal bool IsChild { get; }

    internal byte[] Utf8Name { get; }

    internal string PrefixText { get; }

    /// <summary>What stands before the payload of each packet: <c>name,</c>, or nothing for the main namespace.</summary>
    internal byte[] Prefix { get; }

    internal Rooms Rooms { get; } = new();

    internal Recovery? Recovery { get; }

    internal IAdapter Adapter { get; }

    internal Handlers Handlers => _hooks.Handlers;

    /// <summary>Connections that are being admitted: as long as there is one, the namespace is not forgotten. Guarded by the server.</summary>
    internal int Joining { get; set; }

    /// <summary>Asked, in the order in which they were added, before a socket joins. A refusal is what the client gets as <c>connect_error</c>.</summary>
    public void Use(Func<Socket, ValueTask<Refusal?>> middleware) => _hooks.Use(middleware);

    /// <summary>
    /// For an application that orders its events itself, and lets each socket in at one point of that order: asked after the middlewares, it has
    /// to call <see cref="Admission.Enter"/> or refuse.
    /// </summary>
    public void AdmitBy(Func<Admission, ValueTask<Refusal?>> admit) => _hooks.Admit = admit;

    /// <summary>The offset of the last event that was kept for recovery; 0 without recovery.</summary>
    public long Offset => Recovery?.Last ?? 0;

    /// <summary>Called when a socket has joined, and has been told so.</summary>
    public void OnConnection(Func<Socket, Task> handler) => _hooks.OnConnection(handler);

    public void OnConnection(Action<Socket> handler) => _hooks.OnConnection(handler);

    /// <inheritdoc/>
    public IDisposable On(string name, Func<SocketEvent, Task> handler) => _hooks.On(name, handler);

    /// <summary>All events of all sockets.</summary>
    public IDisposable OnAny(Func<SocketEvent, Task> handler) => Handlers.AddAny(handler, first: false);

    /// <summary>When a socket has gone, with one of <see cref="CloseReasons"/>.</summary>
    public void OnDisconnect(Func<Socket, string, Task> handler) => _hooks.OnDisconnect(handler);

    internal Payload Encode(string? name, ReadOnlySpan<object?> args)
    {
        if (name is not null) ReservedEvents.Refuse(name);
        return Payload.Encode(name, args, Server.Options);
    }

    internal long NextAckId() => Interlocked.Increment(ref _ackIds) - 1;

    /// <returns>Why the client may not join; null where it has.</returns>
    internal async ValueTask<Refusal?> Connect(Connection connection, Argument? auth)
    {
        var restored = Recovery?.TryRestore(auth);
        var socket = new Socket(this, connection, new Handshake(connection.Engine.Handshake, auth), restored);
        if (restored is null || !Server.Options.ConnectionStateRecovery!.SkipMiddlewares)
        {
            foreach (var middleware in _hooks.Middlewares)
            {
                if (await middleware(socket) is { } refusal) return refusal;
            }
        }
        var admission = new Admission(socket, restored);
        if (_hooks.Admit is { } admit) return await admit(admission);
        admission.Enter(restored?.Session.Rooms ?? []);
        return null;
    }

    /// <summary>A socket has gone, for good or to come back.</summary>
    internal void Left(Socket socket, string reason)
    {
        socket.StartEach(_hooks.Disconnected, handler => handler(socket, reason));
        Server.ForgetIfEmpty(this);
    }

    internal void Remember(Socket socket, string reason)
    {
        if (Recovery is null || reason is CloseReasons.ClientNamespaceDisconnect or CloseReasons.ServerNamespaceDisconnect or CloseReasons.ParseError) return;
        var rooms = Rooms.RoomsOf(socket);
        if (rooms.Length > 0) Recovery.Remember(socket, rooms);
    }

    /// <returns>False: the client has gone.</returns>
    internal bool Admit(Socket socket, Entrance entrance)
    {
        if (!socket.TryAttach()) return false;
        if (Server.Options.ForgetHandshakes) socket.Handshake.Forget();
        if (Enter(socket, entrance) is var entry && entry != Entry.Done)
        {
            if (entry == Entry.TooMuch) socket.Engine.CloseTooSlow();
            else socket.Engine.CloseNow(CloseReasons.TransportError);
            return false;
        }
        // The connection may have closed before the socket was in the table, and so could not be taken out.
        if (!socket.Connected) Rooms.Remove(socket);
        else socket.StartEach(_hooks.Connected, handler => handler(socket));
        return socket.Connected;
    }

    /// <summary>
    /// In one step: the client hears that it is connected before anything else, and from then on misses nothing. What a recovered one
    /// has missed goes before the CONNECT packet; the JavaScript client keeps it until it knows who it is.
    /// </summary>
    /// <remarks>
    /// A client that can't be told all that it missed begins anew, at once where the application admits sockets: the rooms are those that it
    /// has decided on just now. Elsewhere the socket may have passed by the middlewares, with the rooms of its session: such a connection is
    /// closed. The session is used up, so the client begins anew when it comes again.
    /// </remarks>
    private Entry Enter(Socket socket, Entrance entrance)
    {
        lock (Rooms.Gate)
        {
            var restored = entrance.Restored;
            var missed = restored is null ? [] : Recovery!.Missed(restored, entrance);
            if (missed is null || !TryWelcome(socket, missed, entrance.Greeting))
            {
                if (restored is null || _hooks.Admit is null) return missed is null ? Entry.Incomplete : Entry.TooMuch;
                socket.BeginAnew();
                if (!TryWelcome(socket, [], entrance.Greeting)) return Entry.TooMuch;
            }
            Rooms.Add(socket);
            if (entrance.Join) Rooms.Join(socket, entrance.Rooms);
            return Entry.Done;
        }
    }

    /// <summary>Under the gate.</summary>
    /// <returns>False: it is more than may wait for one client, and nothing of it was sent.</returns>
    private bool TryWelcome(Socket socket, List<EngineMessage> first, EngineMessage? greeting)
    {
        first.Add(ConnectPackets.Connected(this, socket.Id, socket.PrivateId));
        if (greeting is not null) first.Add(Recovery?.Mark(greeting, socket) ?? greeting);
        return socket.Engine.SendAll(first);
    }

    private enum Entry
    {
        Done,

        /// <summary>What the client has to be told first is more than may wait for it.</summary>
        TooMuch,

        /// <summary>A part of what the client missed is no longer kept.</summary>
        Incomplete,
    }
}
