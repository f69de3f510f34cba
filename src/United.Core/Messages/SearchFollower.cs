using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Feeds full-text search from the log, behind it: what is committed can be found within two seconds, unless the log is written
/// faster than a fifteenth of the follower's time allows for. Several nodes may run one each: a step is a transaction under a lock of
/// the database, and who does not get it comes again.
/// </summary>
public sealed partial class SearchFollower(Database database, TimeProvider time, ILogger<SearchFollower> logger)
{
    // Messages that gather are cheaper to index together.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BusyFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private HashSet<Guid> _heard = [];
    private bool _sweep;
    private long _heardAt;

    /// <summary>Committed events of this node or another. Returns at once.</summary>
    public void Hear(IReadOnlyList<Event> events)
    {
        lock (_gate)
        {
            foreach (var told in events)
                if (told is MessagePosted or MessageEdited or MessageDeleted) _heard.Add(((ConversationEvent)told).ConversationId);
            if (_heard.Count == 0) return;
            _heardAt = time.GetTimestamp();
            _bell.Writer.TryWrite(true);
        }
    }

    /// <summary>Follows until it is stopped, and survives a database that is away.</summary>
    public async Task Run(CancellationToken stop)
    {
        Sweep();
        // What this node did not hear of is found by looking at everything now and then.
        await using var clock = time.CreateTimer(_ => Sweep(), null, SweepEvery, SweepEvery);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await _bell.Reader.ReadAsync(stop);
                await Task.Delay(Gather, time, stop);
                await CatchUp(Heard(), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Failed(e);
                await Task.Delay(AfterFailure, time, CancellationToken.None);
                Sweep();
            }
        }
    }

    /// <summary>Indexes what these conversations have that the index has not.</summary>
    /// <param name="conversationIds">Null: of all.</param>
    public async Task CatchUp(Guid[]? conversationIds, CancellationToken stop)
    {
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            var step = await database.Write(sql => SearchStep.Take(sql, conversationIds), stop);
            // While the log is being written, it has fourteen fifteenths of the time: a step costs it more than the time it takes, and all
            // together is to stay below a tenth. Whether it is written can't be told from this step alone: on SQLite nothing else is
            // while it runs.
            var rest = step == SearchStep.Outcome.Elsewhere ? Gather
                : HeardOfLate ? 14 * Stopwatch.GetElapsedTime(started)
                : TimeSpan.Zero;
            if (rest > TimeSpan.Zero) await Task.Delay(rest, time, stop);
            // What has come meanwhile gathers, instead of being a step of its own.
            if (step == SearchStep.Outcome.Done) return;
        }
    }

    private bool HeardOfLate
    {
        get
        {
            lock (_gate) return _heardAt != 0 && time.GetElapsedTime(_heardAt) < BusyFor;
        }
    }

    private void Sweep()
    {
        lock (_gate) _sweep = true;
        _bell.Writer.TryWrite(true);
    }

    private Guid[]? Heard()
    {
        lock (_gate)
        {
            Guid[]? heard = _sweep ? null : [.. _heard];
            (_heard, _sweep) = ([], false);
            return heard;
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "Full-text search could not follow, and tries again")]
    private partial void Failed(Exception exception);
}
