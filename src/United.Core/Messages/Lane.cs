using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// One writer of the log: a bounded queue, and one loop that turns what has gathered into one commit, publishes it, and answers
/// the callers. While a commit runs the next batch gathers, so batches grow with the load; a lone change waits for nobody.
/// Owns its queue and its <see cref="LaneStore"/>; the loop ends when the lane is stopped and the queue is empty.
/// </summary>
internal sealed class Lane
{
    // A batch has to leave in one send: a node that froze in the middle of it would keep its locks (guide to many nodes, 1.1).
    private const int MostRows = 200;
    private const int MostBytes = 200 * 1024;

    // For so long callers are kept waiting for a database that stumbles.
    private const int MostTries = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly Refusal Full = new(Fault.Unavailable, RetryAfter: TimeSpan.FromSeconds(1));
    private static readonly Refusal Outdated = new(Fault.Unavailable, Reason: "Your session or your rights have changed. Try again.", RetryAfter: TimeSpan.FromSeconds(1));

    private readonly Channel<LaneEntry> _queue;
    private readonly long _mostBytes;
    private readonly LaneStore _store;
    private readonly INodeBus _bus;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _doubted;
    private readonly Task _loop;
    private long _bytes;
    private bool _doubt;

    /// <param name="doubted">Called when the database answers again after commits whose outcome is not known.</param>
    public Lane(LaneStore store, INodeBus bus, TimeProvider time, MessageLogOptions options, ILogger logger, Action doubted)
    {
        (_store, _bus, _time, _logger, _doubted, _mostBytes) = (store, bus, time, logger, doubted, options.QueueBytes);
        _queue = Channel.CreateBounded<LaneEntry>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true });
        _loop = Task.Run(Loop);
    }

    /// <summary>Changes that wait.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <param name="stands">Asked when the change leaves the queue. What was taken before <see cref="Settled"/> began is asked or done before it returns.</param>
    public Task<Result<T>> Append<T>(Change<T> change, Func<bool>? stands, CancellationToken ct)
    {
        var item = new LaneItem<T>(change, stands, ct);
        if (!TryAdd(item)) return Task.FromResult<Result<T>>(Full);
        return ct.CanBeCanceled ? item.Caller.WaitAsync(ct) : item.Caller;
    }

    /// <summary>Returns when everything that was taken before is finished.</summary>
    public async Task Settled()
    {
        var mark = new LaneMark();
        while (await _queue.Writer.WaitToWriteAsync())
        {
            if (_queue.Writer.TryWrite(mark)) break;
        }
        await Task.WhenAny(mark.Reached, _loop);
    }

    /// <summary>Takes nothing more, finishes what waits, closes the connection.</summary>
    public async Task Stop()
    {
        _queue.Writer.TryComplete();
        await _loop;
        await _store.DisposeAsync();
    }

    private bool TryAdd(LaneItem item)
    {
        var size = item.Change.Size;
        if (Interlocked.Add(ref _bytes, size) <= _mostBytes && _queue.Writer.TryWrite(item)) return true;
        Interlocked.Add(ref _bytes, -size);
        MessageLogMeter.Refused.Add(1);
        return false;
    }

    private async Task Loop()
    {
        var gathered = new List<LaneItem>(MostRows);
        while (await _queue.Reader.WaitToReadAsync())
        {
            var mark = Gather(gathered);
            foreach (var part in _store.Parts(gathered)) await Commit(part);
            mark?.Reach();
            // Whoever was answered just now may have the next change ready: behind them in the pool's queue, the next batch
            // holds all of theirs instead of the first one alone.
            await Task.Yield();
        }
    }

    /// <returns>The mark that ends it, if one does.</returns>
    private LaneMark? Gather(List<LaneItem> gathered)
    {
        gathered.Clear();
        var bytes = 0;
        while (gathered.Count < MostRows && bytes < MostBytes && _queue.Reader.TryRead(out var entry))
        {
            if (entry is LaneMark mark) return mark;
            var item = (LaneItem)entry;
            Interlocked.Add(ref _bytes, -item.Change.Size);
            item.Change.Begin();
            if (item.Abandoned) continue;
            if (!item.Stands)
            {
                item.Refuse(Outdated);
                item.Complete();
                continue;
            }
            bytes += item.Change.Size;
            gathered.Add(item);
        }
        return null;
    }

    // A part that fails is cut in halves until the culprit stands alone, and who fails alone runs once more: if it collided with a row of
    // another writer, its own check now sees that. (What the whole part collided with may have been the row of a neighbour.)
    private async Task Commit(IReadOnlyList<LaneItem> part, bool again = false)
    {
        var began = _time.GetTimestamp();
        List<Event> events;
        try
        {
            events = await Write(part, began);
        }
        catch (DatabaseUnavailableException e)
        {
            SendAway(part, e);
            return;
        }
        catch (Exception) when (part.Count > 1)
        {
            foreach (var half in part.Chunk((part.Count + 1) / 2)) await Commit(half);
            return;
        }
        catch (Exception) when (!again)
        {
            await Commit(part, again: true);
            return;
        }
        catch (Exception e)
        {
            MessageLogLines.Failed(_logger, e, part[0].Change.GetType().Name);
            part[0].Fail(e);
            return;
        }
        Tell(events, part.Count, _time.GetElapsedTime(began));
        foreach (var item in part) item.Complete();
    }

    private void SendAway(IReadOnlyList<LaneItem> part, DatabaseUnavailableException reason)
    {
        MessageLogLines.Unavailable(_logger, reason, part.Count);
        MessageLogMeter.Refused.Add(part.Count);
        _doubt = true;
        foreach (var item in part)
        {
            item.Refuse(DatabaseUnavailableException.Refusal);
            item.Complete();
        }
    }

    // It is committed: whatever happens here, the callers have to hear so, and the lane goes on. Readers find what they miss.
    private void Tell(List<Event> events, int changes, TimeSpan took)
    {
        try
        {
            MessageLogMeter.Batch.Record(changes);
            MessageLogMeter.Commit.Record(took.TotalSeconds);
            if (events.Count > 0) _bus.Publish(events);
            if (_doubt) _doubted();
            _doubt = false;
        }
        catch (Exception e)
        {
            _doubt = true;
            MessageLogLines.Unpublished(_logger, e, events.Count);
        }
    }

    private async Task<List<Event>> Write(IReadOnlyList<LaneItem> part, long began)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await _store.Write(part);
            }
            catch (LaneRetryException e) when (attempt == MostTries || _time.GetElapsedTime(began) > Patience)
            {
                throw new DatabaseUnavailableException("The database is busy or away.", e.InnerException);
            }
            catch (LaneRetryException)
            {
                await Task.Delay(Pause * attempt, _time);
            }
        }
    }
}
