using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>A message that waits for a moderator.</summary>
/// <param name="Reports">How many members reported it; 0: only the word list did.</param>
/// <param name="Reasons">Of the reports, the newest first, <see cref="FlaggedMessages.MostReasons"/> at most. Who gave which is told to nobody.</param>
public sealed record FlaggedMessage(Message Message, int Reports, IReadOnlyList<string> Reasons);

/// <summary>
/// The moderators' queue: messages that matched the word list, in conversations that the moderator may read, and messages that members
/// reported, in any conversation (docs/decisions/0014). Being in the queue changes nothing that readers see, so taking a message off it
/// needs no revision and no lock of the conversation.
/// </summary>
public sealed class FlaggedMessages(Database database, MessageLog log, TimeProvider time)
{
    public const int MostReasons = 20;

    /// <summary>Of messages x that are flagged or reported: those that this moderator is shown.</summary>
    internal const string Visible = """
        join conversations c on c.id = x.conversation_id
        left join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        where not x.deleted and c.deleted_at is null
            and (c.open or m.state = 1 or exists (select 1 from message_reports r where r.message_id = x.id))
        """;

    // The cross join keeps SQLite, and the few rows keep PostgreSQL, from walking over the messages.
    private const string Queued = $"""
        from (select id from messages where flagged union select message_id from message_reports) q
        cross join messages x {Visible} and x.id = q.id
        """;

    private const string SelectReports = """
        select message_id, count, reason from (
            select message_id, reason, count(*) over (partition by message_id) as count,
                row_number() over (partition by message_id order by created_at desc, reporter_id) as place
            from message_reports where message_id = any(@ids)) r
        where place <= @most order by place
        """;

    /// <summary>The newest first.</summary>
    /// <param name="after">The last message of the page before.</param>
    public async Task<Result<List<FlaggedMessage>>> List(Caller caller, FlaggedPlace? after, int limit, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageMessages)) return Fault.Forbidden;
        return await database.Snapshot(async sql =>
        {
            var queued = await sql.All(
                $"select x.id, coalesce(c.open or m.state = 1, false) {Queued} and (x.timestamp, x.id) < (@at, @id) order by x.timestamp desc, x.id desc limit @limit",
                row => (Id: row.Uuid(0), MayRead: row.Bool(1)),
                ("user", caller.UserId), ("at", after?.Timestamp ?? long.MaxValue), ("id", after?.MessageId ?? Guid.AllBitsSet), ("limit", limit));
            Guid[] ids = [.. queued.Select(one => one.Id)];
            var messages = (await MessageRows.ByIds(sql, ids, caller.UserId)).ToDictionary(message => message.Id);
            var reports = (await Reports(sql, ids)).ToLookup(report => report.MessageId);
            return queued.ConvertAll(one => Shown(messages[one.Id], one.MayRead, [.. reports[one.Id]]));
        }, ct);
    }

    /// <summary>Nothing is wrong with it: flag and reports go.</summary>
    public async Task<Result<Done>> Dismiss(Caller caller, Guid messageId, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageMessages)) return Fault.Forbidden;
        return await database.Write<Result<Done>>(async sql =>
        {
            if (!(await Author.Judge(sql, caller, Permissions.ManageMessages)).TryGet(out _, out var refusal)) return refusal;
            if (await Find(sql, caller, messageId) is null) return Fault.NotFound;
            await sql.Execute("update messages set flagged = false where id = @id", ("id", messageId));
            await sql.Execute("delete from message_reports where message_id = @id", ("id", messageId));
            await Audit.Write(sql, time, caller.UserId, "message.dismissed", messageId);
            return default(Done);
        }, ct);
    }

    /// <summary>Takes it back for everybody, also where the moderator is no member.</summary>
    public async Task<Result<Done>> Delete(Caller caller, Guid messageId, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageMessages)) return Fault.Forbidden;
        var conversation = await database.Read(sql => Find(sql, caller, messageId), ct);
        if (conversation is not { } id) return Fault.NotFound;
        var deleted = await log.Delete(caller, new DeleteChange(caller, new DeleteMessage(id, messageId), time, moderated: true), ct);
        return deleted.TryGet(out _, out var refusal) ? default(Done) : refusal;
    }

    // Who reports a message of a private conversation shows that message to the moderators, and nothing of what stands around it.
    private static FlaggedMessage Shown(Message message, bool mayRead, List<(Guid, int Count, string Reason)> reports) => new(
        mayRead ? message : message with { ReplyTo = null, SharedPost = null, Reactions = [] },
        reports.Count == 0 ? 0 : reports[0].Count, [.. reports.Select(report => report.Reason)]);

    private static Task<List<(Guid MessageId, int Count, string Reason)>> Reports(Sql sql, Guid[] ids) =>
        sql.All(SelectReports, row => (row.Uuid(0), row.Int32(1), row.Text(2)), ("ids", ids), ("most", MostReasons));

    private static Task<Guid?> Find(Sql sql, Caller caller, Guid messageId) => sql.One(
        $"select x.conversation_id {Queued} and x.id = @id", row => (Guid?)row.Uuid(0), ("user", caller.UserId), ("id", messageId));
}

/// <summary>A place in the queue.</summary>
public readonly record struct FlaggedPlace(long Timestamp, Guid MessageId);
