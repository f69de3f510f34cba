using System.Runtime.InteropServices;
using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>One event on its way to any number of sockets.</summary>
/// <param name="Number">Its offset, where it is kept for recovery; else 0.</param>
internal readonly record struct Delivery(EngineMessage Message, bool IsVolatile = false, long Number = 0);

/// <summary>
/// Who is in which room of one namespace on this node. Each socket is also in the room of its own id, which costs nothing here: the
/// table of sockets answers for it. Broadcasts to everybody or to one room walk a snapshot without the lock; nothing is allocated
/// per receiver.
/// </summary>
internal sealed class Rooms
{
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

    public void Remove(Socket socket)
    {
        lock (_gate)
        {
            if (!_sockets.Remove(socket.Id)) return;
            _all = null;
            foreach (var room in socket.Joined) Drop(socket, room);
            socket.Joined = [];
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
            var joined = new List<Room>(rooms.Length);
            foreach (var name in rooms)
            {
                if (name == socket.Id) continue;
                ref var room = ref CollectionsMarshal.GetValueRefOrAddDefault(_rooms, name, out _);
                room ??= new Room(name);
                if (room.Add(socket)) joined.Add(room);
            }
            if (joined.Count > 0) socket.Joined = [.. socket.Joined, .. joined];
        }
    }

    public void Leave(Socket socket, ReadOnlySpan<string> rooms)
    {
        lock (_gate)
        {
            foreach (var name in rooms)
            {
                if (!_rooms.TryGetValue(name, out var room) || !room.Contains(socket)) continue;
                socket.Joined = [.. socket.Joined.Where(other => other != room)];
                Drop(socket, room);
            }
        }
    }

    public string[] RoomsOf(Socket socket)
    {
        lock (_gate) return _sockets.ContainsKey(socket.Id) ? [socket.Id, .. socket.Joined.Select(room => room.Name)] : [];
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

    /// <summary>Whom something is for at this moment.</summary>
    public Receivers Choose(Target target)
    {
        lock (_gate)
        {
            if (Snapshot(target) is { } snapshot) return new Receivers(snapshot);
            var chosen = Receivers.TakeList();
            Collect(target, chosen);
            return new Receivers(chosen);
        }
    }

    /// <summary>Under the gate.</summary>
    /// <returns>Null where the target is not simply everybody or simply one room.</returns>
    private Socket[]? Snapshot(Target target)
    {
        if (target.Except.Count > 0 || target.Rooms.Count > 1) return null;
        if (target.Rooms.Count == 0) return _all ??= [.. _sockets.Values];
        _rooms.TryGetValue(target.Rooms[0], out var room);
        var own = _sockets.GetValueOrDefault(target.Rooms[0]);
        if (own is null) return room?.Snapshot ?? [];
        return room is null ? own.Alone : null;
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

    private void CollectOne(Socket socket, Target target, int room, List<Socket> receivers)
    {
        // Once only: not where an earlier room of the list has brought it already.
        for (var i = 0; i < room; i++)
        {
            if (IsIn(socket, target.Rooms[i])) return;
        }
        if (!IsExcepted(socket, target)) receivers.Add(socket);
    }

    private bool IsExcepted(Socket socket, Target target)
    {
        for (var i = 0; i < target.Except.Count; i++)
        {
            if (IsIn(socket, target.Except[i])) return true;
        }
        return false;
    }

    private bool IsIn(Socket socket, string name) => socket.Id == name || (_rooms.TryGetValue(name, out var room) && room.Contains(socket));

    private void Drop(Socket socket, Room room)
    {
        if (room.Remove(socket)) _rooms.Remove(room.Name);
    }
}

/// <summary>Whom one event is for: chosen under the lock, told without it.</summary>
internal readonly ref struct Receivers
{
    [ThreadStatic]
    private static List<Socket>? _spare;

    private readonly ReadOnlySpan<Socket> _sockets;
    private readonly List<Socket>? _chosen;

    public Receivers(Socket[] snapshot) => _sockets = snapshot;

    /// <param name="chosen">One that was taken; given back when the event is delivered.</param>
    public Receivers(List<Socket> chosen)
    {
        _sockets = CollectionsMarshal.AsSpan(chosen);
        _chosen = chosen;
    }

    public static List<Socket> TakeList()
    {
        var list = _spare ?? [];
        _spare = null;
        return list;
    }

    /// <summary>Once.</summary>
    public void Deliver(in Delivery delivery)
    {
        foreach (var socket in _sockets) socket.Deliver(delivery);
        _chosen?.Clear();
        _spare ??= _chosen;
    }
}

/// <summary>The members of one room. Its name is kept once, and not by each of them.</summary>
internal sealed class Room(string name)
{
    private readonly HashSet<Socket> _members = [];
    private Socket[]? _snapshot;

    public string Name => name;

    /// <summary>Made anew after a change, and shared by all broadcasts until the next one.</summary>
    public Socket[] Snapshot => _snapshot ??= [.. _members];

    public bool Contains(Socket socket) => _members.Contains(socket);

    /// <returns>False: it was a member already.</returns>
    public bool Add(Socket socket)
    {
        _snapshot = null;
        return _members.Add(socket);
    }

    /// <returns>True where nobody is left.</returns>
    public bool Remove(Socket socket)
    {
        _members.Remove(socket);
        _snapshot = null;
        return _members.Count == 0;
    }
}
