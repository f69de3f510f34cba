using Microsoft.Extensions.Logging;

namespace United.Core.Realtime;

/// <summary>
/// Tells the events of each conversation in the order of their revisions, local ones as remote ones, whatever order they arrive in and
/// however often. What does not arrive is read from the database, whose dense revisions tell that something is missing. Belongs to the
/// mailbox; only the reading happens beside it.
/// </summary>
/// <remarks>
/// Rights hold because of the order: a membership changes when its event is told, so nothing newer than a removal reaches the removed.
/// </remarks>
internal sealed partial class Feed : IDisposable
{
    private readonly RealtimeReads _reads;
    private readonly Audience _audience;
    private readonly Mailbox _mailbox;
    private readonly RealtimeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action _doubt;
    private readonly Dictionary<Guid, Topic> _topics = [];
    private int _heldBytes;
    private bool _tellsOpen;
    private bool _opensUnheard;

    /// <param name="doubt">Starts a comparison of what has been told with the database.</param>
    public Feed(RealtimeReads reads, Audience audience, Mailbox mailbox, RealtimeOptions options, TimeProvider time, ILogger log, Action doubt)
    {
        (_reads, _audience, _mailbox, _options, _time, _log, _doubt) = (reads, audience, mailbox, options, time, log, doubt);
        _alarm = time.CreateTimer(_ => mailbox.Post(Repair), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public IReadOnlyCollection<Guid> Topics => _topics.Keys;

    /// <summary>Grows whenever the node is left by its last session.</summary>
    public int Round { get; private set; }

    /// <summary>
    /// Grows with each removal heard of. What was read while one passed may be older than it: a conversation that begins to be told from there
    /// is read anew before anything more is told, or a late joining would let in again whose removal has been acknowledged.
    /// </summary>
    public int Removals { get; private set; }

    public bool Asks => _asking || _topics.Values.Any(topic => topic.Asking);

    public void Take(ConversationEvent told)
    {
        if (told.Membership is { Joined: false } change) NoteRevoked(change.UserId, told.ConversationId, told.Revision);
        if ((Find(told.ConversationId) ?? Meet(told)) is not { } topic || told.Revision <= topic.Applied) return;
        topic.Know(told.Revision);
        if (!topic.Flows || told.Revision > topic.Applied + 1 || !TryTell(topic, told)) Hold(topic, told);
        GoOn(topic);
    }

    public void Take(Hint hint)
    {
        if (hint.ConversationId is not { } id) _audience.Tell(hint);
        else if (Find(id) is { } topic) _audience.Tell(topic, hint);
    }

    /// <summary>
    /// To those of the users who may read the conversation. Nobody hears it where the conversation has not been told up to there, or is to be read
    /// anew first: who may read it is not known then.
    /// </summary>
    public void Tell(Head head, IReadOnlyCollection<Guid> userIds, Event told)
    {
        if (Find(head.ConversationId) is not { Sure: true } topic || topic.Applied < head.Revision) return;
        if (topic.Open) _audience.Tell(userIds, told);
        else _audience.Tell([.. userIds.Where(id => _audience.TryFind(id, out var listener) && topic.PlaceOf(listener) >= 0)], told);
    }

    public void TellCircles(IEnumerable<UserNews> news)
    {
        var bundles = new Bundles();
        foreach (var one in news)
        {
            var encoded = new EncodedEvent(one.Told);
            if (_audience.TryFind(one.UserId, out var self)) bundles.Add(self, encoded);
            foreach (var id in one.Circles ?? [])
                if (Find(id) is { } topic) bundles.Add(topic.Readers, encoded, one.Withheld);
        }
        bundles.Push();
    }

    /// <summary>Somebody begins to listen to a conversation, having read that it stands at this revision.</summary>
    /// <param name="removals">As they were when that was asked.</param>
    public void Follow(Listener listener, Guid conversationId, long head, int removals)
    {
        var topic = Find(conversationId) ?? Add(conversationId, head, open: false, sure: removals == Removals);
        Audience.Subscribe(listener, topic, head);
        Know(topic, head);
    }

    /// <summary>Somebody is gone, and with it the topics to which nobody else listens.</summary>
    public void Unfollow(Listener listener)
    {
        foreach (var topic in listener.Topics.ToArray())
        {
            Audience.Unsubscribe(listener, topic);
            Forget(topic);
        }
    }

    /// <summary>A conversation that is open and stands at this revision. One not heard of so far was started or opened just now.</summary>
    public void Know(OpenHead head) =>
        Know(Find(head.ConversationId) ?? Add(head.ConversationId, head.OwnRevision - 1, open: true, sure: false), head.Revision);

    public void Know(Head head)
    {
        if (Find(head.ConversationId) is { } topic) Know(topic, head.Revision);
    }

    /// <summary>A user may read a conversation. If that had not been heard of, it is told from that membership on.</summary>
    public void Know(Membership membership)
    {
        var (userId, id, revision, head) = membership;
        if (!_audience.TryFind(userId, out var listener) || !listener.Admitted) return;
        var topic = Find(id) ?? Add(id, revision - 1, open: false, sure: false);
        if (!topic.Open && topic.PlaceOf(listener) < 0) Recall(listener, topic, membership);
        Know(topic, head);
    }

    /// <summary>Begins to tell of the conversations that are open, from where they stand.</summary>
    /// <param name="round">As it was when they were asked for.</param>
    /// <param name="removals">As they were when they were asked for.</param>
    public void BeginOpen(IReadOnlyList<OpenHead> heads, int round, int removals)
    {
        if (round != Round) return;
        foreach (var head in heads)
            if (Find(head.ConversationId) is null) Add(head.ConversationId, head.Revision, open: true, sure: removals == Removals);
        _tellsOpen = true;
        if (_opensUnheard) _doubt();
        _opensUnheard = false;
    }

    /// <summary>Nobody is left who could hear anything. Whoever comes next reads where things stand.</summary>
    public void Clear()
    {
        Round++;
        (_tellsOpen, _opensUnheard) = (false, false);
        foreach (var topic in _topics.Values) topic.ReleaseWaiting(everything: true);
        _topics.Clear();
        _behind.Clear();
        _heldBytes = 0;
    }

    /// <returns>Completes when the removal is in force here: it has been told, and with it the subscription is gone.</returns>
    public Task Revoked(Guid conversationId, Guid userId, long revision)
    {
        NoteRevoked(userId, conversationId, revision);
        return Passed(new Head(conversationId, revision));
    }

    /// <returns>Completes when the conversation has been told up to there, where anybody listens to it here.</returns>
    public Task Passed(Head head)
    {
        if (Find(head.ConversationId) is not { } topic) return Task.CompletedTask;
        var passed = topic.Passed(head.Revision);
        Know(topic, head.Revision);
        return passed;
    }

    public void Dispose() => _alarm.Dispose();

    private Topic? Find(Guid conversationId) => _topics.GetValueOrDefault(conversationId);

    private Topic Add(Guid conversationId, long applied, bool open, bool sure)
    {
        var topic = new Topic(conversationId, Math.Max(0, applied), open, sure);
        _topics.Add(conversationId, topic);
        return topic;
    }

    // The first event heard of a conversation is not believed: it may be late, and what followed it (a removal, a closing) may have passed
    // already. So the database is asked. Only it knows since when a conversation has been open that was not open from its start.
    private Topic? Meet(ConversationEvent told)
    {
        if (told is { Open: true, Revision: 1 } && _tellsOpen) return Add(told.ConversationId, 0, open: true, sure: false);
        if (told.Open && _tellsOpen) _doubt();
        else if (told.Open) _opensUnheard = true; // what is being read may be older
        if (told.Open || told.Membership is not { Joined: true } change || !_audience.TryFind(change.UserId, out _)) return null;
        return Add(told.ConversationId, told.Revision - 1, open: false, sure: false);
    }

    // The joining is told in its turn. A topic to which nobody listens yet can go back to it; where others listen, what this listener missed
    // can no longer be told, so its sessions have to come back and catch up.
    private static void Recall(Listener listener, Topic topic, Membership membership)
    {
        if (topic.Applied < membership.Revision || topic.Applied > membership.Head) return;
        if (topic.Readers.Count == 0) topic.Applied = membership.Revision - 1;
        else foreach (var session in listener.Sessions) session.Close(CloseReason.OutOfStep);
    }

    private void NoteRevoked(Guid userId, Guid conversationId, long revision)
    {
        Removals++;
        if (_audience.TryFind(userId, out var listener)) listener.NoteRevoked(conversationId, revision);
    }

    private void Know(Topic topic, long revision)
    {
        topic.Know(revision);
        GoOn(topic);
    }

    // Where a conversation is closed to the public its members have to be known before anything more is told.
    private bool TryTell(Topic topic, ConversationEvent told)
    {
        if (topic.Open && !told.Open)
        {
            Restrict(topic);
            return false;
        }
        _audience.Deliver(topic, told);
        topic.Applied = told.Revision;
        return true;
    }

    private void GoOn(Topic topic)
    {
        while (topic.Flows && topic.TryRelease(out var next))
        {
            _heldBytes -= next.Weight;
            if (!TryTell(topic, next)) Hold(topic, next);
        }
        topic.ReleaseWaiting();
        if (!topic.Behind) Complete(topic);
        else if (topic.RepairAt is null && !topic.Asking) RepairIn(topic, topic.Sure ? _options.HoldFor : TimeSpan.Zero);
    }

    private void Complete(Topic topic)
    {
        topic.RepairAt = null;
        _behind.Remove(topic);
        Forget(topic);
    }

    private void Forget(Topic topic)
    {
        if (topic.Idle) _topics.Remove(topic.Id);
    }

    private void Hold(Topic topic, ConversationEvent told)
    {
        if (!topic.Hold(told)) return;
        _heldBytes += told.Weight;
        if (topic.HeldCount > _options.MostHeld) GiveUpHolding(topic);
        if (_heldBytes > _options.MostHeldBytes)
            foreach (var other in _topics.Values) if (other.HeldCount > 0) GiveUpHolding(other);
    }

    private void GiveUpHolding(Topic topic)
    {
        _heldBytes -= topic.DropHeld();
        if (!topic.Asking) RepairIn(topic, TimeSpan.Zero);
    }
}
