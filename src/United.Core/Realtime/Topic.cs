using System.Diagnostics.CodeAnalysis;

namespace United.Core.Realtime;

/// <summary>
/// A conversation as this node tells of it: how far it has been told, what is known to be missing, and who listens. Conversations that are
/// open are told to everybody; the others exist here only as long as somebody listens.
/// </summary>
internal sealed class Topic(Guid id, long applied, bool open, bool sure)
{
    // Made when needed: there are as many topics as conversations, and most have nothing to hold and nobody who waits.
    private Dictionary<long, ConversationEvent>? _held;
    private List<(long Revision, TaskCompletionSource Passed)>? _waiting;

    public Guid Id { get; } = id;

    /// <summary>Everything up to this revision has been told.</summary>
    public long Applied { get; set; } = applied;

    /// <summary>The highest revision that is known to be committed.</summary>
    public long Known { get; private set; } = applied;

    public bool Open { get; set; } = open;

    /// <summary>Of a conversation that is not open.</summary>
    public List<Reader> Readers { get; } = [];

    /// <summary>Where it begins was read from the database, and not taken from what arrived.</summary>
    public bool Sure { get; set; } = sure;

    /// <summary>The database is being asked.</summary>
    public bool Asking { get; set; }

    /// <summary>What arrives may be told; else it is held until the database has answered.</summary>
    public bool Flows => Sure && !Asking;

    /// <summary>When the database is asked for what is missing, as a timestamp of the clock; null while nothing is.</summary>
    public long? RepairAt { get; set; }

    public bool Behind => Known > Applied;

    public bool Idle => !Open && Readers.Count == 0 && !Behind;

    public int HeldCount => _held?.Count ?? 0;

    /// <summary>Searched for in a list, the listener's where that is the shorter one: a table of who reads what would be most of what a user costs.</summary>
    /// <returns>Where a listener stands among the readers; -1: it is not one of them.</returns>
    public int PlaceOf(Listener listener)
    {
        if (listener.Topics.Count < Readers.Count && !listener.Topics.Contains(this)) return -1;
        for (var place = 0; place < Readers.Count; place++)
            if (Readers[place].Listener == listener) return place;
        return -1;
    }

    public void Know(long revision) => Known = Math.Max(Known, revision);

    /// <returns>False: it is held already.</returns>
    public bool Hold(ConversationEvent told) => (_held ??= []).TryAdd(told.Revision, told);

    public bool TryRelease([MaybeNullWhen(false)] out ConversationEvent next)
    {
        next = null;
        return _held is not null && _held.Remove(Applied + 1, out next);
    }

    /// <returns>The weight of what is no longer held.</returns>
    public int DropHeld()
    {
        var weight = 0;
        if (_held is null) return weight;
        foreach (var told in _held.Values) weight += told.Weight;
        _held.Clear();
        return weight;
    }

    /// <summary>What arrived before its turn and has been told by a repair since.</summary>
    /// <returns>The weight of what is no longer held.</returns>
    public int DropTold()
    {
        var weight = 0;
        if (_held is null) return weight;
        foreach (var (revision, told) in _held)
        {
            if (revision > Applied) continue;
            weight += told.Weight;
            _held.Remove(revision);
        }
        return weight;
    }

    /// <returns>Completes when everything up to the revision has been told.</returns>
    public Task Passed(long revision)
    {
        if (Applied >= revision) return Task.CompletedTask;
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (_waiting ??= []).Add((revision, passed));
        return passed.Task;
    }

    /// <param name="everything">Nobody listens any more: whatever they wait for is in force.</param>
    public void ReleaseWaiting(bool everything = false)
    {
        for (var i = (_waiting?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (_waiting![i].Revision > Applied && !everything) continue;
            _waiting[i].Passed.SetResult();
            _waiting.RemoveAt(i);
        }
    }
}
