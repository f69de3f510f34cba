using System.Globalization;
using System.Text;
using United.Core.Conversations;
using United.Core.Messages;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

/// <summary>A device that keeps what its owner sees of groups and direct conversations, by what sync tells and nothing else.</summary>
internal sealed class TalkReader(LogScene scene, Caller caller)
{
    private readonly ConversationDirectory _talks = Talks.Over(scene);
    private readonly Sync _sync = new(scene.Database, scene.Time);
    private readonly History _history = new(scene.Database);
    private readonly Dictionary<Guid, Known> _known = [];
    private long _since;

    public Caller Caller => caller;

    public async Task CatchUp(CancellationToken ct)
    {
        for (var more = true; more;)
        {
            var answer = (await _sync.Read(caller, new SyncRequest(_known.ToDictionary(known => known.Key, known => known.Value.Revision), ReceiptsSince: _since), ct)).Value;
            foreach (var id in answer.Removed) _known.Remove(id);
            foreach (var changed in answer.Changed) Apply(_known[changed.Id], changed);
            foreach (var added in answer.Added) await Begin(added, ct);
            (_since, more) = (answer.ServerTime, answer.More);
        }
    }

    /// <summary>As one that is switched on for the first time.</summary>
    public async Task Load(CancellationToken ct)
    {
        foreach (var state in (ListState[])[ListState.Inbox, ListState.Requests])
            foreach (var view in await _talks.List(caller, new ListConversations(state, Limit: 1_000), ct)) await Begin(view, ct);
    }

    /// <summary>Everything that stands in the inbox and among the requests, as text.</summary>
    public string Picture()
    {
        var picture = new StringBuilder();
        foreach (var (id, known) in _known.Where(known => known.Value.Shows).OrderBy(known => known.Key))
        {
            picture.AppendLine(CultureInfo.InvariantCulture, $"{id} {known.Conversation.Name} {known.Settings} {known.Request?.State} unread {known.Unread}");
            foreach (var member in known.Members.Values.Where(member => member.State == MemberState.Member).OrderBy(member => member.UserId))
                picture.AppendLine(CultureInfo.InvariantCulture, $"  {member.UserId} {member.Role} r{member.Revision}");
            foreach (var message in known.Messages.Values.Where(message => message.Sequence > known.Settings.HiddenSequence).OrderBy(message => message.Sequence))
                picture.AppendLine(CultureInfo.InvariantCulture, $"  {message.Sequence} r{message.Revision} {message.Content}");
        }
        return picture.ToString();
    }

    private static void Apply(Known known, SyncedConversation changed)
    {
        Assert.False(changed.Truncated, "Nobody here is so far behind.");
        Assert.True(changed.Revision >= known.Revision, "The conversation went backwards.");
        foreach (var message in changed.Messages) known.Messages[message.Id] = message;
        foreach (var member in changed.Members) known.Members[member.UserId] = member;
        (known.Revision, known.Settings, known.Unread, known.Request) = (changed.Revision, changed.State.Settings, changed.State.UnreadCount, changed.Request);
        known.Conversation = changed.Changed ?? known.Conversation;
    }

    // What was read after the head was told comes again with the next sync.
    private async Task Begin(ConversationView view, CancellationToken ct)
    {
        var id = view.Conversation.Id;
        if (!(await _talks.Members(caller, id, null, 1_000, ct)).TryGet(out var members, out _)) return;
        if (!(await _history.Page(caller, new ReadHistory(id, Limit: 100), ct)).TryGet(out var page, out _)) return;
        Assert.False(page.HasMore, "A page holds all of it here.");
        var known = new Known(view) { Revision = view.Conversation.Revision };
        foreach (var shown in members) known.Members[shown.Member.UserId] = shown.Member;
        foreach (var message in page.Messages) known.Messages[message.Id] = message;
        _known[id] = known;
    }

    private sealed class Known(ConversationView view)
    {
        public Conversation Conversation { get; set; } = view.Conversation;
        public ConversationSettings Settings { get; set; } = view.Settings;
        public MessageRequest? Request { get; set; } = view.Request;
        public int Unread { get; set; } = view.UnreadCount;
        public long Revision { get; set; }
        public Dictionary<Guid, Member> Members { get; } = [];
        public Dictionary<Guid, Message> Messages { get; } = [];

        public bool Shows => !Settings.Hidden && Request?.State != RequestState.Declined;
    }
}
