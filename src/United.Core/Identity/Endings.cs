using System.Collections.Concurrent;

namespace United.Core.Identity;

/// <summary>
/// Whose sessions or rights have ended lately. A caller is resolved first and acts a moment later: here it is noticed when an ending came in
/// between, and the caller acts on rights that no longer hold.
/// </summary>
internal sealed class Endings(TimeProvider time)
{
    private const int PrunedFrom = 1_000;

    // Much longer than a caller is on the way from being resolved to the message log.
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Guid, (long Number, long At)> _ended = new();
    private long _last;
    private long _ofAll;

    /// <summary>The number of the last ending.</summary>
    public long Last => Interlocked.Read(ref _last);

    public void Note(Guid userId)
    {
        _ended[userId] = (Interlocked.Increment(ref _last), time.GetTimestamp());
        if (_ended.Count <= PrunedFrom) return;
        foreach (var (user, ending) in _ended)
            if (time.GetElapsedTime(ending.At) > Remembered) _ended.TryRemove(KeyValuePair.Create(user, ending));
    }

    /// <summary>The rights of many may have ended.</summary>
    public void NoteAll() => Interlocked.Exchange(ref _ofAll, Interlocked.Increment(ref _last));

    public bool Since(long number, Guid userId) =>
        Interlocked.Read(ref _ofAll) > number || (_ended.TryGetValue(userId, out var ending) && ending.Number > number);
}
