using Microsoft.Extensions.Logging;

namespace United.Core.Realtime;

/// <summary>What is missing is read from the database: all gaps of a moment in one question.</summary>
internal sealed partial class Feed
{
    // One question takes no longer than a moment, however many conversations are behind.
    private const int MostAsked = 500;

    private readonly HashSet<Topic> _behind = [];
    private readonly ITimer _alarm;
    private long _alarmAt = long.MaxValue;
    private bool _asking;

    private void RepairIn(Topic topic, TimeSpan delay)
    {
        var at = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
        topic.RepairAt = Math.Min(at, topic.RepairAt ?? long.MaxValue);
        _behind.Add(topic);
        SetAlarm(at);
    }

    private void SetAlarm(long at)
    {
        if (at >= _alarmAt) return;
        _alarmAt = at;
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), at);
        _alarm.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    // One question at a time: those that come due meanwhile are asked together after it.
    private void Repair()
    {
        _alarmAt = long.MaxValue;
        if (_asking) return;
        var now = _time.GetTimestamp();
        var gaps = new Dictionary<Guid, long>();
        foreach (var topic in _behind)
        {
            if (topic.RepairAt > now || gaps.Count == MostAsked) continue;
            topic.RepairAt = null;
            if (_audience.IsEmpty) Skip(topic);
            else Begin(topic, gaps);
        }
        _behind.RemoveWhere(topic => topic.RepairAt is null);
        if (gaps.Count > 0) _ = Ask(gaps);
        else SetAlarmForNext();
    }

    private void SetAlarmForNext()
    {
        foreach (var topic in _behind) SetAlarm(topic.RepairAt!.Value);
    }

    // Nobody hears it, and whoever comes reads the present state first.
    private void Skip(Topic topic)
    {
        topic.Applied = topic.Known;
        _heldBytes -= topic.DropHeld();
        topic.ReleaseWaiting();
        Forget(topic);
    }

    private void Begin(Topic topic, Dictionary<Guid, long> gaps)
    {
        gaps.Add(topic.Id, topic.Applied);
        topic.Asking = true;
        _heldBytes -= topic.DropHeld();
    }

    private async Task Ask(Dictionary<Guid, long> gaps)
    {
        _asking = true;
        await Task.Yield(); // off the mailbox
        try
        {
            var missed = await _reads.ChangesSince(gaps, CancellationToken.None);
            _mailbox.Post(() => Mend(gaps.Keys, missed));
        }
        catch (Exception e)
        {
            RepairFailed(gaps.Count, e.Message);
            _mailbox.Post(() => AskLater(gaps.Keys));
        }
    }

    private void AskLater(IEnumerable<Guid> asked)
    {
        foreach (var id in asked)
        {
            _topics[id].Asking = false; // a topic is not forgotten while it asks
            RepairIn(_topics[id], _options.RetryAfter);
        }
        _asking = false;
        SetAlarmForNext();
    }

    private void Mend(IReadOnlyCollection<Guid> asked, IReadOnlyList<Missed> missed)
    {
        foreach (var id in asked) _topics[id].Asking = false;
        foreach (var one in missed) Mend(_topics[one.ConversationId], one);
        foreach (var id in asked.Except(missed.Select(one => one.ConversationId))) Skip(_topics[id]); // there is no such conversation
        foreach (var id in asked) if (Find(id) is { } topic) GoOn(topic);
        _asking = false;
        SetAlarmForNext();
    }

    private void Mend(Topic topic, Missed missed)
    {
        if (missed.Events.Count > 0 && !MayTell(topic, missed)) return;
        foreach (var told in missed.Events) _audience.Deliver(topic, told);
        topic.Know(missed.Head);
        topic.Applied = Math.Max(topic.Applied, missed.Head);
        _heldBytes -= topic.DropTold();
    }

    // They show the present state: all of them open, or none. If who may read has to be read first, the same is asked again after that,
    // or held as the next event where it is one that stands for all the others.
    private bool MayTell(Topic topic, Missed missed)
    {
        var open = missed.Events[0].Open;
        if (open || (missed.Complete && !topic.Open)) return true;
        if (!missed.Complete)
        {
            topic.Know(missed.Head);
            topic.Applied = missed.Head - 1;
            Hold(topic, missed.Events[0]);
        }
        Restrict(topic);
        return false;
    }

    private void Restrict(Topic topic)
    {
        topic.Asking = true;
        _ = ReadReaders(topic);
    }

    private async Task ReadReaders(Topic topic)
    {
        await Task.Yield(); // off the mailbox
        try
        {
            var readers = await _reads.ReadersOf(topic.Id, CancellationToken.None);
            _mailbox.Post(() => Restrict(topic, readers));
        }
        catch (Exception e)
        {
            RepairFailed(1, e.Message);
            await Task.Delay(_options.RetryAfter, _time);
            _mailbox.Post(() => Restrict(topic));
        }
    }

    private void Restrict(Topic topic, Readers? readers)
    {
        topic.Asking = false;
        if (readers is { Open: false }) _audience.Restrict(topic, readers.UserIds);
        else GiveUpHolding(topic); // gone, or open again: what there is to tell by now is read
        GoOn(topic);
        if (topic is { Behind: true, Asking: false }) RepairIn(topic, TimeSpan.Zero);
    }

    [LoggerMessage(20, LogLevel.Warning, "What {Count} conversations miss could not be read, and is asked for again: {Reason}")]
    private partial void RepairFailed(int count, string reason);
}
