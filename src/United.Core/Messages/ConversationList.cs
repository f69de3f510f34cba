using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Conversations as one reader sees them: with the reader's counts and the last message.</summary>
public sealed class ConversationList(Database database)
{
    // Hidden ones come back with their next message.
    private const string SelectListed = $"""
        select {ConversationRows.Columns} from conversations c
        left join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        where c.id in (
            select conversation_id from conversation_members where user_id = @user and state = 1
            union select id from conversations where open and deleted_at is null)
        and c.deleted_at is null and (c.open or c.last_sequence > coalesce(m.hidden_sequence, 0) or coalesce(m.hidden_sequence, 0) = 0)
        """;

    private const string SelectOne = $"select {ConversationRows.Columns} from conversations c where c.id = @conversation";

    /// <summary>All that the caller may read and has not hidden, the most recent first.</summary>
    public Task<IReadOnlyList<ConversationView>> All(Caller caller, CancellationToken ct = default) =>
        database.Snapshot(async sql => await Views(sql, caller.UserId, await Listed(sql, caller.UserId)), ct);

    public Task<Result<ConversationView>> One(Caller caller, Guid conversationId, CancellationToken ct = default) =>
        database.Snapshot<Result<ConversationView>>(async sql =>
        {
            if (await ReadAccess.Of(sql, caller.UserId, conversationId) is null) return Fault.NotFound;
            return (await Views(sql, caller.UserId, await sql.All(SelectOne, ConversationRows.Map, ("conversation", conversationId))))[0];
        }, ct);

    internal static Task<List<Conversation>> Listed(Sql sql, Guid userId) => sql.All(SelectListed, ConversationRows.Map, ("user", userId));

    /// <summary>Adds to conversations, which the user may read, what is the user's own.</summary>
    internal static async Task<IReadOnlyList<ConversationView>> Views(Sql sql, Guid userId, List<Conversation> conversations)
    {
        if (conversations.Count == 0) return [];
        var states = await UnreadCounts.Of(sql, userId, [.. conversations.Select(conversation => conversation.Id)]);
        var last = (await MessageRows.ByIds(sql, [.. conversations.Select(conversation => conversation.LastMessageId).OfType<Guid>()]))
            .ToDictionary(message => message.ConversationId);
        return [.. conversations
            .OrderByDescending(conversation => conversation.LastMessageAt ?? conversation.CreatedAt)
            .Select(conversation => View(conversation, states[conversation.Id], last.GetValueOrDefault(conversation.Id)))];
    }

    private static ConversationView View(Conversation conversation, ReadState state, Message? last) =>
        new(conversation, state.LastRead, state.LastDelivered, state.UnreadCount, state.MentionCount, last);
}
