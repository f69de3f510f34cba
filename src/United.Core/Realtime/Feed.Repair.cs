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
        var due = _behind.Where(topic => topic.RepairAt <= now).Take(MostAsked).ToList();
        foreach (var topic in due) Begin(topic);
        if (due.Count > 0) _ = Ask(due);
        else SetAlarmForNext();
    }

    private void SetAlarmForNext()
    {
        foreach (var topic in _behind) SetAlarm(topic.RepairAt!.Value);
    }

    private void Begin(Topic topic)
    {
        BeginAsking(topic);
        _heldBytes -= topic.DropHeld();
    }

    // One question about a conversation at a time: of two whose answers cross, the older would have the last word.
    private void BeginAsking(Topic topic)
    {
        _behind.Remove(topic);
        (topic.RepairAt, topic.Asking) = (null, true);
    }

    private async Task Ask(List<Topic> asked)
    {
        _asking = true;
        var known = asked.ToDictionary(topic => topic.Id, topic => topic.Applied);
        await Task.Yield(); // off the mailbox
        try
        {
            var missed = (await _reads.ChangesSince(known, CancellationToken.None)).ToDictionary(one => one.ConversationId);
            _mailbox.Post(() => Answered(asked, topic => Mend(topic, missed.GetValueOrDefault(topic.Id))));
        }
        catch (Exception e)
        {
            RepairFailed(asked.Count, e.Message);
            _mailbox.Post(() => Answered(asked, topic => RepairIn(topic, _options.RetryAfter)));
        }
    }

    private void Answered(List<Topic> asked, Action<Topic> act)
    {
        _asking = false;
        foreach (var topic in asked)
        {
            topic.Asking = false;
            if (Find(topic.Id) == topic) act(topic); // else everybody has left meanwhile
        }
        SetAlarmForNext();
    }

    private void Mend(Topic topic, Missed? missed)
    {
        if (missed is null) topic.Applied = topic.Known; // there is no such conversation
        else if (missed.Events.Count == 0 || MayTell(topic, missed)) Tell(topic, missed);
        GoOn(topic);
    }

    private void Tell(Topic topic, Missed missed)
    {
        foreach (var told in missed.Events) _audience.ShutOut(topic, told); // before all else: who was removed hears nothing late
        foreach (var told in missed.Events) _audience.Deliver(topic, told);
        topic.Know(missed.Head);
        topic.Applied = Math.Max(topic.Applied, missed.Head);
        topic.Sure = true;
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
            (topic.Applied, topic.Sure) = (missed.Head - 1, true);
            Hold(topic, missed.Events[0]);
        }
        Restrict(topic);
        return false;
    }

    private void Restrict(Topic topic)
    {
        BeginAsking(topic);
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
        if (Find(topic.Id) != topic) return;
        if (readers is { Open: false }) _audience.Restrict(topic, readers.Members);
        else GiveUpHolding(topic); // gone, or open again: what there is to tell by now is read
        GoOn(topic);
        if (topic is { Behind: true, Asking: false }) RepairIn(topic, TimeSpan.Zero);
    }

    [LoggerMessage(20, LogLevel.Warning, "What {Count} conversations miss could not be read, and is asked for again: {Reason}")]
    private partial void RepairFailed(int count, string reason);
}
