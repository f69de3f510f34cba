using System.Runtime.InteropServices;
using United.Core.Realtime;

namespace United.Server.SocketIo;

/// <summary>
/// Sessions whose connection broke. For as long as their clients may come back and be told what they missed, they stay with the hub, so that it is
/// encoded and kept. Bounded in time and number, and for each user, so that nobody who comes and goes takes the places of others; who comes back
/// too late begins anew, and syncs.
/// </summary>
internal sealed class Lingering : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly Hub _hub;
    private readonly LingeringBounds _bounds;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly LinkedList<(SocketSession Session, long Since)> _byAge = new();
    private readonly Dictionary<string, LinkedListNode<(SocketSession Session, long Since)>> _bySocket = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, List<SocketSession>> _byUser = [];

    public Lingering(Hub hub, LingeringBounds bounds, TimeProvider time)
    {
        (_hub, _bounds, _time) = (hub, bounds, time);
        _timer = time.CreateTimer(_ => Tidy(), null, Beat, Beat);
    }

    public void Add(SocketSession session)
    {
        lock (_lock)
        {
            _bySocket.Add(session.SocketId, _byAge.AddLast((session, _time.GetTimestamp())));
            var mine = CollectionsMarshal.GetValueRefOrAddDefault(_byUser, session.UserId, out _) ??= [];
            mine.Add(session);
            if (mine.Count > _bounds.OfOneUser) LetGo(mine[0]);
        }
        _hub.Linger(session);
        Tidy();
    }

    /// <summary>Gives a session away once. Whoever takes it has to detach it from the hub.</summary>
    public SocketSession? Take(string socketId)
    {
        lock (_lock)
        {
            if (!_bySocket.Remove(socketId, out var found)) return null;
            _byAge.Remove(found);
            var session = found.Value.Session;
            var mine = _byUser[session.UserId];
            mine.Remove(session);
            if (mine.Count == 0) _byUser.Remove(session.UserId);
            return session;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tidy()
    {
        lock (_lock)
        {
            while (_byAge.First is { Value: var oldest } && (_byAge.Count > _bounds.InAll || _time.GetElapsedTime(oldest.Since) >= _bounds.Patience)) LetGo(oldest.Session);
        }
    }

    private void LetGo(SocketSession session)
    {
        Take(session.SocketId);
        session.Forget();
        _hub.Detach(session);
    }
}

/// <param name="Patience">How long a session waits for its client.</param>
internal sealed record LingeringBounds(TimeSpan Patience, int InAll, int OfOneUser);
