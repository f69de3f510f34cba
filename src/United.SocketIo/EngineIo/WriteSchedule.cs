using System.Collections.Concurrent;

namespace United.SocketIo.EngineIo;

/// <summary>
/// Sessions that have something to write, served in turn by one thread-pool item for as long as there are any. A broadcast to thousands
/// thus starts one item instead of thousands, and while the item is on its way round, what further broadcasts bring gathers in the
/// queues and goes out in the same writes. No write is waited for here: one that does not complete at once goes on by itself.
/// </summary>
/// <remarks>
/// A write is a system call, whatever it carries. Where each carries one message only, and many sessions wait, a second thread shares the
/// work: the receivers get a lone broadcast earlier. Where messages gather it would only make more system calls of them, and leaves.
/// </remarks>
internal sealed class WriteSchedule : IThreadPoolWorkItem
{
    /// <summary>Their system calls take about as long as it takes to wake a thread up, several times over.</summary>
    private const int WorthAnotherThread = 32;

    private static readonly int MostThreads = Math.Min(2, Environment.ProcessorCount);

    private readonly ConcurrentQueue<EngineSocket> _due = new();
    private int _threads;

    public void Add(EngineSocket session)
    {
        _due.Enqueue(session);
        // A full fence: either this sees that nobody is at work, or whoever stops sees the session.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _threads) == 0) TryStart(0);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var alone = 0;
        while (_due.TryDequeue(out var session))
        {
            var gathered = session.HasGathered;
            session.StartWriting();
            alone = gathered ? 0 : alone + 1;
            if (gathered && Interlocked.CompareExchange(ref _threads, 1, 2) == 2) return;
            if (alone >= WorthAnotherThread && _due.Count > WorthAnotherThread) TryStart(1);
        }
        if (Interlocked.Decrement(ref _threads) == 0 && !_due.IsEmpty) TryStart(0);
    }

    private void TryStart(int running)
    {
        if (Interlocked.CompareExchange(ref _threads, running + 1, running) == running) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
