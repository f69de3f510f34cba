using System.Text;
using Microsoft.Extensions.Logging;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>
/// One client with its sockets, one for each namespace that it has joined. Packets come one at a time; handlers are started in that
/// order and not awaited, so that one which waits for an acknowledgement of the same client gets it.
/// </summary>
internal sealed class Connection : IEngineReceiver
{
    private readonly Lock _gate;
    private readonly List<Socket> _sockets = new(1);
    private readonly SocketIoServer _server;
    private List<string>? _joining;
    private HeldPacket? _held;
    private ITimer? _connectTimeout;
    private int _running;
    private TaskCompletionSource? _slot;
    private bool _closed;

    public Connection(SocketIoServer server, EngineSocket engine)
    {
        _server = server;
        Engine = engine;
        _gate = engine.Gate;
        _connectTimeout = server.Time.CreateTimer(static me => ((Connection)me!).CloseIfIdle(), this, server.Options.ConnectTimeout, Timeout.InfiniteTimeSpan);
    }

    public EngineSocket Engine { get; }

    public ValueTask Text(ReadOnlyMemory<byte> utf8)
    {
        if (_held is not null || !PacketDecoder.TryRead(utf8, _server.Options.MaxAttachments, out var packet)) return Fail();
        // At once, and not when the last attachment is here: of somebody who was not let in nothing is kept.
        if (packet.Attachments > 0 && Find(packet.Namespace.Span) is null) return CloseRefusing();
        var json = packet.Json.ToArray();
        if (packet.Attachments == 0) return Dispatch(packet, json, []);
        _held = new HeldPacket(packet with { Namespace = packet.Namespace.ToArray(), Json = json }, json);
        return ValueTask.CompletedTask;
    }

    public ValueTask Binary(ReadOnlyMemory<byte> bytes)
    {
        // Together no more than one message may be: all are kept until the last is here, and a client need not send it.
        if (_held is not { } held || bytes.Length > _server.Options.MaxHttpBufferSize - held.Length) return Fail();
        held.Add(bytes);
        if (!held.IsWhole) return ValueTask.CompletedTask;
        _held = null;
        return Dispatch(held.Packet, held.Json, held.Attachments);
    }

    public void Closed(string reason)
    {
        StopWaiting();
        lock (_gate) _closed = true;
        CloseSockets(reason);
        _slot?.TrySetResult();
    }

    /// <returns>False where the connection is closed.</returns>
    public bool TryAdd(Socket socket)
    {
        StopWaiting();
        lock (_gate)
        {
            if (!_closed) _sockets.Add(socket);
            return !_closed;
        }
    }

    public void Remove(Socket socket)
    {
        lock (_gate) _sockets.Remove(socket);
    }

    /// <summary>Leaves every namespace, then closes.</summary>
    public void Disconnect()
    {
        foreach (var socket in Snapshot()) socket.Disconnect();
        Close();
    }

    private void Close()
    {
        Engine.Close();
        CloseSockets(CloseReasons.ForcedServerClose);
    }

    /// <summary>A packet that has no meaning in this state: the original answers it with nothing else.</summary>
    private ValueTask CloseRefusing()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    /// <summary>The client sent something that is no packet.</summary>
    private ValueTask Fail()
    {
        _held = null;
        SocketIoLog.InvalidPacket(_server.Log);
        foreach (var socket in Snapshot()) socket.Report(new SocketError("invalid packet"));
        Engine.Close();
        return ValueTask.CompletedTask;
    }

    private ValueTask Dispatch(in Packet packet, byte[] json, ReadOnlyMemory<byte>[] attachments)
    {
        var socket = Find(packet.Namespace.Span);
        switch (packet.Type)
        {
            case PacketType.Connect when socket is null:
                Join(Encoding.UTF8.GetString(packet.Namespace.Span), json.Length == 0 ? null : new Argument(json, []));
                return ValueTask.CompletedTask;
            case PacketType.Event or PacketType.BinaryEvent when socket is not null && json.Length == 0:
                return ValueTask.CompletedTask;
            case PacketType.Event or PacketType.BinaryEvent when socket is not null:
                if (!Arguments.TryReadEvent(json, attachments, _server.Options.Json, out var name, out var args) || ReservedEvents.Contains(name)) return Fail();
                socket.Received(name, args, packet.AckId);
                return WhenSlotFree();
            case PacketType.Ack or PacketType.BinaryAck when socket is not null:
                if (!Arguments.TryRead(json.Length == 0 ? "[]"u8.ToArray() : json, attachments, _server.Options.Json, out var answer)) return Fail();
                socket.Answered(packet.AckId, answer);
                return ValueTask.CompletedTask;
            case PacketType.Disconnect when socket is not null:
                socket.Close(CloseReasons.ClientNamespaceDisconnect);
                return ValueTask.CompletedTask;
            default:
                return CloseRefusing();
        }
    }

