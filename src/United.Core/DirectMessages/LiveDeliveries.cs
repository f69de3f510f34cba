using United.Core.Messages;
using United.Core.Realtime;

namespace United.Core.DirectMessages;

/// <summary>
/// What is on its way to the connections of this node: it does not show in the offline queue. A connection counts as alive at some moment
/// once it has outlived that by longer than a dead one goes unnoticed; what it was given by then is taken. Where it ends before, its
/// messages show at once. All of it is in memory: what is forgotten, by a crash or because it is too much, comes twice at worst.
/// </summary>
public sealed class LiveDeliveries(TimeProvider time)
{
    /// <summary>Dead connections are found within 45 s, by both sockets' heartbeats; twice that is for sure.</summary>
    internal static readonly TimeSpan Sure = TimeSpan.FromSeconds(90);

    // Who has just come may not have heard yet what was committed meanwhile.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private const int MostOnTheirWay = 100_000;
    private const int MostAtOnce = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Present> _here = [];
    private int _onTheirWay;

    /// <summary>Committed events that reached this node. Whoever shows them to a connection has to tell here first. Returns at once.</summary>
    public void Hear(IReadOnlyList<Event> events)
    {
        foreach (var told in events)
        {
            if (told is MessagePosted { Message: { Sealed: { } body } message }) Hear(body.RecipientId, message.Id);
        }
    }

    /// <summary>A user's number of sessions on this node.</summary>
    internal void Count(Guid userId, int sessions)
    {
        lock (_lock)
        {
            if (sessions > 0) _here.TryAdd(userId, new Present(userId, time.GetTimestamp()));
            else if (_here.Remove(userId, out var present)) Pass(present, present.Given.Count);
        }
    }

    internal Guid[] OnTheirWayTo(Guid userId)
    {
        lock (_lock) return _here.TryGetValue(userId, out var present) ? [.. present.Given.Select(given => given.MessageId)] : [];
    }

    /// <summary>What was given to somebody long enough ago, some of it. It stays on its way until it is told to <see cref="Pass(Outlived)"/>.</summary>
    internal List<Outlived> Outlived()
    {
        lock (_lock) return [.. _here.Values.Select(OldestOf).Where(outlived => outlived.Count > 0)];
    }

    internal void Pass(Outlived outlived)
    {
        lock (_lock) Pass(outlived.Present, outlived.Count);
    }

    private void Hear(Guid recipientId, Guid messageId)
    {
        lock (_lock)
        {
            if (_onTheirWay == MostOnTheirWay || !_here.TryGetValue(recipientId, out var present)) return;
            var now = time.GetTimestamp();
            present.Given.Enqueue(new Given(messageId, now, Heard: time.GetElapsedTime(present.Since, now) >= Settling));
            _onTheirWay++;
        }
    }

    // If the connection ended meanwhile, fewer are left, or none.
    private void Pass(Present present, int count)
    {
        for (; count > 0 && present.Given.TryDequeue(out _); count--) _onTheirWay--;
    }

    private Outlived OldestOf(Present present)
    {
        var outlived = present.Given.Take(MostAtOnce).TakeWhile(given => time.GetElapsedTime(given.At) >= Sure).ToList();
        return new Outlived(present, outlived.Count, [.. outlived.Where(given => given.Heard).Select(given => given.MessageId)]);
    }
}

/// <summary>Somebody who is connected without a break since then, and what was given to their connections, in its order.</summary>
internal sealed record Present(Guid UserId, long Since)
{
    public Queue<Given> Given { get; } = [];
}

/// <param name="Heard">Their connections had been there long enough to be told.</param>
internal readonly record struct Given(Guid MessageId, long At, bool Heard);

/// <param name="Count">Of all that is so old.</param>
/// <param name="Taken">What of it was taken. The rest shows.</param>
internal sealed record Outlived(Present Present, int Count, Guid[] Taken);
