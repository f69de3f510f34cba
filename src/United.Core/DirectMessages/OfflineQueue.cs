using System.Globalization;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// What came while none of somebody's devices was connected: the messages past their marks in the log (<see cref="TakenMarks"/>), and those
/// with an entry, without what is on its way to a connection (<see cref="LiveDeliveries"/>). It follows from the log, so a crash can't lose
/// it. A connection that was wrongly thought to be alive makes a message come twice at worst, which its id tells. When the queue is full,
/// senders are refused: nothing is dropped unseen.
/// </summary>
public sealed class OfflineQueue(Database database, LiveDeliveries live)
{
    public const int MostAtOnce = 500;
    public const int MostBytesAtOnce = 8 << 20;
    public const int MostEntries = 10_000;
    public const int MostBytes = 200_000_000;
    public const int MostAcknowledged = 1_000;

    /// <summary>
    /// Counting what waits takes the longer the more there is, so it is done only once in so many messages of a conversation. Each may exceed
    /// the bounds by as many.
    /// </summary>
    public const int CountedEach = 64;

    /// <summary>
    /// Whether more may wait for i.recipient_id than there is room for, at the message i of the conversation c: no payloads are looked at.
    /// </summary>
    internal static readonly string MayBeFull = string.Create(CultureInfo.InvariantCulture, $"""
        (c.last_sequence + i.nth) % {CountedEach} = 0 and {MostBytes / DmMessages.MostPayload} <= (
                    select count(*) from dm_offline_queue q where q.recipient_id = i.recipient_id) + (
                    select coalesce(sum(greatest(k.last_sequence - {TakenMarks.Mark}, 0)), 0) + i.nth
                    from conversation_members m join conversations k on k.id = m.conversation_id and k.kind = 4 where m.user_id = i.recipient_id)
        """);

    private const string SelectWaiting = $"""
        select id from (
            select w.id, row_number() over places as nth, sum(w.bytes) over places as total
            from (
                select x.id, x.timestamp, x.conversation_id, x.server_sequence, q.bytes
                from dm_offline_queue q join messages x on x.id = q.message_id and not x.deleted
                join conversation_members m on m.conversation_id = q.conversation_id and m.user_id = q.recipient_id
                where q.recipient_id = @me and x.server_sequence > {TakenMarks.Delivered} and not (x.id = any(@live))
                union all
                select x.id, x.timestamp, x.conversation_id, x.server_sequence, length(x.payload)
                from conversation_members m join conversations c on c.id = m.conversation_id and c.kind = 4 and c.last_sequence > {TakenMarks.Mark}
                join messages x on {TakenMarks.Past}
                where m.user_id = @me and not (x.id = any(@live))
                order by 2, 3, 4 limit @count) w
            window places as (order by w.timestamp, w.conversation_id, w.server_sequence rows unbounded preceding)) waiting
        where nth = 1 or total <= @most order by nth
        """;

    private const string CountWaiting = $"""
        select count(*), coalesce(sum(bytes), 0) from (
            select q.bytes from dm_offline_queue q where q.recipient_id = @recipient
            union all
            select length(x.payload)
            from conversation_members m join conversations c on c.id = m.conversation_id and c.kind = 4 and c.last_sequence > {TakenMarks.Mark}
            join messages x on {TakenMarks.Past}
            where m.user_id = @recipient) waiting
        """;

    private const string DeletePassed = $"""
        delete from dm_offline_queue where recipient_id = @recipient and message_id in (
            select q.message_id from dm_offline_queue q join messages x on x.id = q.message_id
            join conversation_members m on m.conversation_id = q.conversation_id and m.user_id = q.recipient_id
            where q.recipient_id = @recipient and x.server_sequence <= {TakenMarks.Delivered})
        """;

    /// <summary>The oldest first. Call again until it is empty, acknowledging in between.</summary>
    /// <param name="mostBytes">Of payloads; the first one comes whatever its size.</param>
    public Task<Result<IReadOnlyList<Message>>> Waiting(Caller caller, int mostBytes = MostBytesAtOnce, CancellationToken ct = default) =>
        caller.PublicKey.Length == 0
            ? Task.FromResult<Result<IReadOnlyList<Message>>>(Fault.NoIdentityKey)
            : database.Snapshot<Result<IReadOnlyList<Message>>>(async sql =>
            {
                Guid[] ids = [.. await sql.All(SelectWaiting, row => row.Uuid(0),
                    ("me", caller.UserId), ("live", live.OnTheirWayTo(caller.UserId)), ("count", MostAtOnce), ("most", (long)mostBytes))];
                var messages = (await MessageRows.ByIds(sql, ids, caller.UserId)).ToDictionary(message => message.Id);
                return (Message[])[.. ids.Select(id => messages[id])];
            }, ct);

    /// <returns>How many of them waited for the caller.</returns>
    public async Task<Result<int>> Acknowledge(Caller caller, IReadOnlyList<Guid> messageIds, CancellationToken ct = default)
    {
        if (caller.PublicKey.Length == 0) return Fault.NoIdentityKey;
        if (messageIds.Count > MostAcknowledged) return Refusal.Invalid("message_ids", $"at most {MostAcknowledged}");
        if (messageIds.Count == 0) return 0;
        return await database.Write(sql => TakenMarks.Take(sql, caller.UserId, [.. messageIds]), ct);
    }

    /// <summary>Takes what connections to this node have outlived. Not for two at a time.</summary>
    internal async Task TakeOutlived()
    {
        while (live.Outlived() is { Count: > 0 } outlived)
        {
            foreach (var some in outlived)
            {
                if (some.Taken.Length > 0) await database.Write(sql => TakenMarks.Take(sql, some.Present.UserId, some.Taken));
                live.Pass(some);
            }
        }
    }

    /// <summary>Whether there is no room for the payload of the message with this number. Entries that were seen in the meantime are removed first.</summary>
    internal static async Task<bool> IsFull(Sql sql, Guid recipientId, long sequence, int bytes)
    {
        if (sequence % CountedEach != 0 || !await Exceeds(sql, recipientId, bytes)) return false;
        return await sql.Execute(DeletePassed, ("recipient", recipientId)) == 0 || await Exceeds(sql, recipientId, bytes);
    }

    private static async Task<bool> Exceeds(Sql sql, Guid recipientId, int bytes)
    {
        var (entries, sum) = await sql.One(CountWaiting, row => (row.Int64(0), row.Int64(1)), ("recipient", recipientId));
        return entries >= MostEntries || sum + bytes > MostBytes;
    }
}
