using United.Server.Hosting;

namespace United.Server.ProtoSocket;

/// <summary>
/// One clock for all open connections: each is visited every 15 seconds, a fifteenth of them a second. Every second visit pings, the one
/// after it looks for a sign of life; so pings are 30 s apart, and a half-open connection is found within 45 s.
/// </summary>
internal sealed class Heartbeats : IDisposable
{
    private const int Slots = 15;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly Slot[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new Slot())];
    private readonly Lock _turning = new();
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenRegistration _stop;
    private readonly ITimer _timer;
    private uint _joined;
    private int _turn;

    public Heartbeats(TimeProvider time, Draining draining)
    {
        _stopping = draining.GoAway;
        _stop = _stopping.Register(GoAway);
        _timer = time.CreateTimer(_ => Turn(), null, Step, Step);
    }

    /// <returns>The place to leave by.</returns>
    public Slot Join(ProtoSocketConnection connection)
    {
        var slot = _slots[Interlocked.Increment(ref _joined) % Slots];
        slot.Add(connection);
        // Who joins while the server stops may have been missed.
        if (_stopping.IsCancellationRequested) connection.GoAway();
        return slot;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stop.Dispose();
    }

    private void Turn()
    {
        // A turn that takes longer than a second must not meet the next one in the same connections.
        lock (_turning)
        {
            foreach (var connection in _slots[_turn].Snapshot()) connection.Beat();
            _turn = (_turn + 1) % Slots;
        }
    }

    private void GoAway()
    {
        foreach (var slot in _slots)
            foreach (var connection in slot.Snapshot()) connection.GoAway();
    }

    internal sealed class Slot
    {
        private readonly HashSet<ProtoSocketConnection> _connections = [];

        public void Add(ProtoSocketConnection connection)
        {
            lock (_connections) _connections.Add(connection);
        }

        public void Leave(ProtoSocketConnection connection)
        {
            lock (_connections) _connections.Remove(connection);
        }

        public ProtoSocketConnection[] Snapshot()
        {
            lock (_connections) return [.. _connections];
        }
    }
}
