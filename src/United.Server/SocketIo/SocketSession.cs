using System.Net;
using United.Core.Realtime;
using United.Server.Hosting;
using United.SocketIo;
using United.SocketIo.EngineIo;

namespace United.Server.SocketIo;

/// <summary>
/// One signed-in socket, as the hub knows it: events go to the socket's own queue, which bounds what waits, and rooms follow what the hub
/// says of memberships where <see cref="SocketRooms"/> are kept. Our own events are handed to each session by the hub.
/// </summary>
internal sealed class SocketSession : Session
{
    private readonly SocketEncoder _encoder;
    private readonly Socket _socket;
    private readonly SocketRooms _rooms;
    private Entrance? _entrance;
    private CloseReason? _closed;
    private Task _begun = Task.CompletedTask;
    private long _lostAt;

    // Rooms of conversations that its user was let into since it began, and the offset then.
    private Dictionary<string, long>? _since;

    public SocketSession(Guid userId, Guid sessionId, SocketEncoder encoder, SocketRooms rooms, FrameRate rate, Entrance entrance) : base(userId, sessionId)
    {
        (_encoder, _rooms, Rate, _entrance, _socket) = (encoder, rooms, rate, entrance, entrance.Admission.Socket);
        _socket.State = this;
    }

    /// <summary>How often its client may ask.</summary>
    public FrameRate Rate { get; }

    /// <summary>Where it was opened from.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The place among its user's connections.</summary>
    public required IDisposable Place { get; init; }

    public string SocketId => _socket.Id;

    public override CloseReason? Closed => Volatile.Read(ref _closed);

    public override void Close(CloseReason reason)
    {
        if (Interlocked.CompareExchange(ref _closed, reason, null) is not null || _entrance is not null) return;
        if (reason.Code == CloseReason.NotSignedIn.Code) _socket.End("session:ended", new SessionEndedJson(reason.Text));
        else if (reason == CloseReason.RateLimited) _socket.Disconnect(close: true);
        else _socket.Drop();
    }

    // Runs in the hub's mailbox: no event falls between what the client is told of its absence and what it hears from now on.
    protected override bool Begin(IEnumerable<Guid> conversations)
    {
        var (admission, hello, before) = _entrance!;
        _entrance = null;
        var resume = before is not null && before.CanGoOn(admission.Seen);
        string[] rooms = _rooms.Kept || resume ? [SocketRooms.OfUser(UserId), SocketRooms.Server, .. conversations.Select(SocketRooms.OfConversation)] : [];
        // Its client may break off again before it has read what it missed.
        if (resume) _since = before!._since;
        return admission.Enter(rooms, resume, hello, join: _rooms.Kept, _since);
    }

    protected override void Deliver(EncodedEvent told)
    {
        if (told.For(_encoder).Event is { } packed) _socket.Emit(packed);
    }

    // What others were told of the conversation before that must not be told by a later recovery: conversation:new comes first.
    protected override void Joined(Guid conversationId)
    {
        (_since ??= [])[SocketRooms.OfConversation(conversationId)] = _socket.Namespace.Offset;
        if (_rooms.Kept) _socket.Join(SocketRooms.OfConversation(conversationId));
    }

    // What was told of the conversation while it could be read must not be told again by a later recovery.
    protected override void Left(Guid conversationId)
    {
        _lostAt = _socket.Namespace.Offset;
        _since = null; // a recovery begins after this one's offset, and so after all of them
        if (_rooms.Kept) _socket.Leave(SocketRooms.OfConversation(conversationId));
    }

    /// <summary>Completes when what its client asked last is begun: see <see cref="SocketDispatch"/>. Written by one event at a time, as the library reads them.</summary>
    public Task Begun
    {
        get => Volatile.Read(ref _begun);
        set => Volatile.Write(ref _begun, value);
    }

    /// <summary>That event has been answered, and its answer need not be kept alive.</summary>
    public void Answered(Task begun) => Interlocked.CompareExchange(ref _begun, Task.CompletedTask, begun);

    /// <summary>Whether its client may come back and be told what it missed.</summary>
    public bool MayComeBack(string reason) =>
        Closed is null && reason is not (CloseReasons.ClientNamespaceDisconnect or CloseReasons.ServerNamespaceDisconnect or CloseReasons.ParseError or CloseReasons.ServerShuttingDown);

    /// <summary>Its client has gone, and can't come back any more.</summary>
    public void Forget() => _socket.Forget();

    // All events since its break were encoded for it, and it lost nothing since the one that its client saw last.
    private bool CanGoOn(long? seen) => Attached && Closed is null && seen >= _lostAt;
}

/// <summary>How a socket comes in.</summary>
/// <param name="Before">The session that its client had before its connection broke.</param>
internal sealed record Entrance(Admission Admission, PreparedEvent Hello, SocketSession? Before);
