using System.Net;

namespace United.Core.Moderation;

/// <summary>How many connections an account or an address holds at a time.</summary>
public sealed class ConnectionCounts(LimitsOptions options)
{
    // An upload takes a place on the disk besides, before anybody knows how large it is.
    private const int MostUploads = 4;

    private static readonly Guid Uploads = RateLimits.Subject("uploads");

    private readonly Dictionary<Guid, int> _held = [];
    private readonly Lock _lock = new();

    /// <returns>Null where there are too many; else to be disposed when the connection ends. Loopback is not counted.</returns>
    public IDisposable? Enter(IPAddress address) =>
        IPAddress.IsLoopback(address) ? new Place(null, default) : Enter(RateLimits.Subject(address), options.SocketsPerAddress);

    /// <returns>Null where there are too many; else to be disposed when the connection ends.</returns>
    public IDisposable? Enter(Guid userId) => Enter(userId, options.SocketsPerUser);

    /// <returns>Null where there are too many; else to be disposed when the upload ends.</returns>
    public IDisposable? EnterUpload(Guid userId) => Enter(RateLimits.Subject(userId, Uploads), MostUploads);

    private Place? Enter(Guid subject, int most)
    {
        lock (_lock)
        {
            var held = _held.GetValueOrDefault(subject);
            if (held >= most) return null;
            _held[subject] = held + 1;
        }
        return new Place(this, subject);
    }

    private void Leave(Guid subject)
    {
        lock (_lock)
        {
            if (--_held[subject] == 0) _held.Remove(subject);
        }
    }

    private sealed class Place(ConnectionCounts? counts, Guid subject) : IDisposable
    {
        private ConnectionCounts? _counts = counts;

        public void Dispose() => Interlocked.Exchange(ref _counts, null)?.Leave(subject);
    }
}
