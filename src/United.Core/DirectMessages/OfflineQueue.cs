using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// What came while none of somebody's devices was connected. Every message has an entry, written with it; the entry shows at once if nobody
/// was there, and else after a while, unless by then a connection took the message (<see cref="LiveDeliveries"/>) or a watermark passed it.
/// So a crash, or a connection that was only thought to be alive, makes a message come twice at worst, and its id tells. Full, it refuses
/// its senders: nothing is dropped unseen.
/// </summary>
public sealed class OfflineQueue(Database database, TimeProvider time)
{
    public const int MostAtOnce = 500;
    public const int MostBytesAtOnce = 8 << 20;
    public const int MostEntries = 10_000;
    public const int MostBytes = 200_000_000;
    public const int MostAcknowledged = 1_000;

    /// <summary>
    /// Only every so many messages of a conversation it is counted whether there is room, which takes as long as what waits is long: so much
    /// more may come of each.
    /// </summary>
    public const int CountedEach = 64;

    /// <summary>
    /// After which an entry shows that was written for somebody who seemed to be there. Longer than a dead connection goes unnoticed, and
    /// than <see cref="LiveDeliveries.Sure"/> with a round of its clock.
    /// </summary>
    internal static readonly TimeSpan Doubt = TimeSpan.FromMinutes(2);

    // What a watermark has passed, or its reader has hidden, has been there.
    internal const string Reached = "greatest(m.hidden_sequence, greatest(m.last_read_sequence, m.last_delivered_sequence))";

    internal const string Passed = $"x.server_sequence <= {Reached}";

    private const string SelectWaiting = $"""
        select id from (
            select x.id, row_number() over places as nth, sum(q.bytes) over places as total
            from dm_offline_queue q join messages x on x.id = q.message_id
            join conversation_members m on m.conversation_id = q.conversation_id and m.user_id = q.recipient_id
            where q.recipient_id = @me and q.visible_at <= @now and not ({Passed})
            window places as (order by q.queued_at, x.conversation_id, x.server_sequence rows unbounded preceding)) waiting
        where nth = 1 or (nth <= 500 and total <= @most) order by nth
        """;

    private const string Insert = """
        insert into dm_offline_queue (message_id, recipient_id, conversation_id, bytes, queued_at, visible_at)
        values (@id, @recipient, @conversation, @bytes, @at, @visible)
        """;

    private const string CountEntries = "select count(*), coalesce(sum(bytes), 0) from dm_offline_queue where recipient_id = @recipient";

    private const string DeletePassed = $"""
        delete from dm_offline_queue where recipient_id = @recipient and message_id in (
            select q.message_id from dm_offline_queue q join messages x on x.id = q.message_id
            join conversation_members m on m.conversation_id = q.conversation_id and m.user_id = q.recipient_id
            where q.recipient_id = @recipient and {Passed})
        """;

    /// <summary>The oldest first. Call again until it is empty, acknowledging in between.</summary>
    /// <param name="mostBytes">Of payloads; the first one comes whatever its size.</param>
    public Task<Result<IReadOnlyList<Message>>> Waiting(Caller caller, int mostBytes = MostBytesAtOnce, CancellationToken ct = default) =>
        caller.PublicKey.Length == 0
            ? Task.FromResult<Result<IReadOnlyList<Message>>>(Fault.NoIdentityKey)
            : database.Snapshot<Result<IReadOnlyList<Message>>>(async sql =>
            {
                Guid[] ids = [.. await sql.All(SelectWaiting, row => row.Uuid(0), ("me", caller.UserId), ("now", Now), ("most", (long)mostBytes))];
                var messages = (await MessageRows.ByIds(sql, ids, caller.UserId)).ToDictionary(message => message.Id);
                return (Message[])[.. ids.Select(id => messages[id])];
            }, ct);

    /// <returns>How many of them waited for the caller.</returns>
    public async Task<Result<int>> Acknowledge(Caller caller, IReadOnlyList<Guid> messageIds, CancellationToken ct = default)
    {
        if (caller.PublicKey.Length == 0) return Fault.NoIdentityKey;
        if (messageIds.Count > MostAcknowledged) return Refusal.Invalid("message_ids", $"at most {MostAcknowledged}");
        if (messageIds.Count == 0) return 0;
        return await database.Write(sql => sql.Execute("delete from dm_offline_queue where recipient_id = @me and message_id = any(@ids)",
            ("me", caller.UserId), ("ids", messageIds.ToArray())), ct);
    }

    /// <summary>Nobody's connection is known to this node any more: whatever was thought to be on its way shows at once.</summary>
    public Task Reset(CancellationToken ct = default) => database.Write(sql => sql.Execute(
        "update dm_offline_queue set visible_at = 0 where visible_at > 0"), ct);

    /// <summary>The last connection of somebody ended, perhaps with messages unsent.</summary>
    internal Task Show(Guid recipientId) => database.Write(sql => sql.Execute(
        "update dm_offline_queue set visible_at = 0 where recipient_id = @recipient and visible_at > 0", ("recipient", recipientId)));

    /// <summary>A connection of their recipient took them.</summary>
    internal Task Take(Guid recipientId, Guid[] messageIds) => database.Write(sql => sql.Execute(
        "delete from dm_offline_queue where recipient_id = @recipient and message_id = any(@ids)", ("recipient", recipientId), ("ids", messageIds)));

    /// <param name="onLine">The recipient seems to be there.</param>
    internal static long VisibleAt(bool onLine, long now) => onLine ? now + (long)Doubt.TotalMilliseconds : 0;

    internal static Task<int> Add(Sql sql, Message message, SealedBody body, long visibleAt) => sql.Execute(Insert,
        ("id", message.Id), ("recipient", body.RecipientId), ("conversation", message.ConversationId), ("bytes", body.Payload.Length),
        ("at", message.Timestamp), ("visible", visibleAt));

    /// <summary>Whether the payload of the message of this number would be too much. What has been seen meanwhile does not count.</summary>
    internal static async Task<bool> IsFull(Sql sql, Guid recipientId, long sequence, int bytes)
    {
        if (sequence % CountedEach != 0 || !await Exceeds(sql, recipientId, bytes)) return false;
        return await sql.Execute(DeletePassed, ("recipient", recipientId)) == 0 || await Exceeds(sql, recipientId, bytes);
    }

    private static async Task<bool> Exceeds(Sql sql, Guid recipientId, int bytes)
    {
        var (entries, sum) = await sql.One(CountEntries, row => (row.Int64(0), row.Int64(1)), ("recipient", recipientId));
        return entries >= MostEntries || sum + bytes > MostBytes;
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}
