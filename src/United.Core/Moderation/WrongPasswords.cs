using System.Collections.Concurrent;

namespace United.Core.Moderation;

/// <summary>
/// Makes guessing slow without ever locking anybody out: from the third wrong password in a row on, the account's next attempt
/// has to wait, 1 s, 2 s, 4 s … up to a bound. An attempt counts as wrong from its beginning, so that many at once can't be
/// evaluated before the first has failed; a right one clears the count.
/// </summary>
public sealed class WrongPasswords(LimitsOptions options, TimeProvider time)
{
    internal const int MostAccounts = 50_000;
    private const int Free = 3;

    private readonly ConcurrentDictionary<Guid, Attempts> _accounts = new();

    /// <summary>Before a password is looked at.</summary>
    /// <returns>Null: go on, it is counted as wrong until <see cref="WasRight"/>.</returns>
    public Refusal? Begin(Guid account)
    {
        if (_accounts.Count >= MostAccounts) Sweep();
        var attempts = _accounts.GetOrAdd(account, static _ => new Attempts());
        lock (attempts)
        {
            var now = time.GetTimestamp();
            if (attempts.NextAt > now) return new Refusal(Fault.RateLimited, RetryAfter: time.GetElapsedTime(now, attempts.NextAt));
            attempts.InARow++;
            attempts.NextAt = now + (long)(DelayAfter(attempts.InARow).TotalSeconds * time.TimestampFrequency);
            return null;
        }
    }

    public void WasRight(Guid account) => _accounts.TryRemove(account, out _);

    private TimeSpan DelayAfter(int inARow) => inARow < Free
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(options.LongestLogInDelaySeconds, Math.Pow(2, inARow - Free)));

    // Who may try again anyway is forgotten: at worst a guesser of 50,000 names gains three attempts at some of them.
    private void Sweep()
    {
        var now = time.GetTimestamp();
        foreach (var (account, attempts) in _accounts)
        {
            if (attempts.NextAt <= now || _accounts.Count >= MostAccounts * 2) _accounts.TryRemove(account, out _);
        }
    }

    private sealed class Attempts
    {
        public int InARow;
        public long NextAt;
    }
}
