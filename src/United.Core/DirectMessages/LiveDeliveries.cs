using United.Core.Messages;
using United.Core.Realtime;

namespace United.Core.DirectMessages;

/// <summary>
/// What is on its way to the connections of this node, and so does not show in the offline queue. A message counts as taken once the
/// connection that it was given to has lived on for longer than a dead one can go unnoticed. If the connection ends before, the message
/// shows in the queue again, unless another connection of the same user heard it too. All of this is in memory: what is forgotten, by a
/// crash or because it grew too much, comes twice at worst.
/// </summary>
/// <param name="deadFoundWithin">How long a connection can be dead before the heartbeats of its socket find it. Twice that is for sure.</param>
public sealed class LiveDeliveries(TimeProvider time, TimeSpan deadFoundWithin)
{
    private readonly TimeSpan _sure = 2 * deadFoundWithin;

    // A session that has just begun may have missed what was committed meanwhile.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private const int MostOnTheirWay = 100_000;
    private const int MostAtOnce = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Present> _here = [];
    private long _given;
    private int _onTheirWay;

    /// <summary>Committed events that reached this node. Whoever shows them to a connection has to tell here first. Returns at once.</summary>
    public void Hear(IReadOnlyList<Event> events)
    {
        foreach (var told in events)
        {
            if (told is MessagePosted { Message: { Sealed: { } body } message }) Hear(body.RecipientId, message.Id);
        }
    }

    /// <summary>A user's number of sessions on this node. Which of them ended is not said: it is taken for the one that was there longest.</summary>
    internal void Count(Guid userId, int sessions)
    {
        lock (_lock)
        {
            if (!_here.TryGetValue(userId, out var present))
            {
                if (sessions == 0) return;
                _here[userId] = present = new Present(userId);
            }
            while (present.Since.Count < sessions) present.Since.Add(time.GetTimestamp());
            if (present.Since.Count > sessions) End(present, present.Since.Count - sessions);
        }
    }

    internal Guid[] OnTheirWayTo(Guid userId)
    {
        lock (_lock) return _here.TryGetValue(userId, out var present) ? [.. present.Given.Select(given => given.MessageId)] : [];
    }

    /// <summary>What was given to somebody long enough ago, some of it. It stays on its way until it is told to <see cref="Pass(Outlived)"/>.</summary>
    internal List<Outlived> Outlived()
    {
        lock (_lock) return [.. _here.Values.Select(OldestOf).OfType<Outlived>()];
    }

    internal void Pass(Outlived outlived)
    {
        lock (_lock) Pass(outlived.Present, given => given.Number <= outlived.Last);
    }

    private void Hear(Guid recipientId, Guid messageId)
    {
        lock (_lock)
        {
            if (_onTheirWay == MostOnTheirWay || !_here.TryGetValue(recipientId, out var present)) return;
            var now = time.GetTimestamp();
            present.Given.Enqueue(new Given(++_given, messageId, now, Heard(present, now)));
            _onTheirWay++;
        }
    }

    private void End(Present present, int sessions)
    {
        present.Since.RemoveRange(0, sessions);
        var isGone = present.Since.Count == 0;
        if (isGone) _here.Remove(present.UserId);
        Pass(present, given => isGone || !Heard(present, given.At));
    }

    private bool Heard(Present present, long at) => time.GetElapsedTime(present.Since[0], at) >= Settling;

    private void Pass(Present present, Predicate<Given> which)
    {
        for (; present.Given.TryPeek(out var first) && which(first); _onTheirWay--) present.Given.Dequeue();
    }

    private Outlived? OldestOf(Present present)
    {
        var outlived = present.Given.Take(MostAtOnce).TakeWhile(given => time.GetElapsedTime(given.At) >= _sure).ToList();
        return outlived.Count == 0 ? null : new Outlived(present, outlived[^1].Number, [.. outlived.Where(given => given.Heard).Select(given => given.MessageId)]);
    }
}

/// <summary>Somebody who is connected, and what was given to their connections, in its order.</summary>
internal sealed record Present(Guid UserId)
{
    /// <summary>When their sessions began, the first one first.</summary>
    public List<long> Since { get; } = [];

    public Queue<Given> Given { get; } = [];
}

/// <param name="Heard">A connection of theirs had been there long enough to be told.</param>
internal readonly record struct Given(long Number, Guid MessageId, long At, bool Heard);

/// <param name="Last">The number of the last that is so old.</param>
/// <param name="Taken">What of it was taken. The rest shows.</param>
internal sealed record Outlived(Present Present, long Last, Guid[] Taken);
