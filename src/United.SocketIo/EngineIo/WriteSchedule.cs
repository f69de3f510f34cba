using System.Collections.Concurrent;

namespace United.SocketIo.EngineIo;

/// <summary>
/// Sessions that have something to write, served in turn by one thread-pool item for as long as there are any. A broadcast to thousands
/// thus starts one item instead of thousands, and while the item is on its way round, what further broadcasts bring gathers in the
/// queues and goes out in the same writes. No write is waited for here: one that does not complete at once goes on by itself.
/// </summary>
internal sealed class WriteSchedule : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<EngineSocket> _due = new();
    private int _running;

    public void Add(EngineSocket session)
    {
        _due.Enqueue(session);
        if (Interlocked.Exchange(ref _running, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            while (_due.TryDequeue(out var session)) session.StartWriting();
            Interlocked.Exchange(ref _running, 0);
        }
        while (!_due.IsEmpty && Interlocked.Exchange(ref _running, 1) == 0);
    }
}
