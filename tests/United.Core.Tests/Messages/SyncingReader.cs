using System.Globalization;
using System.Text;
using United.Core.Messages;
using United.Core.Storage;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>A client as the specification describes it: a revision per conversation, and what sync tells put in its place.</summary>
internal sealed class SyncingReader(Database database, Caller caller)
{
    private readonly Sync _sync = new(database, TimeProvider.System);
    private readonly History _history = new(database);
    private readonly Dictionary<Guid, Known> _known = [];
    private long _since;

    public Caller Caller => caller;

    public bool Knows(Guid conversationId) => _known.ContainsKey(conversationId);

    public async Task CatchUp(CancellationToken ct)
    {
        for (var more = true; more;)
        {
            var answer = (await _sync.Read(caller, new SyncRequest(_known.ToDictionary(known => known.Key, known => known.Value.Revision), ReceiptsSince: _since), ct)).Value;
            foreach (var id in answer.Removed) _known.Remove(id);
            foreach (var changed in answer.Changed) Apply(changed);
            foreach (var added in answer.Added) await Begin(added, ct);
            (_since, more) = (answer.ServerTime, answer.More);
        }
    }

    /// <summary>As somebody who has just come.</summary>
    public async Task Load(CancellationToken ct)
    {
        foreach (var view in await new ConversationList(database).All(caller, ct)) await Begin(view, ct);
    }

    /// <summary>Everything that is shown, as text.</summary>
    public string Picture()
    {
        var picture = new StringBuilder();
        foreach (var (id, known) in _known.OrderBy(known => known.Key))
        {
            picture.AppendLine(CultureInfo.InvariantCulture, $"{id} {known.Conversation.Name} {known.Conversation.Topic} read {known.Read} unread {known.Unread}");
            foreach (var message in known.Messages.Values.OrderBy(message => message.Sequence))
                picture.AppendLine(CultureInfo.InvariantCulture,
                    $"  {message.Sequence} r{message.Revision} {message.Content} {message.Deleted} {message.EditedAt is not null} {string.Join(' ', message.Reactions.Select(reaction => reaction.Emoji + reaction.UserId))}");
        }
        return picture.ToString();
    }

    /// <summary>Sync has told of every membership that changed since the conversation was loaded, and each as it stands.</summary>
    public async Task AssertKnowsMembers(CancellationToken ct)
    {
        foreach (var (id, known) in _known)
        {
            var standing = await database.Read(sql => sql.All(
                $"select {MemberRows.Columns} from conversation_members m {MemberRows.Joins} where m.conversation_id = @id and m.revision > @began",
                MemberRows.Map, ("id", id), ("began", known.Began)), ct);
            Assert.Equal(standing.OrderBy(member => member.Revision), known.Members.Values.OrderBy(member => member.Revision));
        }
    }

    private void Apply(SyncedConversation changed)
    {
        Assert.False(changed.Truncated, "Nobody here is so far behind.");
        var known = _known[changed.Id];
        Assert.True(changed.Revision >= known.Revision, "The conversation went backwards.");
        var revision = 0L;
        foreach (var message in changed.Messages)
        {
            Assert.True(message.Revision > revision && message.Revision > known.Revision, "Not by rising revision, or known already.");
            revision = message.Revision;
            if (known.Messages.TryGetValue(message.Id, out var old)) Assert.True(message.Revision >= old.Revision, "A message went backwards.");
            known.Messages[message.Id] = message;
        }
        foreach (var member in changed.Members) known.Members[member.UserId] = member;
        (known.Revision, known.Read, known.Unread) = (changed.Revision, changed.State.LastRead, changed.State.UnreadCount);
        if (changed.Changed is { } conversation) known.Conversation = conversation;
        Assert.True(revision <= known.Revision || changed.Messages.Count == 0, "A message is newer than its conversation.");
    }

    // The pages may be newer than the head that was told: what is stamped above it comes again, and changes nothing.
    private async Task Begin(ConversationView view, CancellationToken ct)
    {
        var known = new Known(view.Conversation) { Revision = view.Conversation.Revision, Read = view.LastRead, Unread = view.UnreadCount };
        for (long? before = null; ;)
        {
            if (!(await _history.Page(caller, new ReadHistory(view.Conversation.Id, before, Limit: 100, IncludeDeleted: true), ct)).TryGet(out var page, out _)) return;
            foreach (var message in page.Messages) known.Messages[message.Id] = message;
            if (!page.HasMore) break;
            before = page.Messages[^1].Sequence;
        }
        _known[view.Conversation.Id] = known;
    }

    private sealed class Known(Conversation conversation)
    {
        public Conversation Conversation { get; set; } = conversation;
        public long Revision { get; set; }
        public long Read { get; set; }
        public int Unread { get; set; }
        public long Began { get; } = conversation.Revision;
        public Dictionary<Guid, Message> Messages { get; } = [];
        public Dictionary<Guid, Member> Members { get; } = [];
    }
}
