namespace United.WebSockets;

/// <summary>
/// Handshakes leave garbage, but the runtime collects only while something is allocated, and clients that say nothing allocate nothing. So when
/// many have come, and hardly anything is allocated any more, the process collects once. One for the process and not for each endpoint, because
/// the heap is the process's.
/// </summary>
internal sealed class Leftovers
{
    /// <summary>Each handshake leaves about 10 KiB: from this many on, collecting them is worth a pause while nobody waits, and spares a longer one later.</summary>
    public const int Many = 100;

    /// <summary>Bytes a second. A server that has anything to do allocates more, and so collects by itself.</summary>
    public const long Little = 256 * 1024;

    /// <summary>Bytes. A full collection stops the process: for some tenths of a second with a heap of this size, while nobody waits.</summary>
    private const long LargestHeap = 256L * 1024 * 1024;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Func<long> _allocated;
    private readonly Action _collect;
    private readonly ITimer _timer;
    private int _handshakes;
    private long _before;

    /// <param name="allocated">All bytes that the process has ever allocated.</param>
    public Leftovers(TimeProvider time, Func<long> allocated, Action collect)
    {
        (_allocated, _collect) = (allocated, collect);
        _timer = time.CreateTimer(static me => ((Leftovers)me!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public static Leftovers OfProcess { get; } = new(TimeProvider.System, () => GC.GetTotalAllocatedBytes(), Collect);

    public void HandshakeIsOver()
    {
        if (Interlocked.Increment(ref _handshakes) == Many) _timer.Change(Period, Period);
    }

    private void Look()
    {
        var allocated = _allocated();
        var isQuiet = allocated - _before < Little;
        _before = allocated;
        if (!isQuiet) return;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Interlocked.Exchange(ref _handshakes, 0);
        _collect();
    }

    private static void Collect()
    {
        if (GC.GetGCMemoryInfo().HeapSizeBytes <= LargestHeap) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
