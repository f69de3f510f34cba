using Microsoft.Extensions.Logging;

namespace United.Core.Realtime;

/// <summary>
/// The door of the realtime floor: sessions come and go, events arrive, endings take effect. Each event reaches exactly the sessions of
/// those who may hear it at that moment. State belongs to the mailbox; these methods may be called from anywhere.
/// </summary>
/// <remarks>
/// Users subscribe, not sessions: a user's first session reads the memberships, later ones cost no question. A subscription says from which
/// revision on; older events, and older removals, do not concern it.
/// </remarks>
public sealed partial class Hub : IDisposable
{
    private readonly RealtimeReads _reads;
    private readonly RealtimeOptions _options;
    private readonly ILogger _log;
    private readonly Mailbox _mailbox;
    private readonly Audience _audience = new();
    private readonly Feed _feed;
    private readonly Sweep _sweep;
    private Task _opening = Task.CompletedTask;
    private int _arriving;
    private int _rightsVersion;

    public Hub(RealtimeReads reads, RealtimeOptions options, TimeProvider time, ILogger<Hub> log)
    {
        (_reads, _options, _log) = (reads, options, log);
        _mailbox = new Mailbox(EventFailed);
        _feed = new Feed(reads, _audience, _mailbox, options, time, log, Doubt);
        _sweep = new Sweep(reads, _feed, _audience, _mailbox, options, time, log);
    }

    /// <summary>A user's number of sessions on this node changed, the lingering ones left out. Raised in order; must return at once.</summary>
    public event Action<Guid, int>? SessionsChanged;

    public void Start() => _sweep.Start();

    /// <summary>
    /// Lets a session hear events. Its greeting leaves first, and everything committed from then on follows it: a client which catches up when it
    /// reads the greeting misses nothing.
    /// </summary>
    /// <returns>False: its log-in has ended, and the session was closed.</returns>
    /// <exception cref="Exception">The memberships could not be read; the session is not attached.</exception>
    public async Task<bool> Attach(Session session, CancellationToken ct)
    {
        // From here on endings and removals reach it; so what is read from here on can't be too old.
        var admission = await _mailbox.Run(() => Add(session));
        try
        {
            await admission.WaitAsync(ct);
            if (!await _reads.SessionStands(session.UserId, session.SessionId, ct)) session.Close(CloseReason.SessionEnded(Fault.SessionEnded.Code));
            return await _mailbox.Run(() => Listen(session));
        }
        catch
        {
            Detach(session);
            throw;
        }
    }

    /// <summary>May be called more than once.</summary>
    public void Detach(Session session) => _mailbox.Post(() => Remove(session));

    /// <summary>
    /// Its client has gone and may come back: it hears on, so that what its client misses is there, and its user does not count as present on
    /// account of it. To be detached when the client is back in another session, or has been away for too long.
    /// </summary>
    public void Linger(Session session) => _mailbox.Post(() =>
    {
        if (session.Place < 0 || !session.Present) return;
        session.Present = false;
        Count(session.UserId);
    });

    /// <summary>Events that arrived, from this node or another. Only enqueues. Too many at once are dropped and read from the database.</summary>
    public void Accept(IReadOnlyList<Event> events)
    {
        if (Interlocked.Add(ref _arriving, events.Count) <= _options.MostArriving)
        {
            _mailbox.Post(() =>
            {
                Interlocked.Add(ref _arriving, -events.Count);
                for (var i = 0; i < events.Count; i++) Take(events[i]);
            });
            return;
        }
        Interlocked.Add(ref _arriving, -events.Count);
        Doubt();
    }

    public void Hear(Event hint) => _mailbox.Post(() => Take(hint));

    /// <summary>Several things at once: each session is handed all that it hears of them at once, and so can write them at once.</summary>
    /// <returns>Completes when it has been done.</returns>
    public Task Tell(IReadOnlyList<UserNews> news) => _mailbox.Run(() =>
    {
        _audience.Tell([.. news.Where(one => one.Circles is null)]);
        _feed.TellCircles(news.Where(one => one.Circles is not null));
    });

    /// <returns>Completes when all sessions of the user have been handed it.</returns>
    public Task Tell(Guid userId, Event told) => _mailbox.Run(() => _audience.Tell(userId, told));

    /// <summary>Something may have got lost: compares with the database.</summary>
    public void Doubt() => _sweep.Begin(doubted: true);

    /// <returns>Completes when the change is in force on this node.</returns>
    public async ValueTask Apply(ControlChange change)
    {
        switch (change)
        {
            case ControlChange.SessionsEnded ended:
                await _mailbox.Run(() => End(ended));
                break;
            case ControlChange.MembershipRevoked revoked:
                await await _mailbox.Run(() => _feed.Revoked(revoked.ConversationId, revoked.UserId, revoked.Revision));
                break;
            case ControlChange.UserChanged or ControlChange.RolesChanged:
                await _mailbox.Run(() => { _rightsVersion++; });
                break;
        }
    }

