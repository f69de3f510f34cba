using Microsoft.Extensions.Logging;

namespace United.Core.Realtime;

/// <summary>
/// Compares with the database what this node has told: an event that got lost is noticed by the next of its conversation, but
/// nothing follows the last one. One sweep at a time; a doubt that comes meanwhile starts another after it.
/// </summary>
/// <remarks>
/// By the clock it asks where the conversations stand that are told here, and who came in lately: nothing else can begin to concern a node
/// unheard. So it costs what happens, not what there is. A doubt asks for all memberships of all who listen.
/// </remarks>
internal sealed partial class Sweep : IDisposable
{
    private const int HeadsAtOnce = 1000;
    private const int UsersAtOnce = 200;

    // A membership is stamped before it is committed, and by the clock of another node.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    private readonly RealtimeReads _reads;
    private readonly Feed _feed;
    private readonly Audience _audience;
    private readonly Mailbox _mailbox;
    private readonly RealtimeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _clock;
    private readonly CancellationTokenSource _stopping = new();
    private DateTimeOffset _sweptAt;
    private bool _again;
    private bool _doubted;

    public Sweep(RealtimeReads reads, Feed feed, Audience audience, Mailbox mailbox, RealtimeOptions options, TimeProvider time, ILogger log)
    {
        (_reads, _feed, _audience, _mailbox, _options, _time, _log) = (reads, feed, audience, mailbox, options, time, log);
        _sweptAt = time.GetUtcNow();
        _clock = time.CreateTimer(_ => Begin(doubted: false), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool Running { get; private set; }

    public void Start()
    {
        if (_options.SweepEvery is { } period) _clock.Change(period, period);
    }

    /// <param name="doubted">Something may have got lost.</param>
    public void Begin(bool doubted) => _mailbox.Post(() =>
    {
        if (_audience.IsEmpty) return; // whoever comes reads where things stand
        _doubted |= doubted;
        if (Running) _again = true;
        else Go();
    });

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        _clock.Dispose();
    }

    private void Go()
    {
        Guid[]? everybody = _doubted ? [.. _audience.Listeners.Select(listener => listener.UserId)] : null;
        (Running, _again, _doubted) = (true, false, false);
        _ = Run([.. _feed.Topics], everybody, _sweptAt - Overlap, _stopping.Token);
    }

    private async Task Run(Guid[] conversationIds, Guid[]? everybody, DateTimeOffset since, CancellationToken ct)
    {
        var began = _time.GetUtcNow();
        await Task.Yield(); // off the mailbox
        try
        {
            await Heads(conversationIds, ct);
            await (everybody is null ? Joined(since, ct) : Memberships(everybody, ct));
            _mailbox.Post(() => Done(began));
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            SweepFailed(e.Message);
            _mailbox.Post(() => Failed(everybody is not null));
        }
    }

    private void Done(DateTimeOffset began)
    {
        (Running, _sweptAt) = (false, began);
        if (_again) Go();
    }

    // A node that is alone has no clock to ask again by.
    private void Failed(bool doubted)
    {
        (Running, _doubted) = (false, _doubted | doubted);
        if (_doubted) _clock.Change(_options.RetryAfter, _options.SweepEvery ?? Timeout.InfiniteTimeSpan);
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

    private async Task Joined(DateTimeOffset since, CancellationToken ct)
    {
        var joined = await _reads.JoinedSince(since.ToUnixTimeMilliseconds(), ct);
        _mailbox.Post(() =>
        {
            foreach (var membership in joined) _feed.Know(membership);
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
