using System.Text;
using United.WebSockets;

namespace United.SocketIo.EngineIo;

/// <summary>
/// One session. Everything that changes does so under <c>_gate</c>, because two connections of one client are served by two threads
/// (poll and POST, poll and WebSocket); the receiver is called, and bytes are written, outside of it.
/// </summary>
public sealed partial class EngineSocket
{
    /// <summary>How long a closing session waits for the poll that takes the close packet.</summary>
    private const long OrderlyCloseMs = 30_000;

    private readonly Lock _gate = new();
    private readonly EngineServer _server;
    private readonly Queue<EngineMessage> _queue = new();
    private readonly bool _base64Only;
    private IEngineReceiver? _receiver;

    /// <summary>What <see cref="EngineOptions.EnterSession"/> gave for it, until it is given back.</summary>
    private IDisposable? _place;

    private bool _hasLeft;
    private State _state = State.Open;
    private long _queuedBytes;
    private long _forceCloseDue;

    /// <summary>The WebSocket that is the transport; null while polling is.</summary>
    private WebSocketLink? _link;

    internal EngineSocket(EngineServer server, EngineHandshake handshake, bool base64Only, IDisposable? place)
    {
        _server = server;
        _base64Only = base64Only;
        _place = place;
        Handshake = handshake;
        Id = Sid.New();
    }

    private enum State : byte
    {
        Open,
        Closing,
        Closed,
    }

    /// <summary>The secret by which requests name this session. Never show it to other clients.</summary>
    public string Id { get; }

    public EngineHandshake Handshake { get; }

    public bool IsPolling => Volatile.Read(ref _link) is null;

    internal bool IsClosed => _state == State.Closed;

    /// <summary>Also for what the layers above keep of this client: a lock of its own would cost each of them 40 bytes. Nothing else is locked under it.</summary>
    internal Lock Gate => _gate;

    private EngineOptions Options => _server.Options;

    /// <summary>Hands a message to the client's queue.</summary>
    /// <param name="isVolatile">Dropped unless the client could be written to this very moment.</param>
    /// <returns>False where the message was dropped: the session is closing or closed, or the message was volatile, or too much waits already.</returns>
    public bool Send(EngineMessage message, bool isVolatile = false)
    {
        lock (_gate)
        {
            if (_state != State.Open || (isVolatile && !IsWritable)) return false;
            if (WaitingBytes <= Options.MaxQueuedBytes)
            {
                Enqueue(message);
                return true;
            }
        }
        CloseTooSlow();
        return false;
    }

    /// <summary>Hands over several messages in one step. Safe under the caller's own lock: nothing of the receiver's runs in here.</summary>
    /// <returns>
    /// False: they are more than may wait for one client, and none was taken. The caller ends the session outside of its lock, by <see cref="CloseTooSlow"/>.
    /// </returns>
    internal bool SendAll(IReadOnlyList<EngineMessage> messages)
    {
        lock (_gate)
        {
            if (_state != State.Open) return true;
            var isAlone = _queue.Count == 0 && messages.Count == 1;
            if (!isAlone && WaitingBytes + messages.Sum(message => (long)message.Cost) > Options.MaxQueuedBytes) return false;
            foreach (var message in messages) Enqueue(message);
            return true;
        }
    }

    /// <summary>More waits for the client than may.</summary>
    internal void CloseTooSlow()
    {
        EngineLog.TooSlow(_server.Log, Options.MaxQueuedBytes);
        SocketIoMetrics.TooSlow.Add(1);
        CloseNow(CloseReasons.TransportError);
    }

    /// <summary>In place of all that waits.</summary>
    internal void SendLast(EngineMessage message)
    {
        lock (_gate)
        {
            if (_state != State.Open) return;
            ClearQueue();
            Enqueue(message);
        }
    }

    /// <summary>Sends what waits, then closes, with reason <c>forced close</c>.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_state != State.Open) return;
            _state = State.Closing;
            _forceCloseDue = _server.Now + OrderlyCloseMs;
            if (_link is not null) Enqueue(EngineMessage.Close());
            if (_link is not null || _poll is null) return;
        }
        CloseNow(CloseReasons.ForcedClose);
    }

    /// <summary>Ends the session at once; what waits is lost, except that a pending poll takes it along.</summary>
    /// <param name="code">For a WebSocket; none sends a close frame without a code, as the original does.</param>
    internal void CloseNow(string reason, CloseCode code = CloseCode.None) => CloseNow(reason, "1"u8, code);

    internal void Open(WebSocketLink? link)
    {
        lock (_gate)
        {
            _link = link;
            _pingDue = _server.Now + (long)Options.PingInterval.TotalMilliseconds;
            Enqueue(OpenPacket(link is null && Options.AllowUpgrades && Options.Transports.HasFlag(EngineTransports.WebSocket)));
        }
    }

    internal void LeavePlace()
    {
        if (Interlocked.Exchange(ref _hasLeft, true)) return;
        _server.GiveBack();
        _place?.Dispose();
        _place = null;
    }

    internal void Attach(IEngineReceiver receiver)
    {
        lock (_gate)
        {
            _receiver = receiver;
            if (_state != State.Closed) return;
        }
        receiver.Closed(CloseReasons.TransportError);
    }

    private void CloseNow(string reason, ReadOnlySpan<byte> lastPoll, CloseCode code = CloseCode.None)
    {
        WebSocketLink? link, probe;
        lock (_gate)
        {
            if (_state == State.Closed) return;
            _state = State.Closed;
            FillLastPoll(lastPoll);
            (link, probe, _probe) = (_link, _probe, null);
            ClearQueue();
            if (link is not null && !_closeQueued) Enqueue(EngineMessage.Close(code));
        }
        _server.Forget(this);
        link?.GiveUpSoon();
        probe?.Abort();
        EngineLog.Closed(_server.Log, reason);
        _receiver?.Closed(reason);
    }

    private EngineMessage OpenPacket(bool mayUpgrade) => EngineMessage.Control(Encoding.UTF8.GetBytes(
        $$"""0{"sid":"{{Id}}","upgrades":[{{(mayUpgrade ? "\"websocket\"" : "")}}],"pingInterval":{{(long)Options.PingInterval.TotalMilliseconds}},"pingTimeout":{{(long)Options.PingTimeout.TotalMilliseconds}},"maxPayload":{{Options.MaxHttpBufferSize}}}"""));

    /// <summary>Nothing waits and nothing is under way: a WebSocket whose last write is done, or a poll that waits for an answer.</summary>
    private bool IsWritable => _queue.Count == 0 && (_link is not null ? !_writing : _poll is not null);

    /// <summary>
    /// What counts against the bound: not what is under way, nor the first that waits. Any of them may be larger than the bound, without its
    /// client being slow, and the small ones that come while it is on its way must not end the session.
    /// </summary>
    private long WaitingBytes => _queue.TryPeek(out var first) ? _queuedBytes - _bytesUnderWay - first.Cost : 0;

    private void Enqueue(EngineMessage message)
    {
        _queue.Enqueue(message);
        _queuedBytes += message.Cost;
        _closeQueued |= message.IsClose;
        Wake();
    }

    /// <summary>Lets go of the queue's room too where it has grown: most sessions are idle most of the time.</summary>
    private void ClearQueue()
    {
        _queue.Clear();
        if (_queue.Capacity > 64) _queue.TrimExcess();
        _queuedBytes = _bytesUnderWay;
    }

    private void Wake()
    {
        if (_link is not null) ScheduleWriting();
        else if (_poll is not null) FillPoll();
    }
}
