namespace United.WebSockets;

/// <summary>
/// What many handshakes leave behind is garbage, but the runtime looks for garbage only when there is more of it, and clients that say nothing
/// make none. So when many have come, and next to nothing is allocated any more, the process collects once. Of the process and
/// not of an endpoint, because its garbage is.
/// </summary>
internal sealed class Leftovers
{
    /// <summary>Of a handshake about 10 KiB stay behind: from here on it is worth a pause.</summary>
    public const int Many = 1000;

    /// <summary>In a second. A server that has anything to do allocates more, and then collects without being told to.</summary>
    public const long Little = 256 * 1024;

    /// <summary>A collection of all of it stops the process for as long as it takes: up to here some tenths of a second, while nobody wants anything.</summary>
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
