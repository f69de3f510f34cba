namespace United.Core.DirectMessages;

/// <summary>
/// The time of day, for those who delete by it: believed only if two readings, at least an hour apart by the monotonic clock, agree. If they
/// don't, the clock was set in between, and the later reading is compared with the next one.
/// </summary>
internal sealed class SureClock(TimeProvider time)
{
    private static readonly TimeSpan Apart = TimeSpan.FromHours(1);

    // More than a clock drifts, or is slewed, in an hour or two.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    private (long Stamp, DateTimeOffset At) _first = (time.GetTimestamp(), time.GetUtcNow());

    /// <returns>Null: it is too early to tell.</returns>
    public Reading? Read()
    {
        var (stamp, now) = (time.GetTimestamp(), time.GetUtcNow());
        var passed = time.GetElapsedTime(_first.Stamp, stamp);
        if (passed < Apart) return null;
        var jump = now - _first.At - passed;
        _first = (stamp, now);
        return new Reading(now, jump.Duration() <= Slack ? TimeSpan.Zero : jump);
    }

    /// <param name="Jump">By how much the clock was set forward since the reading before; zero where the two agree.</param>
    public readonly record struct Reading(DateTimeOffset Now, TimeSpan Jump);
}
