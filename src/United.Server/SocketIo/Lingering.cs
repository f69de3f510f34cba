using United.Core.Realtime;

namespace United.Server.SocketIo;

/// <summary>
/// Sessions whose connection broke. For as long as their clients may come back and be told what they missed, they stay with the hub, so that it is
/// encoded and kept. Bounded in time and number; who comes back too late begins anew, and syncs.
/// </summary>
internal sealed class Lingering : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly Hub _hub;
    private readonly TimeSpan _patience;
    private readonly int _most;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SocketSession> _bySocket = new(StringComparer.Ordinal);
    private readonly Queue<(SocketSession Session, long Since)> _byAge = new();

    public Lingering(Hub hub, TimeSpan patience, int most, TimeProvider time)
    {
        (_hub, _patience, _most, _time) = (hub, patience, most, time);
        _timer = time.CreateTimer(_ => Tidy(), null, Beat, Beat);
    }

    public void Add(SocketSession session)
    {
        lock (_lock)
        {
            _bySocket[session.SocketId] = session;
            _byAge.Enqueue((session, _time.GetTimestamp()));
        }
        _hub.Linger(session);
        Tidy();
    }

    /// <summary>Gives a session away once. Whoever takes it has to detach it from the hub.</summary>
    public SocketSession? Take(string socketId)
    {
        lock (_lock) return _bySocket.Remove(socketId, out var session) ? session : null;
    }

    public void Dispose() => _timer.Dispose();

    private void Tidy()
    {
        lock (_lock)
        {
            while (_byAge.TryPeek(out var oldest) && (_byAge.Count > _most || _time.GetElapsedTime(oldest.Since) >= _patience))
            {
                _byAge.Dequeue();
                // The same socket may have come back and gone again since.
                if (_bySocket.GetValueOrDefault(oldest.Session.SocketId) == oldest.Session) _bySocket.Remove(oldest.Session.SocketId);
                _hub.Detach(oldest.Session);
            }
        }
    }
}
