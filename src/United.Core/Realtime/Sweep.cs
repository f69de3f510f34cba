using Microsoft.Extensions.Logging;

namespace United.Core.Realtime;

/// <summary>
/// Compares with the database what this node has told: an event that got lost is noticed by the next of its conversation, but
/// nothing follows the last one. One sweep at a time; a doubt that comes meanwhile starts another after it.
/// </summary>
internal sealed partial class Sweep : IDisposable
{
    private const int HeadsAtOnce = 1000;
    private const int UsersAtOnce = 200;

    private readonly RealtimeReads _reads;
    private readonly Feed _feed;
    private readonly Audience _audience;
    private readonly Mailbox _mailbox;
    private readonly RealtimeOptions _options;
    private readonly ILogger _log;
    private readonly ITimer _clock;
    private readonly CancellationTokenSource _stopping = new();
    private bool _again;

    public Sweep(RealtimeReads reads, Feed feed, Audience audience, Mailbox mailbox, RealtimeOptions options, TimeProvider time, ILogger log)
    {
        (_reads, _feed, _audience, _mailbox, _options, _log) = (reads, feed, audience, mailbox, options, log);
        _clock = time.CreateTimer(_ => Begin(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool Running { get; private set; }

    public void Start()
    {
        if (_options.SweepEvery is { } period) _clock.Change(period, period);
    }

    public void Begin() => _mailbox.Post(() =>
    {
        if (Running) _again = true;
        else if (!_audience.IsEmpty) Go();
    });

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        _clock.Dispose();
    }

    private void Go()
    {
        (Running, _again) = (true, false);
        _ = Run([.. _feed.Topics], [.. _audience.Listeners.Select(listener => listener.UserId)], _stopping.Token);
    }

    private async Task Run(Guid[] conversationIds, Guid[] userIds, CancellationToken ct)
    {
        await Task.Yield(); // off the mailbox
        try
        {
            await Heads(conversationIds, ct);
            await Memberships(userIds, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            SweepFailed(e.Message);
        }
        _mailbox.Post(() =>
        {
            Running = false;
            if (_again) Go();
        });
    }

    private async Task Heads(Guid[] conversationIds, CancellationToken ct)
    {
        foreach (var some in conversationIds.Chunk(HeadsAtOnce))
        {
            var heads = await _reads.Heads(some, ct);
            _mailbox.Post(() =>
            {
                foreach (var head in heads) _feed.Know(head);
            });
        }
        var open = await _reads.OpenHeads(ct);
        _mailbox.Post(() =>
        {
            foreach (var head in open) _feed.Know(head);
        });
    }

    private async Task Memberships(Guid[] userIds, CancellationToken ct)
    {
        foreach (var some in userIds.Chunk(UsersAtOnce))
        {
            var memberships = await _reads.Memberships(some, ct);
            _mailbox.Post(() =>
            {
                foreach (var membership in memberships) _feed.Know(membership);
            });
        }
    }

    [LoggerMessage(23, LogLevel.Warning, "A comparison with the database failed: {Reason}")]
    private partial void SweepFailed(string reason);
}
