using System.Threading.Tasks.Sources;

namespace United.Core.Realtime;

/// <summary>
/// What waits to be written to one connection: pushes and answers in the order in which they were added. Bounded; a connection
/// that does not keep up is closed, so that it costs the others nothing. Anyone may add, one writer takes.
/// </summary>
/// <remarks>
/// Adding allocates nothing but room (two arrays that take turns), and wakes the writer on the thread pool: whoever adds never
/// runs the writer's code.
/// </remarks>
#pragma warning disable CA1001 // a cancellation source without a timer holds nothing to dispose of
public sealed class Outbox : IValueTaskSource<ReadOnlyMemory<byte[]>>, IThreadPoolWorkItem
#pragma warning restore CA1001
{
    public const int MostFrames = 4096;
    public const int MostBytes = 1 << 20;

    // Room that turned out more than four times too large is given back, unless it is no more than this.
    private const int KeptRoom = 16;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cut = new();
    private ManualResetValueTaskSourceCore<bool> _signal;
    private byte[][] _waiting = [];
    private byte[][] _taken = [];
    private int _waitingCount;
    private int _takenCount;
    private int _unwrittenBytes;
    private bool _writerWaits;
    private bool _wake;
    private CloseReason? _closed;

    /// <summary>Null while it is open.</summary>
    public CloseReason? Closed => Volatile.Read(ref _closed);

    /// <summary>Cancelled when it is closed for a reason that drops what waits: a write under way is to be given up.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <returns>False: it is closed, or was closed just now because too much waits.</returns>
    public bool Add(byte[] frame)
    {
        lock (_lock)
        {
            if (_closed is not null) return false;
            if (_waitingCount + _takenCount == MostFrames || _unwrittenBytes + frame.Length > MostBytes) CloseInside(CloseReason.TooSlow);
            else Append(frame);
            if (!Wakes()) return _closed is null;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return Closed is null;
    }

    /// <summary>The first reason stands.</summary>
    public void Close(CloseReason reason)
    {
        lock (_lock)
        {
            if (_closed is not null) return;
            CloseInside(reason);
            if (!Wakes()) return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>
    /// Waits for something, then takes all that has gathered. Taking again says that what was taken last has been written: until
    /// then it counts against the bounds.
    /// </summary>
    /// <returns>Empty: closed, and nothing is left.</returns>
    public ValueTask<ReadOnlyMemory<byte[]>> Take()
    {
        lock (_lock)
        {
            Written();
            if (Ready) return new(Gathered());
            _signal.Reset();
            _writerWaits = true;
            return new(this, _signal.Version);
        }
    }

    /// <summary>As <see cref="Take"/>, without waiting.</summary>
    /// <returns>False: there is nothing to write at this moment.</returns>
    internal bool TryTake(out ReadOnlyMemory<byte[]> frames)
    {
        lock (_lock)
        {
            Written();
            frames = Ready ? Gathered() : default;
            return !frames.IsEmpty;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        bool wake;
        lock (_lock) (wake, _wake) = (_wake, false);
        if (Closed is { DropsQueue: true }) _cut.Cancel();
        if (wake) _signal.SetResult(true);
    }

    ReadOnlyMemory<byte[]> IValueTaskSource<ReadOnlyMemory<byte[]>>.GetResult(short token)
    {
        _signal.GetResult(token);
        lock (_lock) return Gathered();
    }

    ValueTaskSourceStatus IValueTaskSource<ReadOnlyMemory<byte[]>>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<ReadOnlyMemory<byte[]>>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private bool Ready => _closed is not null || _waitingCount > 0;

    // A close that drops has to reach a writer that is in the middle of a write, too.
    private bool Wakes()
    {
        var wakes = _writerWaits || _closed is { DropsQueue: true };
        _wake |= _writerWaits;
        _writerWaits = false;
        return wakes;
    }

    private void Append(byte[] frame)
    {
        if (_waitingCount == _waiting.Length) Array.Resize(ref _waiting, Math.Max(4, _waitingCount * 2));
        _waiting[_waitingCount++] = frame;
        _unwrittenBytes += frame.Length;
    }

    private void CloseInside(CloseReason reason)
    {
        Volatile.Write(ref _closed, reason);
        if (!reason.DropsQueue) return;
        _waiting = [];
        _waitingCount = 0;
    }

    private void Written()
    {
        foreach (var frame in _taken.AsSpan(0, _takenCount)) _unwrittenBytes -= frame.Length;
        if (_taken.Length > KeptRoom && _takenCount < _taken.Length / 4) _taken = [];
        else Array.Clear(_taken, 0, _takenCount);
        _takenCount = 0;
    }

    private ReadOnlyMemory<byte[]> Gathered()
    {
        (_waiting, _taken) = (_taken, _waiting);
        (_waitingCount, _takenCount) = (0, _waitingCount);
        return _taken.AsMemory(0, _takenCount);
    }
}