    private void Join(string name, Argument? auth)
    {
        bool again, tooMany;
        lock (_gate)
        {
            _joining ??= new(1);
            again = _joining.Contains(name);
            tooMany = _sockets.Count + _joining.Count >= _server.Options.MaxNamespacesPerConnection;
            if (!again && !tooMany) _joining.Add(name);
        }
        if (again) Close();
        else if (tooMany) Refuse(name, new Refusal("Too many namespaces"));
        // Not awaited: middlewares may take their time, and the heartbeat has to go on being heard.
        else _ = JoinWhenAllowed(name, auth);
    }

    private async Task JoinWhenAllowed(string name, Argument? auth)
    {
        Namespace? ns = null;
        try
        {
            ns = await _server.Find(name, auth);
            var refusal = ns is null ? new Refusal("Invalid namespace") : await ns.Connect(this, auth);
            if (refusal is not null) Refuse(name, refusal);
        }
        catch (Exception e)
        {
            SocketIoLog.MiddlewareFailed(_server.Log, e);
            Refuse(name, new Refusal("Internal server error"));
        }
        finally
        {
            Joined(name);
            if (ns is not null) _server.Release(ns);
        }
    }

    private void Joined(string name)
    {
        lock (_gate)
        {
            _joining!.Remove(name);
            if (_joining.Count == 0) _joining = null;
        }
    }

    /// <summary><c>4[namespace,]{"message":…[,"data":…]}</c></summary>
    private void Refuse(string name, Refusal refusal) => Engine.Send(ConnectPackets.Error(name, refusal, _server.Options.Json));

    /// <summary>A handler has been started; see <see cref="HandlerEnded"/>.</summary>
    public void HandlerStarted() => Interlocked.Increment(ref _running);

    public void HandlerEnded()
    {
        Interlocked.Decrement(ref _running);
        Volatile.Read(ref _slot)?.TrySetResult();
    }

    private async ValueTask WhenSlotFree()
    {
        while (Volatile.Read(ref _running) >= _server.Options.MaxConcurrentHandlers && !_closed)
        {
            var slot = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _slot, slot);
            // Either the handler that ends now sees the slot, or this sees that it has ended.
            if (Volatile.Read(ref _running) >= _server.Options.MaxConcurrentHandlers && !_closed) await slot.Task;
        }
    }

    private Socket? Find(ReadOnlySpan<byte> name)
    {
        lock (_gate)
        {
            foreach (var socket in _sockets)
            {
                if (name.SequenceEqual(socket.Namespace.Utf8Name)) return socket;
            }
            return null;
        }
    }

    private void CloseIfIdle()
    {
        lock (_gate)
        {
            if (_sockets.Count > 0) return;
        }
        Close();
    }

    private void StopWaiting() => Interlocked.Exchange(ref _connectTimeout, null)?.Dispose();

    private void CloseSockets(string reason)
    {
        foreach (var socket in Snapshot()) socket.Close(reason);
    }

    private Socket[] Snapshot()
    {
        lock (_gate) return [.. _sockets];
    }

    /// <summary>A packet whose attachments are still on their way.</summary>
    private sealed class HeldPacket(Packet packet, byte[] json)
    {
        private int _received;

        public Packet Packet { get; } = packet;

        public byte[] Json { get; } = json;

        public ReadOnlyMemory<byte>[] Attachments { get; } = new ReadOnlyMemory<byte>[packet.Attachments];

        /// <summary>Bytes that are here.</summary>
        public int Length { get; private set; } = json.Length;

        public bool IsWhole => _received == Attachments.Length;

        public void Add(ReadOnlyMemory<byte> attachment)
        {
            Attachments[_received++] = attachment.ToArray();
            Length += attachment.Length;
        }
    }
}
