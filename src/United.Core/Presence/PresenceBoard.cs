using Microsoft.Extensions.Logging;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Presence;

/// <summary>
/// Who is on line, over all nodes, and how. A status is the user's: what was set by hand while anybody's device is connected, else
/// offline. Each node hears of the others' connections by whispers, keeps the whole board, and tells its own sessions: changes once
/// a second, offline only after 10 s, so that a reload or a tunnel is not news.
/// </summary>
/// <remarks>
/// N people who come at once would be N² pieces of news. So what changed within a beat is told together, each session being handed all
/// of its own at once; and with many on line only to those who share a small circle with whom it concerns. The rest is in the snapshot.
/// </remarks>
public sealed partial class PresenceBoard : IAsyncDisposable
{
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>With more people on line a change is told only to those who share a circle with them.</summary>
    public const int SmallServer = 500;

    /// <summary>Most members of a circle: of a conversation, not open to everybody, in which one is told of the others. The bound of receipts.</summary>
    public const int LargestCircle = 256;

    // Of how many a session may hear in one beat, and how many are told in one step: less than its queue takes, while the hub goes on with other things in between.
    private const int MostSteps = 4;
    private const int MostInStep = 250;

    private static readonly HashSet<Guid> Nobody = [];

    private readonly Database _database;
    private readonly Hub _hub;
    private readonly INodeBus _bus;
    private readonly RateLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, PresentUser> _users = [];
    private readonly HashSet<Guid> _here = [];
    private readonly HashSet<Guid> _changed = [];
    private readonly HashSet<(Guid UserId, Guid OtherId)> _met = [];
    private readonly SemaphoreSlim _telling = new(1);
    private readonly PeriodicTimer _beats;
    private readonly Task _loop;

    public PresenceBoard(Database database, Hub hub, INodeBus bus, RateLimits limits, TimeProvider time, ILogger<PresenceBoard> log)
    {
        (_database, _hub, _bus, _limits, _time, _log) = (database, hub, bus, limits, time, log);
        _beats = new PeriodicTimer(Beat, time);
        _loop = Loop();
        hub.SessionsChanged += Count;
    }

    /// <summary>A user's number of sessions on this node.</summary>
    public void Count(Guid userId, int sessions)
    {
        lock (_lock)
        {
            if (sessions > 0 ? !_here.Add(userId) : !_here.Remove(userId)) return;
        }
        _bus.Whisper(sessions > 0 ? new PresenceSignal.Arrived(userId, _bus.Node) : new PresenceSignal.Left(userId, _bus.Node, Now));
    }

    /// <summary>What a node said, this one included.</summary>
    public void Accept(PresenceSignal signal)
    {
        lock (_lock)
        {
            if (signal is PresenceSignal.Arrived arrived) UserOf(arrived.UserId).Arrive(arrived.Node);
            if (signal is PresenceSignal.Left left && _users.TryGetValue(left.UserId, out var user)) user.Leave(left.Node, left.At, _time.GetTimestamp(), left.Node == _bus.Node);
            if (_users.ContainsKey(signal.UserId)) _changed.Add(signal.UserId);
        }
    }

    /// <summary>What was committed: with the next beat each of two between whom there is a yes now is told how the other is to be found.</summary>
    public void Hear(IReadOnlyList<Event> events)
    {
        foreach (var told in events)
        {
            if (told is not RequestAccepted { UserId: var userId, Request: var request }) continue;
            lock (_lock) _met.Add((userId, request.Other(userId)));
        }
    }

    /// <param name="status">Away and dnd stay until they are changed; online takes them back.</param>
    public async Task<Result<Done>> Set(Caller caller, PresenceStatus status, CancellationToken ct = default)
    {
        if (status is not (PresenceStatus.Online or PresenceStatus.Away or PresenceStatus.Dnd)) return Refusal.Invalid("status", "must be online, away or dnd");
        if (await _limits.Ask(Limit.Status, caller.UserId) is { } tooOften) return tooOften;
        // A database has few writers. What stands already is told all the same: the answer to whoever set it may have got lost, and the whisper with it.
        if (!await _database.Read(sql => PresenceStore.IsSet(sql, caller.UserId, status), ct))
            await _database.Write(sql => PresenceStore.Set(sql, caller.UserId, status), ct);
        _bus.Whisper(new PresenceSignal.Set(caller.UserId));
        return default(Done);
    }

    /// <summary>As the caller may know it: not of those who have not answered the caller's request.</summary>
    public async Task<PresenceView> For(Caller caller, CancellationToken ct = default) =>
        new(this, await _database.Read(sql => PresenceStore.Asked(sql, caller.UserId), ct));

    /// <summary>Everybody who is on line, as told last.</summary>
    public IReadOnlyList<PresenceChanged> Snapshot()
    {
        lock (_lock) return [.. _users.Values.Select(user => user.Told).OfType<PresenceChanged>()];
    }

    public PresenceStatus StatusOf(Guid userId)
    {
        lock (_lock) return _users.TryGetValue(userId, out var user) && user.Told is { } told ? told.Status : PresenceStatus.Offline;
    }

