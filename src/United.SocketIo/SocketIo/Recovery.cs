using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>What is kept of a socket whose connection broke.</summary>
/// <param name="LastSent">The last packet that it was sent, received or not.</param>
/// <param name="Left">The last packet of all when it was lost.</param>
internal sealed record Session(
    string Id, string PrivateId, string[] Rooms, ConcurrentDictionary<string, object?>? Data, long Expires, long LastSent, long Left);

/// <summary>A session that has come back, and the last packet that it has seen.</summary>
internal sealed record RestoredSession(Session Session, long Seen);

/// <summary>
/// The memory of connection state recovery in one namespace: the last packets, and the sessions of absent clients. Guarded by the gate
/// of the namespace's <see cref="Rooms"/>: a packet is recorded, and its receivers chosen, in one step; a session gets what it missed,
/// and becomes a receiver, in one step. So nothing is lost and nothing comes twice.
/// </summary>
internal sealed class Recovery(ConnectionStateRecovery options, TimeProvider time, Lock gate)
{
    private readonly PacketLog _packets = new();
    private readonly LinkedList<Session> _byAge = new();
    private readonly Dictionary<string, LinkedListNode<Session>> _byPrivateId = new(StringComparer.Ordinal);
    private long _last;

    /// <summary>The number of the last packet.</summary>
    public long Last
    {
        get
        {
            lock (gate) return _last;
        }
    }

    private long Now => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Under the gate. The offset that the client sends back is appended to the packet's arguments.</summary>
    public Delivery Record(Payload payload, Target target, Namespace ns)
    {
        var message = payload.ToEventAt(++_last, ns);
        _packets.Add(_last, Now, target, message);
        Prune();
        return new Delivery(message, Number: _last);
    }

    /// <summary>Under the gate: an event with the offset of all that was recorded before it. From it on a client can be recovered.</summary>
    public EngineMessage Mark(EngineMessage message, Socket socket)
    {
        socket.LastSent = _last;
        return Payload.Of(message).ToEventAt(_last, socket.Namespace);
    }

    public void Remember(Socket socket, string[] rooms)
    {
        lock (gate)
        {
            var session = new Session(socket.Id, socket.PrivateId!, rooms, socket.DataOrNull, Now + (long)options.MaxDisconnectionDuration.TotalMilliseconds, socket.LastSent, _last);
            _byPrivateId.Add(session.PrivateId, _byAge.AddLast(session));
            Prune();
        }
    }

    public void Forget(string privateId)
    {
        lock (gate) Take(privateId);
    }

    /// <summary>Takes the session out: an id that has been used once opens nothing any more.</summary>
    /// <param name="auth">CONNECT's payload, with <c>pid</c> and <c>offset</c> where the client wants to go on.</param>
    public RestoredSession? TryRestore(Argument? auth)
    {
        if (auth is not { } said || !TryReadIds(said.Json.Span, out var privateId, out var offset)) return null;
        lock (gate)
        {
            Prune();
            if (Take(privateId) is not { } session) return null;
            if (!long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) || seen > _last) return null;
            var restored = new RestoredSession(session, seen);
            return IsComplete(restored) ? restored : null;
        }
    }

    /// <summary>Under the gate.</summary>
    /// <returns>Null: a part of it has gone since <see cref="TryRestore"/>, while it was being decided who may come in.</returns>
    public List<EngineMessage>? Missed(RestoredSession restored, Entrance entrance)
    {
        if (!IsComplete(restored)) return null;
        var rooms = new Dictionary<string, long>(StringComparer.Ordinal) { [restored.Session.Id] = 0 };
        foreach (var room in entrance.Rooms) rooms[room] = entrance.Since?.GetValueOrDefault(room) ?? 0;
        return _packets.After(restored.Seen, rooms);
    }

    // What it had been sent it has; so nothing of what others were sent before it was lost concerns it.
    private bool IsComplete(RestoredSession restored) =>
        (restored.Seen == restored.Session.LastSent ? restored.Session.Left : restored.Seen) >= FirstKept - 1;

    private long FirstKept => _packets.TryPeek(out var first, out _) ? first : _last + 1;

    private void Prune()
    {
        var now = Now;
        var oldest = now - (long)options.MaxDisconnectionDuration.TotalMilliseconds;
        while (_packets.TryPeek(out _, out var at) && (at < oldest || _packets.Count > options.MaxPackets || _packets.Bytes > options.MaxBytes)) _packets.Remove();
        while (_byAge.First is { } first && (first.Value.Expires <= now || _byAge.Count > options.MaxSessions)) Take(first.Value.PrivateId);
    }

    private Session? Take(string privateId)
    {
        if (!_byPrivateId.Remove(privateId, out var session)) return null;
        _byAge.Remove(session);
        return session.Value;
    }

    private static bool TryReadIds(ReadOnlySpan<byte> json, out string privateId, out string offset)
    {
        (privateId, offset) = ("", "");
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPrivateId = reader.ValueTextEquals("pid"u8);
            var isOffset = reader.ValueTextEquals("offset"u8);
            reader.Read();
            if (isPrivateId && reader.TokenType == JsonTokenType.String) privateId = reader.GetString()!;
            if (isOffset && reader.TokenType == JsonTokenType.String) offset = reader.GetString()!;
            reader.Skip();
        }
        return privateId.Length > 0 && offset.Length > 0;
    }
}
