using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace United.Core.Moderation;

/// <summary>
/// How often somebody may do something: token buckets by limit and subject (account, session, address), by the monotonic clock.
/// They live in this process: spread over several, a subject gets at most as many times its rate. Asking is a ValueTask
/// because the answer may come from elsewhere one day. Memory is bounded: a full bucket says nothing and is dropped.
/// </summary>
public sealed class RateLimits
{
    internal const int MostBuckets = 100_000;

    private readonly LimitsOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<Rate>[] _rates;
    private volatile MessageRate _messages;

    private readonly ConcurrentDictionary<(Limit Limit, Guid Subject), Bucket> _buckets = new();
    private readonly Lock _sweeping = new();

    public RateLimits(LimitsOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _messages = new MessageRate(options.RateOf(Limit.Message));
        _rates = Array.ConvertAll(Enum.GetValues<Limit>(), limit =>
        {
            var rate = options.RateOf(limit);
            return limit == Limit.Message ? () => _messages.Rate : (Func<Rate>)(() => rate);
        });
    }

    /// <summary>Null: it may be done, and has been counted. Else when to come back.</summary>
    public ValueTask<Refusal?> Ask(Limit limit, Guid subject)
    {
        var wait = BucketOf(limit, subject).Take();
        return ValueTask.FromResult(wait == TimeSpan.Zero ? null : new Refusal(Fault.RateLimited, RetryAfter: wait));
    }

    /// <summary>Takes back what <see cref="Ask"/> counted: it turned out to be harmless.</summary>
    public void GiveBack(Limit limit, Guid subject)
    {
        if (_buckets.TryGetValue((limit, subject), out var bucket)) bucket.GiveBack();
    }

    internal int Buckets => _buckets.Count;

    /// <summary>A bucket of one's own, for what belongs to one connection.</summary>
    public Bucket NewBucket(Limit limit) => new(_time, _rates[(int)limit]);

    /// <summary>What the server's settings say of messages, from now on. Null: what the options say.</summary>
    public void SetMessageRate(int? perSecond, int? burst) => _messages = new MessageRate(
        new Rate(TimeSpan.FromSeconds(1) / (perSecond ?? _options.MessagesPerSecond), burst ?? _options.MessageBurst));

    /// <summary>The subject of an address. IPv6 users own a /64 at least, so that counts as one address.</summary>
    public static Guid Subject(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out _);
        if (plain.AddressFamily == AddressFamily.InterNetworkV6) bytes[8..].Clear();
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The subject of any text, one that names nobody included.</summary>
    public static Guid Subject(string name) => new(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16), bigEndian: true);

    /// <summary>The subject of somebody in some place.</summary>
    public static Guid Subject(Guid who, Guid where)
    {
        Span<byte> both = stackalloc byte[32];
        who.TryWriteBytes(both);
        where.TryWriteBytes(both[16..]);
        return new Guid(SHA256.HashData(both).AsSpan(0, 16), bigEndian: true);
    }

    private Bucket BucketOf(Limit limit, Guid subject)
    {
        if (_buckets.TryGetValue((limit, subject), out var known)) return known;
        if (_buckets.Count >= MostBuckets) Sweep();
        return _buckets.GetOrAdd((limit, subject), static (key, limits) => limits.NewBucket(key.Limit), this);
    }

    // Full buckets go first. If too many are not full (an attack from a great many addresses), any tenth of them goes.
    private void Sweep()
    {
        lock (_sweeping)
        {
            if (_buckets.Count < MostBuckets) return;
            foreach (var (key, bucket) in _buckets)
            {
                if (bucket.IsFull) _buckets.TryRemove(key, out _);
            }
            var surplus = _buckets.Count - (MostBuckets * 9 / 10);
            foreach (var (key, _) in _buckets)
            {
                if (surplus-- <= 0) break;
                _buckets.TryRemove(key, out _);
            }
        }
    }

    private sealed record MessageRate(Rate Rate);
}
