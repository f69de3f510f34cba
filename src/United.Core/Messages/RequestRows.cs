using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>How rows of <c>message_requests</c> are read, as r, and what they mean to one reader of a conversation of two.</summary>
internal static class RequestRows
{
    public const string Columns = "r.id, r.requester_id, r.recipient_id, r.conversation_id, r.state, r.created_at";

    /// <summary>
    /// What the reader, the member m, was asked in the conversation c; null for nothing. Where both have asked, one acceptance
    /// frees both.
    /// </summary>
    public const string StateForReader = """
        case when c.kind in (3, 4) then (
            select r.state from conversation_members o join message_requests r on r.requester_id = o.user_id and r.recipient_id = m.user_id
            where o.conversation_id = c.id and o.user_id <> m.user_id and not exists (
                select 1 from message_requests a where a.requester_id = m.user_id and a.recipient_id = o.user_id and a.state = 1)
            limit 1) end
        """;

    private const string SelectBetween = $"""
        select {Columns}, o.conversation_id from conversation_members o join message_requests r on r.requester_id = o.user_id and r.recipient_id = @user
        where o.conversation_id = any(@ids) and o.user_id <> @user
        union all
        select {Columns}, o.conversation_id from conversation_members o join message_requests r on r.requester_id = @user and r.recipient_id = o.user_id
        where o.conversation_id = any(@ids) and o.user_id <> @user
        """;

    /// <summary>Of those of the conversations that began by one, as the user may see it: by conversation, direct or dm.</summary>
    public static async Task<Dictionary<Guid, MessageRequest>> Of(Sql sql, Guid userId, IEnumerable<Conversation> conversations)
    {
        Guid[] ids = [.. conversations.Where(conversation => conversation.IsOfTwo).Select(conversation => conversation.Id)];
        if (ids.Length == 0) return [];
        var rows = await sql.All(SelectBetween, row => (Request: Map(row), Conversation: row.Uuid(6)), ("user", userId), ("ids", ids));
        return rows.GroupBy(row => row.Conversation, row => row.Request).ToDictionary(both => both.Key, both => ShownTo(userId, Standing(both)));
    }

    /// <param name="first">Number of our first column.</param>
    public static MessageRequest Map(SqlRow row, int first = 0) => new(
        row.Uuid(first), row.Uuid(first + 1), row.Uuid(first + 2), row.Uuid(first + 3), (RequestState)row.Int32(first + 4), row.Int64(first + 5));

    private static MessageRequest Standing(IEnumerable<MessageRequest> both) =>
        both.OrderBy(request => request.State == RequestState.Accepted ? 0 : 1).ThenBy(request => request.CreatedAt).First();

    private static MessageRequest ShownTo(Guid userId, MessageRequest request) =>
        request.RequesterId == userId && request.State == RequestState.Declined ? request with { State = RequestState.Pending } : request;
}
