using United.Core.Messages;
using United.Core.Realtime;

namespace United.Core.Tests.Realtime;

/// <summary>
/// The database as the realtime floor sees it: conversations with dense revisions, whose rows show their present state. Remembers who could
/// read each revision, so that tests can judge what was heard.
/// </summary>
internal sealed class FakeLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Log> _logs = [];

    /// <summary>Awaited after an answer was made and before it is given: a slow question gets an old answer.</summary>
    public Func<Task> BeforeAnswer { get; set; } = () => Task.CompletedTask;

    /// <summary>The database is away.</summary>
    public bool Away { get; set; }

    public int Repairs { get; private set; }

    /// <summary>Of whom all memberships were asked for.</summary>
    public List<Guid> Asked { get; } = [];

    public HashSet<Guid> EndedSessions { get; } = [];

    public HashSet<Guid> Moderators { get; } = [];

    /// <summary>Most rows of a repair; beyond it the answer is incomplete.</summary>
    public int MostRows { get; init; } = 500;

    public RealtimeReads Reads => new()
    {
        ChangesSince = (known, _) => Answer<IReadOnlyList<Missed>>(() =>
        {
            Repairs++;
            return [.. known.Where(pair => _logs.ContainsKey(pair.Key)).Select(pair => _logs[pair.Key].Since(pair.Value, MostRows))];
        }),
        Heads = (ids, _) => Answer<IReadOnlyList<Head>>(() => [.. ids.Where(_logs.ContainsKey).Select(id => new Head(id, _logs[id].Revision))]),
        OpenHeads = _ => Answer<IReadOnlyList<OpenHead>>(() => [.. _logs.Values.Where(log => log.Open && !log.Gone).Select(log => log.OpenHead)]),
        Memberships = (users, _) => Answer<IReadOnlyList<Membership>>(() =>
        {
            Asked.AddRange(users);
            return [.. users.SelectMany(Memberships)];
        }),
        JoinedSince = (_, _) => Answer<IReadOnlyList<Membership>>(() => [.. _logs.Values.SelectMany(log => log.MemberIds()).Distinct().SelectMany(Memberships)]),
        ReadersOf = (id, _) => Answer(() => _logs[id] is { Gone: false } log ? new Readers(log.Open, log.MemberIds()) : null),
        SessionStands = (_, id, _) => Answer(() => !EndedSessions.Contains(id)),
        HoldersOf = (_, _) => Answer<IReadOnlyCollection<Guid>>(() => [.. Moderators]),
    };

    /// <summary>From now on one answer is made and kept back; those before and after it are given at once.</summary>
    /// <param name="number">Of its question; 0 is the next.</param>
    public (Task Asked, TaskCompletionSource Answer) KeepBack(int number)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var questions = 0;
        BeforeAnswer = () =>
        {
            if (questions++ != number) return Task.CompletedTask;
            asked.SetResult();
            return answer.Task;
        };
        return (asked.Task, answer);
    }

    public ConversationEvent Found(Guid id, bool open)
    {
        lock (_lock)
        {
            var log = _logs[id] = new Log(id);
            return log.SetOpen(open);
        }
    }

    public ConversationEvent Post(Guid id) => With(id, log => log.Post());

    public ConversationEvent Join(Guid id, Guid userId) => With(id, log => log.Move(userId, MemberState.Member));

    public ConversationEvent Leave(Guid id, Guid userId) => With(id, log => log.Move(userId, MemberState.Removed));

    public ConversationEvent SetOpen(Guid id, bool open) => With(id, log => log.SetOpen(open));

    public ConversationEvent Delete(Guid id) => With(id, log => log.Delete());

    public long Revision(Guid id) => With(id, log => log.Revision);

    public bool MayRead(Guid id, Guid userId) => With(id, log => log.MayRead(log.Revision, userId));

    public bool IsMember(Guid id, Guid userId) => With(id, log => log.MemberIds().Contains(userId));

    public bool MayReadAt(Guid id, Guid userId, long revision) => With(id, log => log.MayRead(revision, userId));

    /// <summary>Revisions above one that stand in the present state of the conversation's rows.</summary>
    public IReadOnlyList<long> Standing(Guid id, long above) =>
        With(id, log => log.Since(above, int.MaxValue).Events.Select(told => told.Revision).Order().ToArray());

    private IEnumerable<Membership> Memberships(Guid userId) => _logs.Values
        .Where(log => !log.Open && !log.Gone && log.MayRead(log.Revision, userId))
        .Select(log => new Membership(userId, log.Id, log.MemberRevision(userId), log.Revision));

    private T With<T>(Guid id, Func<Log, T> act)
    {
        lock (_lock) return act(_logs[id]);
    }

    private async Task<T> Answer<T>(Func<T> read)
    {
        T answer;
        lock (_lock) answer = Away ? throw new IOException("The database is away.") : read();
        await BeforeAnswer();
        return answer;
    }

    private sealed class Log(Guid id)
    {
        private readonly Dictionary<Guid, (MemberState State, long Revision)> _members = [];
        private readonly List<(Guid Id, long Revision)> _posts = [];
        private readonly List<(bool Open, HashSet<Guid> Members)> _readers = [(false, [])];
        private long _ownRevision;

        public Guid Id => id;

        public bool Open { get; private set; }

        public bool Gone { get; private set; }

        public long Revision => _readers.Count - 1;

        public OpenHead OpenHead => new(id, Revision, _ownRevision);

        public MessagePosted Post()
        {
            var messageId = Ids.NewMessage(TimeProvider.System, id);
            _posts.Add((messageId, Stamp()));
            return Told(messageId, Revision);
        }

        public MemberChanged Move(Guid userId, MemberState state)
        {
            _members[userId] = (state, Revision + 1);
            Stamp();
            return Told(userId);
        }

        public ConversationUpdated SetOpen(bool open)
        {
            Open = open;
            _ownRevision = Stamp();
            return Told();
        }

        public ConversationRemoved Delete()
        {
            Gone = true;
            Stamp();
            return new ConversationRemoved(id, Revision, Open);
        }

        public HashSet<Guid> MemberIds() => [.. _members.Where(pair => pair.Value.State == MemberState.Member).Select(pair => pair.Key)];

        public long MemberRevision(Guid userId) => _members[userId].Revision;

        public bool MayRead(long revision, Guid userId) => _readers[(int)revision] is var (open, members) && (open || members.Contains(userId));

        public Missed Since(long since, int mostRows)
        {
            if (Gone) return new Missed(id, Revision, true, [new ConversationRemoved(id, Revision, Open)]);
            var told = Changed(since).OrderBy(change => change.Revision).ToArray();
            return told.Length > mostRows
                ? new Missed(id, Revision, false, [new ConversationUpdated(Row(Revision))])
                : new Missed(id, Revision, true, told);
        }

        private IEnumerable<ConversationEvent> Changed(long since)
        {
            if (_ownRevision > since) yield return Told();
            foreach (var (userId, member) in _members)
                if (member.Revision > since) yield return Told(userId);
            foreach (var (messageId, revision) in _posts)
                if (revision > since) yield return Told(messageId, revision);
        }

        private long Stamp()
        {
            _readers.Add((Open, MemberIds()));
            return Revision;
        }

        private ConversationUpdated Told() => new(Row(_ownRevision));

        private MemberChanged Told(Guid userId) =>
            new(new Member(id, userId, "somebody", MemberRole.Member, _members[userId].State, 0, _members[userId].Revision), Row(_members[userId].Revision) with { LastSequence = _members[userId].Revision });

        private MessagePosted Told(Guid messageId, long revision) => new(
            new Message
            {
                Id = messageId,
                ConversationId = id,
                Sequence = revision,
                Revision = revision,
                SenderId = id,
                SenderDisplayName = "somebody",
                SenderPublicKey = "",
                Content = $"{revision}",
                Timestamp = revision,
            },
            Open);

        private Conversation Row(long revision) => new()
        {
            Id = id,
            Kind = ConversationKind.Channel,
            Name = "channel",
            Open = Open,
            CreatedAt = 0,
            LastSequence = Revision,
            Revision = revision,
        };
    }
}
