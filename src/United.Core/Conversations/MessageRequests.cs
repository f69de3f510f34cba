using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Conversations;

/// <summary>
/// What strangers ask by writing, and the answers. Asking is the log's; answering goes through it too, so that nothing of the requester is
/// stored after a refusal was acknowledged. Nothing here tells a requester more than that it was accepted.
/// </summary>
public sealed class MessageRequests(Database database, MessageLog log, TimeProvider time)
{
    private const string SelectPending = $"""
        select {ConversationRows.Columns}, {RequestRows.Columns}
        from message_requests r join conversations c on c.id = r.conversation_id and c.deleted_at is null
        where r.recipient_id = @user and r.state = 0 and r.id < @before and not exists (
            select 1 from message_requests a where a.requester_id = @user and a.recipient_id = r.requester_id and a.state = 1)
        order by r.id desc limit @limit
        """;

    private const string SelectOne = $"select {RequestRows.Columns} from message_requests r where r.id = @id and r.recipient_id = @user";

    // What the two have besides: a direct conversation, or an encrypted one.
    private const string SelectOthers = """
        select c.id from conversation_members m
        join conversation_members o on o.conversation_id = m.conversation_id and o.user_id = @requester
        join conversations c on c.id = m.conversation_id and c.kind in (3, 4) and c.deleted_at is null
        where m.user_id = @recipient and m.conversation_id <> @conversation
        """;

    /// <summary>Those that wait for the caller's answer, the newest first.</summary>
    /// <param name="before">The last of the page before.</param>
    public Task<IReadOnlyList<RequestView>> List(Caller caller, Guid? before, int limit, CancellationToken ct = default) =>
        database.Snapshot<IReadOnlyList<RequestView>>(async sql =>
        {
            var asked = await sql.All(
                SelectPending, row => (Conversation: ConversationRows.Map(row), Request: RequestRows.Map(row, ConversationRows.Width)),
                ("user", caller.UserId), ("before", before ?? Guid.AllBitsSet), ("limit", limit));
            var views = (await ConversationList.Views(sql, caller.UserId, asked.ConvertAll(one => one.Conversation))).ToDictionary(view => view.Conversation.Id);
            return [.. asked.Select(one => new RequestView(one.Request, views[one.Conversation.Id]))];
        }, ct);

    /// <summary>It becomes an ordinary conversation. One that was declined can be accepted later.</summary>
    public Task<Result<Done>> Accept(Caller caller, Guid requestId, CancellationToken ct = default) => Answer(caller, requestId, RequestState.Accepted, ct);

    /// <summary>The requester can send no more.</summary>
    public Task<Result<Done>> Decline(Caller caller, Guid requestId, CancellationToken ct = default) => Answer(caller, requestId, RequestState.Declined, ct);

    private async Task<Result<Done>> Answer(Caller caller, Guid requestId, RequestState answer, CancellationToken ct)
    {
        var request = await database.Read(sql => sql.One(SelectOne, row => RequestRows.Map(row), ("id", requestId), ("user", caller.UserId)), ct);
        if (request is null) return Fault.NotFound;
        var answered = await log.Append(caller, new AnswerRequest(request, answer, time), ct);
        return answered.Ok ? await Follow(request, answer) : answered;
    }

    // Asked for once the answer stands: what is made later is judged by it from the first. The answer has been given, so this is
    // done even if the caller goes.
    private async Task<Result<Done>> Follow(MessageRequest request, RequestState answer)
    {
        var others = await database.Read(sql => sql.All(SelectOthers, row => row.Uuid(0),
            ("requester", request.RequesterId), ("recipient", request.RecipientId), ("conversation", request.ConversationId)));
        foreach (var other in others)
        {
            var followed = await log.Append(new FollowAnswer(other, request, answer, time), CancellationToken.None);
            if (!followed.Ok) return followed;
        }
        return default(Done);
    }
}

public sealed record RequestView(MessageRequest Request, ConversationView Conversation);
