namespace United.Core.Moderation;

/// <summary>
/// A token bucket in one number: the moment at which it will be full again (GCRA). Whoever holds one may keep it as long as it
/// likes (a connection: its frames); <see cref="RateLimits"/> keeps those of accounts and addresses.
/// </summary>
public sealed class Bucket
{
    private readonly TimeProvider _time;
    private readonly Func<Rate> _rate;
    private long _fullAt;

    internal Bucket(TimeProvider time, Func<Rate> rate) => (_time, _rate, _fullAt) = (time, rate, time.GetTimestamp());

    internal bool IsFull => Volatile.Read(ref _fullAt) <= _time.GetTimestamp();

    /// <returns>Zero if a token was taken; else nothing was, and this is how long until there is one.</returns>
    public TimeSpan Take()
    {
        var rate = _rate();
        var (interval, room) = (Ticks(rate), Ticks(rate) * rate.Burst);
        while (true)
        {
            var (now, seen) = (_time.GetTimestamp(), Volatile.Read(ref _fullAt));
            var next = Math.Max(now, seen) + interval;
            if (next - now > room) return _time.GetElapsedTime(now, next - room);
            if (Interlocked.CompareExchange(ref _fullAt, next, seen) == seen) return TimeSpan.Zero;
        }
    }

    /// <summary>Puts back a token that was taken for something that turned out not to count.</summary>
    public void GiveBack() => Interlocked.Add(ref _fullAt, -Ticks(_rate()));

    private long Ticks(Rate rate) => Math.Max(1, (long)(rate.Interval.TotalSeconds * _time.TimestampFrequency));
}
