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

    // Within a step its transaction is open: after a piece that took long (it had to move a full pending list) the rest is for later.
    private static readonly TimeSpan LongestWithin = TimeSpan.FromMilliseconds(25);

    private readonly Lock _gate = new();
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private HashSet<Guid> _heard = [];
    private bool _sweep;
    private bool _untidy;
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
                await BellRings(stop);
                await Task.Delay(Gather, time, stop);
                await CatchUp(Heard(), stop);
                if (SweepIsDue()) await CatchUp(null, stop);
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

    // Where it does not ring for a moment, there is time to tidy.
    private async Task BellRings(CancellationToken stop)
    {
        var rings = _bell.Reader.WaitToReadAsync(stop).AsTask();
        if (_untidy && await Task.WhenAny(rings, Task.Delay(BusyFor, time, stop)) != rings)
        {
            await database.Write(SearchIndex.Tidy, stop);
            _untidy = false;
        }
        await rings;
        _bell.Reader.TryRead(out _);
    }

    /// <summary>Indexes what these conversations have that the index has not.</summary>
    /// <param name="conversationIds">Null: of all.</param>
    public async Task CatchUp(Guid[]? conversationIds, CancellationToken stop)
    {
        if (conversationIds is null) await LookThroughAll(stop);
        else foreach (var some in conversationIds.Chunk(SearchStep.MostConversations)) await Follow(some, stop);
    }

    private async Task LookThroughAll(CancellationToken stop)
    {
        var gathers = time.GetTimestamp();
        for (Guid? after = Guid.Empty; after is { } last;)
        {
            var began = Stopwatch.GetTimestamp();
            (var behind, after) = await database.Read(sql => SearchStep.LookThrough(sql, last), stop);
            await Task.Delay(RestAfter(began), time, stop);
            await CatchUp(behind, stop);
            if (time.GetElapsedTime(gathers) < Gather) continue;
            // Where conversations are many, what is heard of meanwhile does not wait until all have been looked at.
            await CatchUp(Heard(), stop);
            gathers = time.GetTimestamp();
        }
    }

    private async Task Follow(Guid[] conversationIds, CancellationToken stop)
    {
        var (began, owed) = (0L, TimeSpan.Zero);
        while (true)
        {
            began = Stopwatch.GetTimestamp();
            var step = await database.Write(sql => SearchStep.Take(sql, conversationIds, () => RestSinceThen(LongestWithin)), stop);
            if (step == SearchStep.Outcome.Elsewhere) await Task.Delay(Gather, time, stop);
            else await RestSinceThen(TimeSpan.MaxValue);
            _untidy |= step != SearchStep.Outcome.Elsewhere;
            // What has come meanwhile gathers, instead of being a step of its own.
            if (step == SearchStep.Outcome.Done) return;
        }

        // What is not rested now is owed.
        async Task RestSinceThen(TimeSpan most)
        {
            owed += RestAfter(began);
            var rest = owed < most ? owed : most;
            if (rest > TimeSpan.Zero) await Task.Delay(rest, time, stop);
            (began, owed) = (Stopwatch.GetTimestamp(), owed - rest);
        }
    }

    // While the log is being written, it has fourteen fifteenths of the time: a step costs it more than the time it takes, and all
    // together is to stay below a tenth. Whether it is written can't be told from this step alone: on SQLite nothing else is
    // while it runs.
    private TimeSpan RestAfter(long began) => HeardOfLate ? 14 * Stopwatch.GetElapsedTime(began) : TimeSpan.Zero;

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

    private Guid[] Heard()
    {
        lock (_gate)
        {
            Guid[] heard = [.. _heard];
            _heard = [];
            return heard;
        }
    }

    private bool SweepIsDue()
    {
        lock (_gate)
        {
            var due = _sweep;
            _sweep = false;
            return due;
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "Full-text search could not follow, and tries again")]
    private partial void Failed(Exception exception);
}
