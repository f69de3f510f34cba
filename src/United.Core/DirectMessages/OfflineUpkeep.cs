using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// Gives up what has waited for more than 30 days, and counts it: the recipient is told how many, until a watermark of theirs has passed
/// them. A wrong clock makes nothing go early: while the time is not certain (<see cref="SureClock"/>) nothing is given up, and if the clock
/// was set forward, what waits is moved along with it. For that it becomes entries, since messages keep their times. If the clock was set
/// back, it waits longer.
/// </summary>
public sealed class OfflineUpkeep(Database database, TimeProvider time)
{
    // Any number, the same in every version.
    private const long StepLock = 0x756E69746567;
    private const int MostRows = 10_000;
    private const int MostMembers = 100;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private const string DeleteOld = """
        delete from dm_offline_queue where (recipient_id, message_id) in (
            select recipient_id, message_id from dm_offline_queue where queued_at < @before limit @most)
        returning conversation_id, recipient_id, (select x.server_sequence from messages x where x.id = message_id)
        """;

    private const string Note = """
        insert into dm_offline_expired (conversation_id, recipient_id, count, last_sequence) values (@conversation, @recipient, @count, @last)
        on conflict (conversation_id, recipient_id) do update set count = dm_offline_expired.count + excluded.count,
            last_sequence = greatest(dm_offline_expired.last_sequence, excluded.last_sequence)
        """;

    private const string Forget = $"""
        delete from dm_offline_expired where exists (
            select 1 from conversation_members m where m.conversation_id = dm_offline_expired.conversation_id and m.user_id = dm_offline_expired.recipient_id
                and dm_offline_expired.last_sequence <= {TakenMarks.Reached})
        """;

    private const string DeletePassed = $"""
        delete from dm_offline_queue where (recipient_id, message_id) in (
            select q.recipient_id, q.message_id from dm_offline_queue q join messages x on x.id = q.message_id
            join conversation_members m on m.conversation_id = q.conversation_id and m.user_id = q.recipient_id
            where x.server_sequence <= {TakenMarks.Delivered} or x.deleted limit @most)
        """;

    private readonly SureClock _clock = new(time);

    public async Task Run(CancellationToken ct = default)
    {
        while (await database.Write(sql => sql.Execute(DeletePassed, ("most", MostRows)), ct) == MostRows)
        {
        }
        await database.Write(sql => sql.Execute(Forget), ct);
        if (_clock.Read() is not { } reading) return;
        if (reading.Jump > TimeSpan.Zero) await Move((long)reading.Jump.TotalMilliseconds, ct);
        if (reading.Jump == TimeSpan.Zero) await Expire((reading.Now - Kept).ToUnixTimeMilliseconds(), ct);
    }

    // Whoever passes over messages meanwhile holds the lock of the mark, or finds nothing left to pass over. So once all marks are settled,
    // everything that came before the jump has its entry.
    private async Task Move(long by, CancellationToken ct)
    {
        await Settle(long.MaxValue, ct);
        await database.Write(sql => sql.Execute("update dm_offline_queue set queued_at = queued_at + @by", ("by", by)), ct);
    }

    private async Task Expire(long before, CancellationToken ct)
    {
        await Settle(before, ct);
        while (await database.Write(sql => Step(sql, before), ct))
        {
        }
    }

    private async Task Settle(long before, CancellationToken ct)
    {
        while (await database.Write(sql => TakenMarks.Settle(sql, before, MostMembers), ct))
        {
        }
    }

    /// <returns>Whether there may be more.</returns>
    private static async Task<bool> Step(Sql sql, long before)
    {
        if (!await sql.TryLock(StepLock)) return false;
        var expired = await sql.All(DeleteOld, row => (Of: (Conversation: row.Uuid(0), Recipient: row.Uuid(1)), Sequence: row.IsNull(2) ? 0 : row.Int64(2)),
            ("before", before), ("most", MostRows));
        foreach (var lost in expired.GroupBy(row => row.Of, row => row.Sequence).OrderBy(lost => lost.Key))
            await sql.Execute(Note, ("conversation", lost.Key.Conversation), ("recipient", lost.Key.Recipient), ("count", lost.Count()), ("last", lost.Max()));
        return expired.Count == MostRows;
    }
}
