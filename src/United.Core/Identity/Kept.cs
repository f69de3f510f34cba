using System.Collections.Concurrent;

namespace United.Core.Identity;

/// <summary>
/// What was read from the database once, until it is forgotten. Nothing older than the last <see cref="Forget"/> is ever given
/// out: a load that was under way then is done again.
/// </summary>
internal sealed class Kept<T>(Func<Guid, CancellationToken, Task<T>> load, int most) where T : class
{
    private readonly ConcurrentDictionary<Guid, T> _values = new();
    private readonly Lock _lock = new();
    private long _forgotten;

    public ValueTask<T> Get(Guid id, CancellationToken ct) => _values.TryGetValue(id, out var value) ? new(value) : new(Reload(id, ct));

    public void Forget(Guid id)
    {
        lock (_lock)
        {
            _forgotten++;
            _values.TryRemove(id, out _);
        }
    }

    public void ForgetAll()
    {
        lock (_lock)
        {
            _forgotten++;
            _values.Clear();
        }
    }

    /// <summary>Reads it again, whatever is kept.</summary>
    public async Task<T> Reload(Guid id, CancellationToken ct)
    {
        while (true)
        {
            var before = Interlocked.Read(ref _forgotten);
            var value = await load(id, ct);
            lock (_lock)
            {
                if (_forgotten != before) continue;
                if (_values.Count >= most) _values.Clear();
                return _values[id] = value;
            }
        }
    }
}
