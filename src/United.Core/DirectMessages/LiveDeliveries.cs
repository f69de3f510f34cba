using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using United.Core.Messages;
using United.Core.Realtime;

namespace United.Core.DirectMessages;

/// <summary>
/// Takes out of the offline queue what connections to this node took: a connection counts as alive at some moment once it has outlived that
/// by longer than a dead one goes unnoticed. Where it ends before, its messages show at once. Only a hint stands here: what is forgotten (a
/// crash, too much at once) shows a little later by itself.
/// </summary>
public sealed partial class LiveDeliveries : IAsyncDisposable
{
    /// <summary>Dead connections are found within 45 s, by both sockets' heartbeats; twice that is for sure.</summary>
    internal static readonly TimeSpan Sure = TimeSpan.FromSeconds(90);

    internal static readonly TimeSpan Round = TimeSpan.FromSeconds(10);

    // Who has just come may not have heard yet what was committed meanwhile.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private const int MostWaiting = 100_000;
    private const int MostLeft = 10_000;

    private readonly OfflineQueue _queue;
    private readonly Hub _hub;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Present> _here = [];
    private readonly Channel<Guid> _left = Channel.CreateBounded<Guid>(new BoundedChannelOptions(MostLeft) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PeriodicTimer _rounds;
    private readonly Task _loops;
    private int _waiting;

    public LiveDeliveries(OfflineQueue queue, Hub hub, TimeProvider time, ILogger<LiveDeliveries> log)
    {
        (_queue, _hub, _time, _log) = (queue, hub, time, log);
        _rounds = new PeriodicTimer(Round, time);
        _loops = Task.WhenAll(TakeThem(), ShowThem());
        hub.SessionsChanged += Count;
    }

    /// <summary>Committed events that reached this node. Returns at once.</summary>
    public void Hear(IReadOnlyList<Event> events)
    {
        foreach (var told in events)
        {
            if (told is MessagePosted { Message: { Sealed: { } body } message }) Hear(body.RecipientId, message.Id);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _hub.SessionsChanged -= Count;
        _rounds.Dispose();
        _left.Writer.TryComplete();
        await _loops;
    }

    /// <summary>A user's number of sessions on this node.</summary>
    internal void Count(Guid userId, int sessions)
    {
        lock (_lock)
        {
            if (sessions > 0)
            {
                _here.TryAdd(userId, new Present(_time.GetTimestamp()));
                return;
            }
            if (!_here.Remove(userId, out var present) || present.Given.Count == 0) return;
            _waiting -= present.Given.Count;
        }
        _left.Writer.TryWrite(userId);
    }

    private void Hear(Guid recipientId, Guid messageId)
    {
        lock (_lock)
        {
            if (!_here.TryGetValue(recipientId, out var present) || _time.GetElapsedTime(present.Since) < Settling || _waiting == MostWaiting) return;
            present.Given.Enqueue((messageId, _time.GetTimestamp()));
            _waiting++;
        }
    }

    private async Task TakeThem()
    {
        while (await _rounds.WaitForNextTickAsync())
        {
            foreach (var (userId, taken) in Outlived())
            {
                foreach (var some in taken.Chunk(1_000)) await Try(() => _queue.Take(userId, some));
            }
        }
    }

    private async Task ShowThem()
    {
        await foreach (var userId in _left.Reader.ReadAllAsync()) await Try(() => _queue.Show(userId));
    }

    private List<(Guid UserId, Guid[] MessageIds)> Outlived()
    {
        var taken = new List<(Guid, Guid[])>();
        lock (_lock)
        {
            foreach (var (userId, present) in _here)
            {
                Guid[] outlived = [.. Outlived(present.Given)];
                if (outlived.Length > 0) taken.Add((userId, outlived));
                _waiting -= outlived.Length;
            }
        }
        return taken;
    }

    private IEnumerable<Guid> Outlived(Queue<(Guid MessageId, long At)> given)
    {
        while (given.TryPeek(out var first) && _time.GetElapsedTime(first.At) >= Sure) yield return given.Dequeue().MessageId;
    }

    // If the database is away, the entries show when their doubt is over.
    private async Task Try(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception e)
        {
            NotWritten(e.Message);
        }
    }

    [LoggerMessage(51, LogLevel.Warning, "The offline queue of encrypted messages could not be kept up: {Reason}")]
    private partial void NotWritten(string reason);

    /// <summary>Somebody who is connected without a break since then, and what was given to their connections.</summary>
    private sealed record Present(long Since)
    {
        public Queue<(Guid MessageId, long At)> Given { get; } = [];
    }
}
