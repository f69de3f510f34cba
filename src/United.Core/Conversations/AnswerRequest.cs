using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Conversations;

/// <summary>
/// The recipient's answer, given under the lock of the conversation in which the question was put: whatever the requester sends is judged
/// either before or after it. An acceptance is for good: whoever has had enough of somebody blocks them.
/// </summary>
internal sealed class AnswerRequest(MessageRequest request, RequestState answer, TimeProvider time) : Change<Done>(request.ConversationId)
{
    private static readonly Refusal Accepted = new(Fault.Conflict, Reason: "It has been accepted.");

    private readonly Guid[] _seen = Seen(request, answer);

    public override IReadOnlyList<Guid> MemberIds => _seen;

    /// <summary>Who is told of it: to the requester, a declined request looks like a pending one.</summary>
    public static Guid[] Seen(MessageRequest request, RequestState answer) =>
        answer == RequestState.Accepted ? [request.RequesterId, request.RecipientId] : [request.RecipientId];

    public override async Task<Result<Done>> Apply(Sql sql, ConversationHead head)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var before = await sql.One("select state from message_requests where id = @id", row => (RequestState)row.Int32(0), ("id", request.Id));
        if (before == answer) return default(Done);
        // Writing back accepts, perhaps in the other conversation of the two, and under its lock: so the row is asked again.
        if (await sql.Execute("update message_requests set state = @answer, answered_at = @now where id = @id and state <> 1",
            ("answer", (int)answer), ("now", now), ("id", request.Id)) == 0) return Accepted;
        await SettingsRows.Touch(sql, ConversationId, _seen, now);
        foreach (var userId in _seen) head.Tell(Told(userId, request with { State = answer }, head.Conversation));
        if (answer == RequestState.Accepted) await ReceiptStore.Begin(sql, head, request.RecipientId, now);
        return default(Done);
    }

    private static UserEvent Told(Guid userId, MessageRequest answered, Conversation conversation) =>
        answered.State == RequestState.Accepted ? new RequestAccepted(userId, answered, conversation) : new RequestDeclined(userId, answered);
}

/// <summary>
/// Follows an answer in another conversation of the same two. It waits for the lock there, and with it for whatever was judged before the
/// answer stood.
/// </summary>
internal sealed class FollowAnswer(Guid conversationId, MessageRequest request, RequestState answer, TimeProvider time) : Change<Done>(conversationId)
{
    private readonly Guid[] _seen = AnswerRequest.Seen(request, answer);

    public override IReadOnlyList<Guid> MemberIds => _seen;

    public override async Task<Result<Done>> Apply(Sql sql, ConversationHead head)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await SettingsRows.Touch(sql, ConversationId, _seen, now);
        if (answer == RequestState.Accepted) await ReceiptStore.Begin(sql, head, request.RecipientId, now);
        return default(Done);
    }
}
