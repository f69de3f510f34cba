using System.Runtime.InteropServices;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>One event on its way to any number of sockets.</summary>
internal sealed record Delivery(EngineMessage Message, string Name, Payload Payload, bool IsVolatile);

/// <summary>
/// Who is in which room of one namespace on this node. Each socket is also in the room of its own id, which costs nothing here: the
/// table of sockets answers for it. Broadcasts to everybody or to one room walk a snapshot without the lock; nothing is allocated
/// per receiver.
/// </summary>
internal sealed class Rooms
{
    [ThreadStatic]
    private static List<Socket>? _receivers;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Socket> _sockets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private Socket[]? _all;

    public int Count
    {
        get
        {
            lock (_gate) return _sockets.Count;
        }
    }

    /// <summary>Held while a socket is told that it is connected and becomes a receiver; see also <see cref="Recovery"/>.</summary>
    public Lock Gate => _gate;

    public void Add(Socket socket)
    {
        lock (_gate)
        {
            _sockets.Add(socket.Id, socket);
            _all = null;
        }
    }

    /// <returns>The rooms that the socket was in, its own excepted.</returns>
    public string[] Remove(Socket socket)
    {
        lock (_gate)
        {
            if (!_sockets.Remove(socket.Id)) return [];
            _all = null;
            var rooms = socket.Joined?.ToArray() ?? [];
            foreach (var room in rooms) LeaveOne(socket, room);
            return rooms;
        }
    }

    public Socket? Find(string id)
    {
        lock (_gate) return _sockets.GetValueOrDefault(id);
    }

    public void Join(Socket socket, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            if (!_sockets.ContainsKey(socket.Id)) return;
            foreach (var room in rooms)
            {
                if (room == socket.Id || !(socket.Joined ??= new(StringComparer.Ordinal)).Add(room)) continue;
                ref var members = ref CollectionsMarshal.GetValueRefOrAddDefault(_rooms, room, out _);
                (members ??= new Room()).Add(socket);
            }
        }
    }

    public void Leave(Socket socket, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            foreach (var room in rooms) LeaveOne(socket, room);
        }
    }

    public string[] RoomsOf(Socket socket)
    {
        lock (_gate) return _sockets.ContainsKey(socket.Id) ? [socket.Id, .. socket.Joined ?? []] : [];
    }

    public bool IsEmpty(string room)
    {
        lock (_gate) return !_rooms.ContainsKey(room) && !_sockets.ContainsKey(room);
    }

    public string[] Names()
    {
        lock (_gate) return [.. _rooms.Keys, .. _sockets.Keys];
    }

    public Socket[] Select(Target target)
    {
        lock (_gate)
        {
            var receivers = new List<Socket>();
            Collect(target, receivers);
            return [.. receivers];
        }
    }

    /// <summary>Hands one event to all whom it is for.</summary>
    public void Deliver(Target target, Delivery delivery)
    {
        if (Snapshot(target) is { } snapshot) Deliver(snapshot, delivery);
        else Deliver(target, () => delivery);
    }

    /// <summary>The same, where making the delivery and choosing the receivers has to be one step.</summary>
    public void Deliver(Target target, Func<Delivery> make)
    {
        var receivers = _receivers ?? [];
        _receivers = null;
        Delivery delivery;
        lock (_gate)
        {
            delivery = make();
            Collect(target, receivers);
        }
        Deliver(CollectionsMarshal.AsSpan(receivers), delivery);
        receivers.Clear();
        _receivers = receivers;
    }

    private static void Deliver(ReadOnlySpan<Socket> receivers, Delivery delivery)
    {
        foreach (var socket in receivers) socket.Deliver(delivery);
    }

    /// <returns>Null where the target is not simply everybody or simply one room.</returns>
    private Socket[]? Snapshot(Target target)
    {
        if (target.Except.Count > 0 || target.Rooms.Count > 1) return null;
        lock (_gate)
        {
            if (target.Rooms.Count == 0) return _all ??= [.. _sockets.Values];
            _rooms.TryGetValue(target.Rooms[0], out var room);
            var own = _sockets.GetValueOrDefault(target.Rooms[0]);
            if (own is null) return room?.Snapshot ?? [];
            return room is null ? own.Alone : null;
        }
    }

    private void Collect(Target target, List<Socket> receivers)
    {
        if (target.Rooms.Count == 0)
        {
            foreach (var socket in _sockets.Values)
            {
                if (!IsExcepted(socket, target)) receivers.Add(socket);
            }
            return;
        }
        for (var i = 0; i < target.Rooms.Count; i++)
        {
            if (_sockets.TryGetValue(target.Rooms[i], out var own)) CollectOne(own, target, i, receivers);
            if (!_rooms.TryGetValue(target.Rooms[i], out var room)) continue;
            foreach (var socket in room.Snapshot) CollectOne(socket, target, i, receivers);
        }
    }

    private static void CollectOne(Socket socket, Target target, int room, List<Socket> receivers)
    {
        // Once only: not where an earlier room of the list has brought it already.
        for (var i = 0; i < room; i++)
        {
            if (IsIn(socket, target.Rooms[i])) return;
        }
        if (!IsExcepted(socket, target)) receivers.Add(socket);
    }

    private static bool IsExcepted(Socket socket, Target target)
    {
        for (var i = 0; i < target.Except.Count; i++)
        {
            if (IsIn(socket, target.Except[i])) return true;
        }
        return false;
    }

    private static bool IsIn(Socket socket, string room) => socket.Id == room || (socket.Joined?.Contains(room) ?? false);

    private void LeaveOne(Socket socket, string room)
    {
        if (socket.Joined?.Remove(room) is not true || !_rooms.TryGetValue(room, out var members)) return;
        if (members.Remove(socket)) _rooms.Remove(room);
    }

    private sealed class Room
    {
        private readonly HashSet<Socket> _members = [];
        private Socket[]? _snapshot;

        /// <summary>Made anew after a change, and shared by all broadcasts until the next one.</summary>
        public Socket[] Snapshot => _snapshot ??= [.. _members];

        public void Add(Socket socket)
        {
            _members.Add(socket);
            _snapshot = null;
        }

        /// <returns>True where nobody is left.</returns>
        public bool Remove(Socket socket)
        {
            _members.Remove(socket);
            _snapshot = null;
            return _members.Count == 0;
        }
    }
}
