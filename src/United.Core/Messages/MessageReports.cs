using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Tells the moderators of a message.</summary>
/// <param name="Reason">1 to 500 characters.</param>
public sealed record ReportMessage(Guid MessageId, string Reason);

/// <summary>
/// What members tell the moderators of: a message that they may read, and why. One report of each member stands. They wait in the queue of
/// <see cref="FlaggedMessages"/>.
/// </summary>
public sealed class MessageReports(Database database, INodeBus bus, TimeProvider time)
{
    public const int MostReason = 500;

    private const string SelectReadable = """
        select c.id, c.kind from messages x join conversations c on c.id = x.conversation_id
        left join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        where x.id = @id and not x.deleted and c.deleted_at is null and (c.open or m.state = 1) and x.server_sequence > coalesce(m.hidden_sequence, 0)
        """;

    private const string Store = """
        insert into message_reports (message_id, reporter_id, conversation_id, reason, created_at) values (@id, @user, @conversation, @reason, @at)
        on conflict (message_id, reporter_id) do update set reason = excluded.reason, created_at = excluded.created_at
        """;

    /// <summary>Again by the same member: the new reason takes the place of the old one.</summary>
    public async Task<Result<Done>> Report(Caller caller, ReportMessage request, CancellationToken ct = default)
    {
        if (Refuse(request.Reason) is { } wrong) return wrong;
        var reported = await database.Write<Result<Guid>>(async sql =>
        {
            // A deletion takes the reports along: with its message locked, none comes in behind it.
            var found = await sql.One(
                SelectReadable + (sql.IsPostgres ? " for share of x" : ""), row => (Id: row.Uuid(0), Kind: (ConversationKind)row.Int32(1)),
                ("id", request.MessageId), ("user", caller.UserId));
            if (found == default) return Fault.NotFound;
            if (found.Kind == ConversationKind.Dm) return Fault.EncryptedConversation;
            await sql.Execute(Store, ("id", request.MessageId), ("user", caller.UserId), ("conversation", found.Id), ("reason", request.Reason),
                ("at", time.GetUtcNow().ToUnixTimeMilliseconds()));
            return found.Id;
        }, ct);
        if (!reported.TryGet(out var conversation, out var refusal)) return refusal;
        bus.Publish([new MessageFlagged(conversation, request.MessageId, Revision: null)]);
        return default(Done);
    }

    private static Refusal? Refuse(string reason) =>
        TextRules.Text("reason", reason, least: 1, MostReason) ?? (string.IsNullOrWhiteSpace(reason) ? Refusal.Invalid("reason", "is empty") : null);
}
