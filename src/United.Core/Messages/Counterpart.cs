using United.Core.Identity;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Whoever sits opposite in a conversation of two, seen by the one who is about to write (specification 2, message requests). Read under
/// the conversation's lock, under which requests are answered too. Whoever blocks somebody waits until what was judged before is finished.
/// </summary>
/// <param name="Asked">The request of the one who writes.</param>
/// <param name="AskedBy">The request of the other.</param>
/// <param name="Written">
/// How many messages the two have exchanged: in this conversation, and, as long as that decides something, in their others. There it is
/// what is committed, so that who writes in several at the same moment may come to write some more than they should.
/// </param>
internal sealed record Counterpart(
    Guid UserId, Guid OtherId, MessagingAccess Access, bool Blocked, MessageRequest? Asked, MessageRequest? AskedBy, long Written)
{
    /// <summary>Messages by which the other can judge the request.</summary>
    public const int MostPending = 5;

    /// <summary>Either has blocked the other: which of them is nobody's business.</summary>
    private const string IsBlocked = """
        exists (select 1 from blocks b where b.user_id = o.user_id and b.blocked_id = @user)
            or exists (select 1 from blocks b where b.user_id = @user and b.blocked_id = o.user_id)
        """;

    internal const string Select = $"""
        select o.user_id, u.messaging_access, {IsBlocked},
            a.id, a.conversation_id, a.state, a.created_at, t.id, t.conversation_id, t.state, t.created_at
        from conversation_members o join users u on u.id = o.user_id
        left join message_requests a on a.requester_id = @user and a.recipient_id = o.user_id
        left join message_requests t on t.requester_id = o.user_id and t.recipient_id = @user
        where o.conversation_id = @conversation and o.user_id <> @user
        """;

    public static async Task<Counterpart> Of(Sql sql, ConversationHead head, Guid userId)
    {
        var id = head.Conversation.Id;
        var found = await sql.One(Select, row => Map(row, userId, head.LastSequence), ("conversation", id), ("user", userId))
            ?? throw new InvalidOperationException("A direct conversation has two members.");
        return found.IsNew ? found with { Written = found.Written + await PairRows.Written(sql, userId, found.OtherId, except: id) } : found;
    }

    /// <summary>For edits and reactions: somebody who may no longer write must not go on talking through these.</summary>
    /// <param name="answers">It tells the other something without accepting their request (a reaction): refused until that is accepted.</param>
    /// <returns>Null where it may be done, and in conversations of other kinds.</returns>
    public static async Task<Refusal?> Refuses(Sql sql, ConversationHead head, Guid userId, bool answers = false)
    {
        if (head.Conversation.Kind != ConversationKind.Direct) return null;
        var other = await Of(sql, head, userId);
        if (other.Verdict is var verdict and not PostVerdict.Ok) return verdict.Refusal();
        return answers && other is { AskedBy: not null, Accepted: false } ? new Refusal(Fault.Conflict, Reason: "Accept the request first.") : null;
    }

    /// <summary>For one more message. Until it is accepted only the requester has written.</summary>
    public PostVerdict Verdict =>
        Blocked ? PostVerdict.Blocked
        : Accepted || AskedBy is not null ? PostVerdict.Ok
        : Asked is { State: var state } ? state == RequestState.Pending && Written < MostPending ? PostVerdict.Ok : PostVerdict.RequestLimit
        : Written == 0 && Access == MessagingAccess.Nobody ? PostVerdict.Blocked
        : PostVerdict.Ok;

    /// <summary>The message has been written: that asks, or answers who asked.</summary>
    public async Task Wrote(Sql sql, ConversationHead head, long at)
    {
        if (Accepted) return;
        if (AskedBy is not null) await Accept(sql, head, AskedBy, at);
        else if (Asked is null && Written == 0 && Access == MessagingAccess.Requests) await Ask(sql, head, at);
    }

    // Words in one conversation are words in all of them: who has talked is not asked, nor refused, in another.
    private bool IsNew => !Accepted && AskedBy is null && (Asked is { State: RequestState.Pending } || (Asked is null && Written == 0));

    private bool Accepted => Asked is { State: RequestState.Accepted } || AskedBy is { State: RequestState.Accepted };

    private static async Task Accept(Sql sql, ConversationHead head, MessageRequest request, long at)
    {
        await sql.Execute("update message_requests set state = @state, answered_at = @at where id = @id",
            ("state", (int)RequestState.Accepted), ("at", at), ("id", request.Id));
        await SettingsRows.Touch(sql, head.Conversation.Id, [request.RequesterId, request.RecipientId], at);
        var accepted = request with { State = RequestState.Accepted };
        head.Tell(new RequestAccepted(request.RequesterId, accepted, head.Conversation));
        head.Tell(new RequestAccepted(request.RecipientId, accepted, head.Conversation));
        await ReceiptStore.Begin(sql, head, request.RecipientId, at);
    }

    private async Task Ask(Sql sql, ConversationHead head, long at)
    {
        var id = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(at));
        var request = new MessageRequest(id, UserId, OtherId, head.Conversation.Id, RequestState.Pending, at);
        await sql.Execute("""
            insert into message_requests (id, requester_id, recipient_id, conversation_id, state, created_at)
            values (@id, @requester, @recipient, @conversation, @state, @at)
            """, ("id", id), ("requester", UserId), ("recipient", OtherId), ("conversation", request.ConversationId),
            ("state", (int)request.State), ("at", at));
        head.Tell(new RequestReceived(OtherId, request, head.Conversation));
    }

    private static Counterpart Map(SqlRow row, Guid userId, long written)
    {
        var other = row.Uuid(0);
        return new Counterpart(
            userId, other, (MessagingAccess)row.Int32(1), row.Bool(2), Request(row, 3, userId, other), Request(row, 7, other, userId), written);
    }

    private static MessageRequest? Request(SqlRow row, int first, Guid requester, Guid recipient) => row.IsNull(first)
        ? null
        : new MessageRequest(row.Uuid(first), requester, recipient, row.Uuid(first + 1), (RequestState)row.Int32(first + 2), row.Int64(first + 3));
}
