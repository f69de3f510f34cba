namespace United.Testing;

/// <summary>A clock that stands still until it is told to go on. Timers fire in the order of their times, on the thread that moves it.</summary>
public sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Alarm> _alarms = [];
    private readonly List<(TimeSpan Due, TaskCompletionSource Set)> _awaited = [];
    private TimeSpan _passed;
    private TimeSpan _setBack;

    public ManualTime() : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return start + _passed - _setBack;
    }

    public override long GetTimestamp()
    {
        lock (_lock) return _passed.Ticks;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, () => callback(state));
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>The time of day is set, as an operator or a time server sets it: what is measured goes on, and timers fire when they would have.</summary>
    public void SetBack(TimeSpan by)
    {
        lock (_lock) _setBack += by;
    }

    public void Advance(TimeSpan by)
    {
        TimeSpan until;
        lock (_lock) until = _passed + by;
        while (Next(until) is { } due) due();
        lock (_lock) _passed = until;
    }

    /// <summary>Until somebody waits whose time comes in exactly this time from now.</summary>
    public Task Awaited(TimeSpan dueTime)
    {
        lock (_lock)
        {
            var due = _passed + dueTime;
            if (_alarms.Any(alarm => alarm.Due == due)) return Task.CompletedTask;
            var set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((due, set));
            return set.Task;
        }
    }

    private Action? Next(TimeSpan until)
    {
        lock (_lock)
        {
            if (_alarms.Where(alarm => alarm.Due <= until).MinBy(alarm => alarm.Due) is not { } first) return null;
            if (first.Due > _passed) _passed = first.Due;
            if (first.Period is { } period) first.Due += period;
            else _alarms.Remove(first);
            return first.Callback;
        }
    }

    private sealed class Alarm(ManualTime time, Action callback) : ITimer
    {
        public Action Callback => callback;

        public TimeSpan Due { get; set; }

        public TimeSpan? Period { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._alarms.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = time._passed + dueTime;
                Period = period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero ? null : period;
                time._alarms.Add(this);
                foreach (var (_, set) in time._awaited.Where(awaited => awaited.Due == Due)) set.TrySetResult();
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._lock) time._alarms.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
