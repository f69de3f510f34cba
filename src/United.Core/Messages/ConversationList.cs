using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Where a reader finds a conversation that is no channel.</summary>
public enum ListState
{
    Inbox,

    /// <summary>Somebody asks to write to the reader.</summary>
    Requests,

    /// <summary>The reader has hidden it, or declined it.</summary>
    Hidden,
}

/// <summary>Conversations as one reader sees them: with the reader's counts and settings, the members and the last message.</summary>
public sealed class ConversationList(Database database)
{
    private const string SelectChannels = $"""
        select {ConversationRows.Columns} from conversations c
        where c.kind = 1 and c.deleted_at is null and not (c.id = any(@known)) and c.id in (
            select conversation_id from conversation_members where user_id = @user and state = 1
            union select id from conversations where open and deleted_at is null)
        """;

    private const string SelectTalks = $"""
        select {ConversationRows.Columns}, {ConversationRows.Hidden}, {RequestRows.StateForReader}
        from conversation_members m join conversations c on c.id = m.conversation_id
        where m.user_id = @user and m.state = 1 and not (m.conversation_id = any(@known)) and c.kind <> 1 and c.deleted_at is null
        """;

    private const string SelectOne = $"select {ConversationRows.Columns} from conversations c where c.id = @conversation";

    /// <summary>All that the caller may read and has neither hidden nor declined, the most recent first.</summary>
    public Task<IReadOnlyList<ConversationView>> All(Caller caller, CancellationToken ct = default) =>
        database.Snapshot(async sql => await Views(sql, caller.UserId, await Listed(sql, caller.UserId, known: [])), ct);

    public Task<IReadOnlyList<ConversationView>> Channels(Caller caller, CancellationToken ct = default) =>
        database.Snapshot(async sql => await Views(sql, caller.UserId, await Channels(sql, caller.UserId, known: [])), ct);

    /// <summary>Groups and direct conversations, the most recent first. Sorted here: an index would cost every message.</summary>
    /// <param name="after">The last of the page before.</param>
    public Task<IReadOnlyList<ConversationView>> Page(Caller caller, ListState state, ListPlace? after, int limit, CancellationToken ct = default) =>
        database.Snapshot(async sql =>
        {
            var talks = (await Talks(sql, caller.UserId, known: [])).Where(talk => talk.State == state).Select(talk => talk.Conversation)
                .Where(conversation => after is null || ListPlace.Of(conversation).ComesAfter(after.Value));
            return await Views(sql, caller.UserId, [.. Sorted(talks).Take(limit)]);
        }, ct);

    public Task<Result<ConversationView>> One(Caller caller, Guid conversationId, CancellationToken ct = default) =>
        database.Snapshot<Result<ConversationView>>(async sql =>
        {
            if (await ReadAccess.Of(sql, caller.UserId, conversationId) is null) return Fault.NotFound;
            return (await Views(sql, caller.UserId, await sql.All(SelectOne, ConversationRows.Map, ("conversation", conversationId))))[0];
        }, ct);

    /// <summary>As <see cref="All"/>, without those that the reader knows already.</summary>
    internal static async Task<List<Conversation>> Listed(Sql sql, Guid userId, Guid[] known) =>
    [
        .. await Channels(sql, userId, known),
        .. (await Talks(sql, userId, known)).Where(talk => talk.State != ListState.Hidden).Select(talk => talk.Conversation),
    ];

    /// <summary>Adds to conversations, which the user may read, what is the user's own. The most recent first.</summary>
    internal static async Task<IReadOnlyList<ConversationView>> Views(Sql sql, Guid userId, List<Conversation> conversations)
    {
        if (conversations.Count == 0) return [];
        var states = await UnreadCounts.Of(sql, userId, [.. conversations.Select(conversation => conversation.Id)]);
        var last = (await MessageRows.ByIds(sql, [.. conversations.Select(conversation => conversation.LastMessageId).OfType<Guid>()], userId, bodies: false))
            .ToDictionary(message => message.ConversationId);
        var members = await ShownMembers.Of(sql, userId, conversations);
        var requests = await RequestRows.Of(sql, userId, conversations);
        return [.. Sorted(conversations).Select(conversation => View(conversation, states[conversation.Id], last.GetValueOrDefault(conversation.Id)) with
        {
            Members = [.. members[conversation.Id].Select(row => row.Member)],
            MemberCount = members[conversation.Id].FirstOrDefault().Count,
            Request = requests.GetValueOrDefault(conversation.Id),
        })];
    }

    private static Task<List<Conversation>> Channels(Sql sql, Guid userId, Guid[] known) =>
        sql.All(SelectChannels, ConversationRows.Map, ("user", userId), ("known", known));

    private static async Task<IEnumerable<(Conversation Conversation, ListState State)>> Talks(Sql sql, Guid userId, Guid[] known) =>
        (await sql.All(SelectTalks, row => (Conversation: ConversationRows.Map(row), State: StateOf(row)), ("user", userId), ("known", known)))
        .Where(talk => talk.Conversation.ShowsTo(userId));

    private static IEnumerable<Conversation> Sorted(IEnumerable<Conversation> conversations) =>
        conversations.OrderByDescending(conversation => ListPlace.Of(conversation).At).ThenByDescending(conversation => conversation.Id);

    private static ListState StateOf(SqlRow row)
    {
        if (row.Bool(ConversationRows.Width)) return ListState.Hidden;
        return row.IsNull(ConversationRows.Width + 1) ? ListState.Inbox : (RequestState)row.Int32(ConversationRows.Width + 1) switch
        {
            RequestState.Pending => ListState.Requests,
            RequestState.Declined => ListState.Hidden,
            _ => ListState.Inbox,
        };
    }

    private static ConversationView View(Conversation conversation, ReadState state, Message? last) => new(
        conversation, state.LastRead, state.LastDelivered, state.UnreadCount, state.MentionCount, state.Settings.Hidden ? null : last, state.Settings);
}

/// <summary>A place in a list of conversations that has the most recent first.</summary>
/// <param name="At">Of the last message, or of the beginning: Unix milliseconds.</param>
public readonly record struct ListPlace(long At, Guid Id)
{
    public static ListPlace Of(Conversation conversation) => new(conversation.LastMessageAt ?? conversation.CreatedAt, conversation.Id);

    public bool ComesAfter(ListPlace other) => At != other.At ? At < other.At : Id.CompareTo(other.Id) < 0;
}