    public async ValueTask DisposeAsync()
    {
        _hub.SessionsChanged -= Count;
        _beats.Dispose();
        await _loop;
        _telling.Dispose();
        await LeaveAll();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private PresentUser UserOf(Guid userId) => _users.TryGetValue(userId, out var user) ? user : _users[userId] = new PresentUser();

    private async Task Loop()
    {
        while (await _beats.WaitForNextTickAsync())
        {
            try
            {
                await Tell();
            }
            catch (Exception e)
            {
                NotTold(e.Message);
            }
        }
    }

    /// <summary>One beat. If the database is away nothing is told, and the changes wait for a later one, as those do that are too many.</summary>
    internal async Task Tell()
    {
        await _telling.WaitAsync();
        // Before anybody's news are read: those of this beat and of all later ones are no longer withheld from who met.
        var met = TakeMet();
        try
        {
            for (var step = 0; step < MostSteps && TakeChanged() is { Length: > 0 } changed; step++) await Tell(changed);
            await Tell(met);
        }
        catch
        {
            lock (_lock) _met.UnionWith(met);
            throw;
        }
        finally
        {
            _telling.Release();
        }
    }

    private async Task Tell(Guid[] changed)
    {
        var (stored, circles, requesters) = await Read(changed);
        var (news, gone) = Compare(changed, stored);
        await _hub.Tell([.. news.Select(one => new UserNews(one, one.UserId, circles?[one.UserId], requesters.GetValueOrDefault(one.UserId, Nobody)))]);
        if (gone.Count > 0) await _database.Write(sql => PresenceStore.Seen(sql, gone));
    }

    private (Guid UserId, Guid OtherId)[] TakeMet()
    {
        lock (_lock)
        {
            (Guid, Guid)[] met = [.. _met];
            _met.Clear();
            return met;
        }
    }

    private async Task Tell((Guid UserId, Guid OtherId)[] met)
    {
        if (met.Length == 0) return;
        var present = Snapshot().ToDictionary(one => one.UserId);
        var absent = await _database.Read(sql => PresenceStore.Absent(sql, [.. met.Select(pair => pair.OtherId).Where(id => !present.ContainsKey(id))]));
        foreach (var (userId, otherId) in met)
            if ((present.GetValueOrDefault(otherId) ?? absent.GetValueOrDefault(otherId)) is { } found) await _hub.Tell(userId, found);
    }

    // Before the database is read: who changes from here on is noted anew.
    private Guid[] TakeChanged()
    {
        lock (_lock)
        {
            Guid[] due = [.. _changed.Where(id => IsDue(_users[id])).Take(MostInStep)];
            _changed.ExceptWith(due);
            return due;
        }
    }

    private async Task<(Dictionary<Guid, (PresenceStatus Status, string PublicKey)> Stored, ILookup<Guid, Guid>? Circles, Dictionary<Guid, HashSet<Guid>> Requesters)> Read(Guid[] changed)
    {
        try
        {
            return await _database.Read(async sql => (
                await PresenceStore.Of(sql, changed),
                OnLine > SmallServer ? await PresenceStore.Circles(sql, changed, LargestCircle) : null,
                await PresenceStore.Requesters(sql, changed)));
        }
        catch
        {
            lock (_lock) _changed.UnionWith(changed);
            throw;
        }
    }

    private bool IsDue(PresentUser user) => user.Connected || _time.GetElapsedTime(user.LeftStamp) >= Grace;

    private (List<PresenceChanged> News, List<PresenceChanged> Gone) Compare(Guid[] changed, Dictionary<Guid, (PresenceStatus Status, string PublicKey)> stored)
    {
        var (news, gone) = (new List<PresenceChanged>(), new List<PresenceChanged>());
        lock (_lock)
        {
            foreach (var id in changed)
            {
                var user = _users[id];
                var (status, key) = stored.GetValueOrDefault(id, (PresenceStatus.Online, ""));
                if (!IsDue(user)) // gone meanwhile
                {
                    _changed.Add(id);
                    continue;
                }
                var present = user.Connected ? new PresenceChanged(id, key, status, Now) : new PresenceChanged(id, key, PresenceStatus.Offline, user.LeftAt);
                if (!user.Connected) Forget(id);
                if (!user.Connected && user.LeftHere) gone.Add(present);
                if (present.Status != (user.Told?.Status ?? PresenceStatus.Offline)) news.Add(present);
                user.Told = present;
            }
        }
        return (news, gone);
    }

    // Nobody is here after this to hear when the ten seconds of those are over who are here, or have just left. A step is a transaction.
    private async Task LeaveAll()
    {
        try
        {
            foreach (var step in Leaving().Chunk(MostInStep)) await _database.Write(sql => PresenceStore.Seen(sql, step));
        }
        catch (Exception e)
        {
            NotSeen(e.Message);
        }
    }

    private List<PresenceChanged> Leaving()
    {
        lock (_lock)
        {
            return [.. _users.Where(pair => _here.Contains(pair.Key) || (!pair.Value.Connected && pair.Value.LeftHere))
                .Select(pair => new PresenceChanged(pair.Key, "", PresenceStatus.Offline, pair.Value.Connected ? Now : pair.Value.LeftAt)).OrderBy(one => one.UserId)];
        }
    }

    // A status that is set from now on is nobody's news.
    private void Forget(Guid userId)
    {
        _users.Remove(userId);
        _changed.Remove(userId);
    }

    private int OnLine
    {
        get
        {
            lock (_lock) return _users.Count;
        }
    }

    [LoggerMessage(31, LogLevel.Warning, "Presence could not be told: {Reason}")]
    private partial void NotTold(string reason);

    [LoggerMessage(32, LogLevel.Warning, "When those who were here at the end were last seen could not be written: {Reason}")]
    private partial void NotSeen(string reason);
}
