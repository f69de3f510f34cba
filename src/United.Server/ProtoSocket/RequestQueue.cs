using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>
/// What one client has asked and not been answered yet. Requests are handled one after another, in the order in which they came, on a
/// task of their own: a slow one holds back the next, never the reader, which goes on to answer pings. Bounded in number and bytes.
/// </summary>
internal sealed class RequestQueue(Func<Envelope, Task> handle)
{
    public const int MostRequests = 256;
    public const int MostBytes = 1 << 20;

    private readonly Queue<(Envelope Request, int Bytes)> _waiting = [];
    private Task _handling = Task.CompletedTask;
    private int _bytes;
    private bool _running;
    private bool _stopped;

    /// <returns>False: too much waits already.</returns>
    public bool TryAdd(Envelope request, int bytes)
    {
        lock (_waiting)
        {
            if (_waiting.Count == MostRequests || _bytes + bytes > MostBytes) return false;
            _waiting.Enqueue((request, bytes));
            _bytes += bytes;
            if (!_running) _handling = Task.Run(HandleAll);
            _running = true;
            return true;
        }
    }

    /// <summary>What waits is forgotten. Completes when the one under way is done.</summary>
    public Task Stop()
    {
        lock (_waiting)
        {
            _stopped = true;
            _waiting.Clear();
            return _handling;
        }
    }

    private async Task HandleAll()
    {
        while (Next() is { } request) await handle(request);
    }

    private Envelope? Next()
    {
        lock (_waiting)
        {
            if (!_stopped && _waiting.TryDequeue(out var next))
            {
                _bytes -= next.Bytes;
                return next.Request;
            }
            _running = false;
            return null;
        }
    }
}
