using System.Diagnostics.CodeAnalysis;

namespace United.Core.Realtime;

/// <summary>
/// Who is connected to this node, and who listens to what. Telling an event costs one encoding per wire and no allocation per receiver.
/// Belongs to the mailbox.
/// </summary>
internal sealed class Audience
{
    private readonly Dictionary<Guid, Listener> _listeners = [];
    private readonly List<Session> _sessions = [];

    public bool IsEmpty => _sessions.Count == 0;

    public IReadOnlyList<Session> Sessions => _sessions;

    public IReadOnlyCollection<Listener> Listeners => _listeners.Values;

    public bool TryFind(Guid userId, [MaybeNullWhen(false)] out Listener listener) => _listeners.TryGetValue(userId, out listener);

    public Listener Add(Session session)
    {
        if (!_listeners.TryGetValue(session.UserId, out var listener)) _listeners.Add(session.UserId, listener = new Listener(session.UserId));
        listener.Sessions.Add(session);
        session.Place = _sessions.Count;
        _sessions.Add(session);
        return listener;
    }

    /// <returns>Whose it was; null: it was gone already.</returns>
    public Listener? Remove(Session session)
    {
        if (session.Place < 0) return null;
        var last = _sessions[^1];
        _sessions[session.Place] = last;
        last.Place = session.Place;
        _sessions.RemoveAt(_sessions.Count - 1);
        session.Place = -1;

        var listener = _listeners[session.UserId];
        listener.Sessions.Remove(session);
        if (listener.Sessions.Count == 0) _listeners.Remove(session.UserId);
        return listener;
    }

    /// <summary>Moves the readers by the event, then tells it to those who may read the conversation as of its revision.</summary>
    public void Deliver(Topic topic, ConversationEvent told)
    {
        if (told.Open && !topic.Open) OpenUp(topic);
        ShutOut(topic, told);
        LetIn(topic, told);
        Tell(topic, told);
        if (told.Last) Clear(topic);
    }

    /// <summary>Ends the reading of somebody whose removal the event tells.</summary>
    public void ShutOut(Topic topic, ConversationEvent told)
    {
        if (topic.Open || told.Membership is not { Joined: false } change || !_listeners.TryGetValue(change.UserId, out var listener)) return;
        if (topic.PlaceOf(listener) is >= 0 and var place && topic.Readers[place].From < told.Revision) EndReading(listener, topic, change.OfChannel);
    }

    private static void EndReading(Listener listener, Topic topic, bool ofChannel)
    {
        Unsubscribe(listener, topic);
        listener.Push(new EncodedEvent(new ReadingEnded(listener.UserId, topic.Id, ofChannel)));
        listener.Left(topic.Id);
    }

    private void Tell(Topic topic, ConversationEvent told)
    {
        var encoded = new EncodedEvent(told);
        if (topic.Open) Push(encoded);
        else
            foreach (var reader in topic.Readers)
                if (told.Revision > reader.From) reader.Listener.Push(encoded);
    }

    public void Tell(Event told) => Push(new EncodedEvent(told));

    public void Tell(Guid userId, Event told)
    {
        if (_listeners.TryGetValue(userId, out var listener)) listener.Push(new EncodedEvent(told));
    }

    public void Tell(IReadOnlyCollection<Guid> userIds, Event told)
    {
        var encoded = new EncodedEvent(told);
        foreach (var userId in userIds)
            if (_listeners.TryGetValue(userId, out var listener)) listener.Push(encoded);
    }

    /// <summary>To everybody but those from whom it is withheld.</summary>
    public void Tell(IReadOnlyList<UserNews> news)
    {
        (EncodedEvent Told, IReadOnlySet<Guid> Withheld)[] encoded = [.. news.Select(one => (new EncodedEvent(one.Told), one.Withheld))];
        foreach (var session in _sessions)
            if (session.Listens)
                foreach (var (told, withheld) in encoded)
                    if (!withheld.Contains(session.UserId)) session.Deliver(told);
    }

    /// <summary>A hint is told to whoever listens at this moment.</summary>
    public void Tell(Topic topic, Hint told)
    {
        var encoded = new EncodedEvent(told);
        if (topic.Open) Push(encoded);
        else foreach (var reader in topic.Readers) reader.Listener.Push(encoded);
    }

    /// <returns>False: they heard of it already.</returns>
    public static bool Subscribe(Listener listener, Topic topic, long from)
    {
        if (topic.Open || topic.PlaceOf(listener) >= 0) return false;
        topic.Readers.Add(new Reader(listener, from));
        listener.Topics.Add(topic);
        listener.Joined(topic.Id);
        return true;
    }

    public static void Unsubscribe(Listener listener, Topic topic)
    {
        if (topic.PlaceOf(listener) is not (>= 0 and var place)) return;
        topic.Readers[place] = topic.Readers[^1];
        topic.Readers.RemoveAt(topic.Readers.Count - 1);
        listener.Topics.Remove(topic);
    }

    /// <summary>It is no longer open: from now on its members alone hear of it, and the others hear that they don't.</summary>
    public void Restrict(Topic topic, IReadOnlySet<Guid> members)
    {
        var wasOpen = topic.Open;
        topic.Open = false;
        foreach (var listener in _listeners.Values)
        {
            if (members.Contains(listener.UserId)) Subscribe(listener, topic, topic.Applied);
            else if (wasOpen || topic.PlaceOf(listener) >= 0) EndReading(listener, topic, ofChannel: true);
        }
    }

    private static void OpenUp(Topic topic)
    {
        topic.Open = true;
        Clear(topic);
    }

    private static void Clear(Topic topic)
    {
        foreach (var reader in topic.Readers)
        {
            reader.Listener.Topics.Remove(topic);
            reader.Listener.Left(topic.Id);
        }
        topic.Readers.Clear();
    }

    private void LetIn(Topic topic, ConversationEvent told)
    {
        if (told.Membership is not { Joined: true } change || !_listeners.TryGetValue(change.UserId, out var listener)) return;
        if (Subscribe(listener, topic, told.Revision - 1) && told.Welcome is { } welcome) listener.Push(new EncodedEvent(welcome));
    }

    private void Push(EncodedEvent encoded)
    {
        foreach (var session in _sessions)
            if (session.Listens) session.Deliver(encoded);
    }
}