    public void Dispose()
    {
        _sweep.Dispose();
        _feed.Dispose();
    }

    /// <summary>Whether everything that was posted before has been done, and no question to the database is under way. For tests.</summary>
    internal Task<bool> IsQuiet() =>
        _mailbox.Run(() => !_feed.Asks && !_sweep.Running && _audience.Listeners.All(listener => listener.Admitted));

    private void Take(Event told)
    {
        switch (told)
        {
            case ConversationEvent committed: _feed.Take(committed); break;
            case UserEvent personal: _audience.Tell(personal.UserId, personal); break;
            case Hint hint: _feed.Take(hint); break;
            case StaffEvent staff: _ = TellStaff(staff, _rightsVersion); break;
        }
    }

    private Task Add(Session session)
    {
        var listener = _audience.Add(session);
        // Asked again after a failure: under a stream of arrivals the node need not be empty before the database is back.
        if (_audience.Sessions.Count == 1 || _opening.IsFaulted) _opening = ReadOpen(_feed.Round, _feed.Removals);
        if (listener.Sessions.Count == 1) listener.Admission = Admit(listener, _opening, _feed.Removals);
        SessionsChanged?.Invoke(session.UserId, listener.Present);
        return listener.Admission;
    }

    private async Task ReadOpen(int round, int removals)
    {
        await Task.Yield(); // off the mailbox
        var heads = await _reads.OpenHeads(CancellationToken.None);
        await _mailbox.Run(() => _feed.BeginOpen(heads, round, removals));
    }

    private bool Listen(Session session)
    {
        session.Listens = session.Closed is null && _audience.TryFind(session.UserId, out var listener)
            && session.Begin(listener.Topics.Select(topic => topic.Id));
        if (!session.Listens) Remove(session);
        return session.Listens;
    }

    // The memberships after what is open: a conversation that is closed or opened between the two is in one of them, or its event has been heard.
    private async Task Admit(Listener listener, Task opening, int removals)
    {
        await Task.Yield(); // off the mailbox
        await opening;
        var memberships = await _reads.Memberships([listener.UserId], CancellationToken.None);
        await _mailbox.Run(() =>
        {
            if (listener.Sessions.Count > 0) Subscribe(listener, memberships, removals);
        });
    }

    private void Subscribe(Listener listener, IReadOnlyList<Membership> memberships, int removals)
    {
        listener.Topics.EnsureCapacity(memberships.Count);
        foreach (var (_, id, _, head) in memberships)
            if (!listener.RevokedSince(id, head)) _feed.Follow(listener, id, head, removals);
        listener.Admit();
    }

    private void Remove(Session session)
    {
        if (_audience.Remove(session) is not { } listener) return;
        if (_audience.IsEmpty) _feed.Clear();
        else if (listener.Sessions.Count == 0) _feed.Unfollow(listener);
        if (session.Present) SessionsChanged?.Invoke(session.UserId, listener.Present);
    }

    private void Count(Guid userId)
    {
        if (_audience.TryFind(userId, out var listener)) SessionsChanged?.Invoke(userId, listener.Present);
    }

    private void End(ControlChange.SessionsEnded ended)
    {
        if (!_audience.TryFind(ended.UserId, out var listener)) return;
        foreach (var session in listener.Sessions.ToArray())
        {
            if (ended.SessionId is { } one && one != session.SessionId) continue;
            if (session.SessionId == ended.Except) continue;
            session.Close(CloseReason.SessionEnded(ended.Reason));
            Remove(session);
        }
    }

    // If rights changed while the holders were being read, they are read again: who lost the right must not hear it afterwards. Who of them may
    // read the conversation is asked last of all, of the subscriptions: whatever ended a reading is in force there before it is acknowledged.
    private async Task TellStaff(StaffEvent told, int version)
    {
        var passed = told.Within is { } head ? _feed.Passed(head) : Task.CompletedTask;
        await Task.Yield(); // off the mailbox
        try
        {
            await passed;
            var holders = await _reads.HoldersOf(told.Needed, CancellationToken.None);
            _mailbox.Post(() =>
            {
                if (version != _rightsVersion) _ = TellStaff(told, _rightsVersion);
                else if (told.Within is { } within) _feed.Tell(within, holders, told);
                else _audience.Tell(holders, told);
            });
        }
        catch (Exception e)
        {
            StaffNotTold(e.Message);
        }
    }

    [LoggerMessage(21, LogLevel.Error, "An event could not be told")]
    private partial void EventFailed(Exception e);

    [LoggerMessage(22, LogLevel.Warning, "Moderators were not told of an event: {Reason}")]
    private partial void StaffNotTold(string reason);
}
